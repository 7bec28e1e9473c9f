//! CIFAR-10 in its binary layout: records of a label (0 to 9) and three 32x32 planes, unpacked or as the `.tar.gz`.

use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use tar::EntryType;

use super::dataset::{Parts, Split};
use super::error::DataError;
use super::images::ImageShape;
use super::records;
use super::source::{Files, MemorySource};
use super::unpacking::Bounded;

const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
const TEST: &str = "test_batch.bin";
const ARCHIVE: &str = "cifar-10-binary.tar.gz";
const PUBLISHED_PER_BATCH: usize = 10_000;
const SHAPE: ImageShape = ImageShape { channels: 3, size: 32 };
/// Bytes of a published batch.
const BATCH_BYTES: u64 = (PUBLISHED_PER_BATCH * (1 + SHAPE.bytes())) as u64;
/// What the archive may unpack to: six batches, and room for a page, the names of the classes, and tar's headers.
const ARCHIVE_BYTES: u64 = 6 * BATCH_BYTES + (16 << 20);
const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Loads the batches, or the archive if there are no batches.
pub(super) fn load(files: &Files) -> Result<Parts, DataError> {
    if files.find(&TRAIN).is_some() {
        return load_batches(files);
    }
    let archive = files.require(&[TRAIN[0], ARCHIVE])?;
    let unpacked = unpack(archive, &files.read(archive)?)?;
    load_batches(&Files::open(&unpacked, &format!("{archive}/{}", files.folder))?)
}

fn load_batches(files: &Files) -> Result<Parts, DataError> {
    files.require(&TRAIN)?;
    let mut notes = Vec::new();
    let mut train = Split::empty(SHAPE);
    for name in TRAIN {
        match files.find(&[name]) {
            Some(path) => train.append(batch(files, path, &mut notes)?),
            None => notes.push(format!("{name} is missing")),
        }
    }
    let test = files.find(&[TEST]).map(|path| batch(files, path, &mut notes)).transpose()?;
    Ok(Parts { class_names: CLASSES.map(String::from).to_vec(), train, test, notes })
}

fn batch(files: &Files, path: &str, notes: &mut Vec<String>) -> Result<Split, DataError> {
    let split = parse(path, &files.read(path)?)?;
    notes.extend(records::count_note(path, split.len(), PUBLISHED_PER_BATCH));
    Ok(split)
}

fn parse(file: &str, bytes: &[u8]) -> Result<Split, DataError> {
    let record = 1 + SHAPE.bytes();
    records::count(file, bytes, record).map_err(|error| two_labels(file, bytes).unwrap_or(error))?;
    let mut split = Split::empty(SHAPE);
    split.images.pixels.reserve_exact(bytes.len());
    for (index, record) in bytes.chunks_exact(record).enumerate() {
        split.labels.push(Some(records::label(file, index, f64::from(record[0]), 0..=9)?.into()));
        split.images.pixels.extend(&record[1..]);
    }
    Ok(split)
}

/// The error for a file that seems to be CIFAR-100, whose records have two labels.
fn two_labels(file: &str, bytes: &[u8]) -> Option<DataError> {
    let (one, two) = (1 + SHAPE.bytes(), 2 + SHAPE.bytes());
    records::count(file, bytes, two).ok()?;
    let found = format!("{} bytes (a multiple of {two}: perhaps CIFAR-100)", bytes.len());
    Some(DataError::content(file, format!("a multiple of {one} bytes"), found))
}

/// The files of the archive. Their paths begin with its name, so that an error about a file names both. Files that are no
/// batches keep only their names.
fn unpack(archive: &str, bytes: &[u8]) -> Result<MemorySource, DataError> {
    let broken = |error: io::Error| {
        DataError::content(
            archive,
            "a whole gzip-compressed tar archive",
            format!("{}: {error}", records::describe(bytes)),
        )
    };
    let mut archive_reader = tar::Archive::new(Bounded::new(GzDecoder::new(bytes), ARCHIVE_BYTES));
    let mut files = BTreeMap::new();
    for entry in archive_reader.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        // A sparse file could unpack to any size that its header claims.
        if entry.header().entry_type() == EntryType::Regular {
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let path = format!("{archive}/{}", path.trim_start_matches("./"));
            let mut content = Vec::new();
            if is_batch(&path) {
                check_size(&path, entry.size())?;
                entry.read_to_end(&mut content).map_err(broken)?;
            }
            files.insert(path, content);
        }
    }
    // Reads on to the gzip checksum, which follows the tar archive.
    io::copy(&mut archive_reader.into_inner(), &mut io::sink()).map_err(broken)?;
    Ok(MemorySource(files))
}

/// Refuses a batch that is larger than the publisher's, before it is unpacked.
fn check_size(path: &str, bytes: u64) -> Result<(), DataError> {
    if bytes <= BATCH_BYTES {
        return Ok(());
    }
    Err(DataError::content(path, format!("at most {BATCH_BYTES} bytes"), bytes.to_string()))
}

fn is_batch(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == TEST || TRAIN.contains(&name)
}
