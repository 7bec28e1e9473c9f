//! Loads the publishers' files, if `SLGAN_DATA` names the folder that has them; otherwise the tests say that they skip.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;
use slgan::data::{DataError, Dataset, FileSet, Listed, LoadOptions, MemorySource, Source, load};

/// The files of one folder, read on demand.
struct Folder(PathBuf);

impl Source for Folder {
    fn list(&self) -> Result<Vec<Listed>, DataError> {
        let entries = self.0.read_dir().expect("the caller has seen the folder");
        Ok(entries.map(|entry| Listed::file(entry.unwrap().file_name().into_string().unwrap())).collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        Ok(std::fs::read(self.0.join(name)).unwrap())
    }
}

/// The folder of a set. If it is missing, the test says that it skips.
fn folder(set: FileSet) -> Option<PathBuf> {
    let root = std::env::var_os("SLGAN_DATA");
    let path = root.map(|root| Path::new(&root).join(set.publisher_folder().unwrap())).filter(|path| path.is_dir());
    if path.is_none() {
        skip(&format!("no {} in SLGAN_DATA", set.name()));
    }
    path
}

fn open(set: FileSet) -> Option<Dataset> {
    Some(load(set, &Folder(folder(set)?), &LoadOptions::default()).unwrap())
}

fn class_counts(dataset: &Dataset) -> Vec<usize> {
    let count = |class| dataset.train.labels.iter().filter(|&&label| label == Some(class as u16)).count();
    (0..dataset.class_names.len()).map(count).collect()
}

#[test]
fn cifar10_is_whole_and_balanced() {
    let Some(set) = open(FileSet::Cifar10) else { return };
    assert_eq!((set.train.len(), set.test.len(), set.notes.len()), (50_000, 10_000, 0));
    assert_eq!(class_counts(&set), [5_000; 10]);
    // The literature normalises with these means per channel.
    for (channel, mean) in [0.4914, 0.4822, 0.4465].into_iter().enumerate() {
        let planes = set.train.images.pixels.chunks_exact(1024).skip(channel).step_by(3);
        let sum: u64 = planes.flatten().map(|&pixel| u64::from(pixel)).sum();
        assert!((sum as f64 / 255.0 / 1024.0 / 50_000.0 - mean).abs() < 1e-4, "channel {channel}");
    }
}

#[test]
fn fashion_mnist_is_whole_and_balanced() {
    let Some(set) = open(FileSet::FashionMnist) else { return };
    assert_eq!((set.train.len(), set.test.len(), set.notes.len()), (60_000, 10_000, 0));
    assert_eq!(class_counts(&set), [6_000; 10]);
    let sum: u64 = set.train.images.pixels.iter().map(|&pixel| u64::from(pixel)).sum();
    assert!((sum as f64 / 255.0 / 784.0 / 60_000.0 - 0.2860).abs() < 1e-4);
}

#[test]
fn stl10_has_every_class_and_notes_its_counts() {
    let Some(set) = open(FileSet::Stl10) else { return };
    assert!(class_counts(&set).iter().all(|&count| count > 0), "{:?}", class_counts(&set));
    assert_eq!(set.train.images.shape.bytes() * set.train.len(), set.train.images.pixels.len());
    assert_eq!(set.train.len() == 105_000 && set.test.len() == 8_000, set.notes.is_empty(), "{:?}", set.notes);
}

/// The publisher's file, truncated, and its whole images, decoded by other means.
fn svhn() -> Option<(Vec<u8>, Vec<u8>)> {
    let folder = folder(FileSet::Svhn)?;
    let read = |name: &str| std::fs::read(folder.join(name)).ok();
    let files = read("train_32x32.truncated.mat").zip(read("svhn_train_first1083_chw.bin"));
    if files.is_none() {
        skip("no truncated SVHN file");
    }
    files
}

/// Loads a file as both splits, so that nothing is held out.
fn load_svhn(bytes: &[u8]) -> Result<Dataset, DataError> {
    let names = ["train_32x32.mat", "test_32x32.mat"];
    let source = MemorySource(names.map(|name| (name.to_owned(), bytes.to_vec())).into());
    load(FileSet::Svhn, &source, &LoadOptions::default())
}

#[test]
fn the_error_for_the_truncated_svhn_file_says_where_it_ends() {
    let Some((truncated, _)) = svhn() else { return };
    let expected = "train_32x32.mat: expected 182004347 bytes of variable `X` after its tag at byte 128, \
                    found the end of the file after 2686840 bytes";
    assert_eq!(load_svhn(&truncated).expect_err("it is cut short").to_string(), expected);
}

#[test]
fn the_truncated_svhn_file_decodes_to_the_known_images() {
    const COUNT: u32 = 1_083;
    let Some((truncated, known)) = svhn() else { return };
    let size = COUNT * 3_072;
    let mut x = Vec::new();
    ZlibDecoder::new(&truncated[136..]).take(64 + u64::from(size)).read_to_end(&mut x).unwrap();
    // Makes the sizes of the variable, of its last dimension and of its data fit the images that are whole.
    for (place, value) in [(4, 56 + size), (44, COUNT), (60, size)] {
        x[place..place + 4].copy_from_slice(&value.to_le_bytes());
    }
    // A `y` of ones, stored as bytes, padded to a multiple of 8.
    let padded = COUNT.next_multiple_of(8);
    let head = [14, 48 + padded, 6, 8, 9, 0, 5, 8, COUNT, 1, 0x1_0001, u32::from(b'y'), 2, COUNT];
    let mut y: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    y.resize(56 + padded as usize, 1);
    let dataset = load_svhn(&[&truncated[..128], &x, &y].concat()).unwrap();
    assert!(dataset.train.images.pixels == known, "the decoded images differ");
}

/// Reports that a test is skipped. The harness hides what a passing test prints with `eprintln!`, but not this.
fn skip(why: &str) {
    assert!(std::env::var_os("SLGAN_REQUIRE_DATA").is_none(), "real data are required: {why}");
    std::io::stderr().write_all(format!("skipped: {why}\n").as_bytes()).unwrap();
}
