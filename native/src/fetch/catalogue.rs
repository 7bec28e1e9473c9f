//! The data sets that can be fetched, with their URLs, sizes and checksums.
//!
//! Sizes and SHA-256 sums are those of the publishers' files, which have not changed since publication; they agree with
//! the tables of TensorFlow Datasets. Only the sums guarantee the content: several publishers serve plain HTTP, and
//! anyone may run a mirror.

use anyhow::{Context, Result};
use slgan::data::FileSet;

/// A data set and its published files.
#[derive(Debug, Clone, Copy)]
pub struct DataSet {
    /// The data set; the library's catalogue has its name and folder.
    pub set: FileSet,
    /// The publisher's URL, without `/` and the name of a file.
    pub publisher: &'static str,
    /// The files to download.
    pub files: &'static [RemoteFile],
}

impl DataSet {
    /// Its folder below `$SLGAN_DATA`.
    pub fn folder(&self) -> &'static str {
        self.set.publisher_folder().expect("only published sets can be fetched")
    }
}

/// A published file.
#[derive(Debug, Clone, Copy)]
pub struct RemoteFile {
    /// Its name in the URL and in the folder.
    pub name: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 sum, 64 lower-case hexadecimal digits.
    pub sha256: &'static str,
    /// The files to unpack, if the file is a `.tar.gz`; else empty.
    pub members: &'static [Member],
}

/// A file in a published `.tar.gz`.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name, without folders.
    pub name: &'static str,
    /// The most bytes that it may have.
    pub most_bytes: u64,
}

/// Bytes of a batch of CIFAR-10: 10,000 labels and images.
const CIFAR_BATCH: u64 = 10_000 * (1 + 3 * 32 * 32);
/// Bytes of an image of STL-10.
const STL_IMAGE: u64 = 3 * 96 * 96;
/// Room for the names of ten classes.
const TEXT: u64 = 4096;

/// Every data set that can be fetched.
pub const DATA_SETS: [DataSet; 5] = [
    DataSet {
        set: FileSet::Cifar10,
        publisher: "https://www.cs.toronto.edu/~kriz",
        files: &[RemoteFile {
            name: "cifar-10-binary.tar.gz",
            bytes: 170_052_171,
            sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            members: &[
                member("batches.meta.txt", TEXT),
                member("data_batch_1.bin", CIFAR_BATCH),
                member("data_batch_2.bin", CIFAR_BATCH),
                member("data_batch_3.bin", CIFAR_BATCH),
                member("data_batch_4.bin", CIFAR_BATCH),
                member("data_batch_5.bin", CIFAR_BATCH),
                member("test_batch.bin", CIFAR_BATCH),
            ],
        }],
    },
    DataSet {
        set: FileSet::Stl10,
        publisher: "http://ai.stanford.edu/~acoates/stl10",
        files: &[RemoteFile {
            name: "stl10_binary.tar.gz",
            bytes: 2_640_397_119,
            sha256: "f31fd99273a1acb8609c8db427cebb1de3f71de77758cdc0e22956e1289b9866",
            members: &[
                member("class_names.txt", TEXT),
                member("train_X.bin", 5_000 * STL_IMAGE),
                member("train_y.bin", 5_000),
                member("test_X.bin", 8_000 * STL_IMAGE),
                member("test_y.bin", 8_000),
                member("unlabeled_X.bin", 100_000 * STL_IMAGE),
            ],
        }],
    },
    DataSet {
        set: FileSet::Svhn,
        publisher: "http://ufldl.stanford.edu/housenumbers",
        files: &[
            file("train_32x32.mat", 182_040_794, "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
            file("test_32x32.mat", 64_275_384, "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"),
        ],
    },
    DataSet {
        set: FileSet::Mnist,
        // The original host refuses downloads; this is PyTorch's mirror.
        publisher: "https://ossci-datasets.s3.amazonaws.com/mnist",
        files: &[
            file(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            file(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            file(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            file(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ],
    },
    DataSet {
        set: FileSet::FashionMnist,
        publisher: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        files: &[
            file(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            file(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            file(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            file(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ],
    },
];

/// The data set called `name` on the command line, or an error that lists the available ones.
pub fn find(name: &str) -> Result<&'static DataSet> {
    DATA_SETS
        .iter()
        .find(|data| data.set.name() == name)
        .with_context(|| format!("no data set {name} to fetch; available: {}", names().join(", ")))
}

/// The names of the data sets that can be fetched.
pub fn names() -> [&'static str; DATA_SETS.len()] {
    DATA_SETS.map(|data| data.set.name())
}

const fn file(name: &'static str, bytes: u64, sha256: &'static str) -> RemoteFile {
    RemoteFile { name, bytes, sha256, members: &[] }
}

const fn member(name: &'static str, most_bytes: u64) -> Member {
    Member { name, most_bytes }
}
