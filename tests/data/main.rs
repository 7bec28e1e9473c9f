//! The parsers of `data` on small files made here, good and bad.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod cifar10;
mod folder;
mod idx;
mod layouts;
mod pictures;
mod stl10;
mod stylegan;
mod svhn;
mod torch;
mod zips;

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use slgan::data::{DataError, Dataset, FileSet, Listed, LoadOptions, MemorySource, Source, load};

fn source(files: &[(&str, Vec<u8>)]) -> MemorySource {
    MemorySource(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect())
}

fn read(set: FileSet, files: &[(&str, Vec<u8>)]) -> Result<Dataset, DataError> {
    load(set, &source(files), &LoadOptions::default())
}

fn message(set: FileSet, files: &[(&str, Vec<u8>)]) -> String {
    read(set, files).expect_err("the files are bad").to_string()
}

/// Fails unless the message contains every part.
#[track_caller]
fn assert_reports(message: &str, parts: &[&str]) {
    assert!(parts.iter().all(|part| message.contains(part)), "{message:?} lacks one of {parts:?}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

/// A byte pattern whose neighbouring pixels, rows, planes and images differ.
fn pattern(image: usize, channel: usize, row: usize, column: usize) -> u8 {
    ((7 * row + 13 * column + row * column + 31 * channel + 57 * image) % 251) as u8
}

fn pattern_image(image: usize, channels: usize, size: usize) -> Vec<u8> {
    let planes = (0..channels).flat_map(|channel| (0..size).map(move |row| (channel, row)));
    planes.flat_map(|(channel, row)| (0..size).map(move |column| pattern(image, channel, row, column))).collect()
}

#[test]
fn an_unreadable_file_keeps_the_systems_message() {
    struct Locked;
    impl Source for Locked {
        fn list(&self) -> Result<Vec<Listed>, DataError> {
            Ok(vec![Listed::file("train_32x32.mat")])
        }
        fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
            Err(DataError::Read { file: name.to_owned(), message: "permission denied".to_owned() })
        }
    }
    let error = load(FileSet::Svhn, &Locked, &LoadOptions::default()).expect_err("it cannot be read");
    assert_eq!(error.to_string(), "train_32x32.mat: permission denied");
}
