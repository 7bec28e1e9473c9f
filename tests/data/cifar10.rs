//! CIFAR-10: batches and the archive.

use std::io::Read;

use flate2::read::GzDecoder;

use super::*;

fn batch(images: std::ops::Range<usize>) -> Vec<u8> {
    images.flat_map(|image| [vec![(image % 10) as u8], pattern_image(image, 3, 32)].concat()).collect()
}

#[test]
fn batches_are_joined_in_order() {
    let files =
        [("data_batch_1.bin", batch(0..3)), ("data_batch_2.bin", batch(3..14)), ("test_batch.bin", batch(20..22))];
    let set = read(FileSet::Cifar10, &files).unwrap();
    assert_eq!((set.name.as_str(), set.train.len(), set.test.len()), ("cifar10", 14, 2));
    assert_eq!(set.train.images.count(), 14);
    for image in 0..14 {
        assert_eq!(set.train.images.image(image), pattern_image(image, 3, 32));
        assert_eq!(set.train.labels[image], Some((image % 10) as u16));
    }
    assert_eq!(set.class_names[9], "truck");
    assert!(set.notes.contains(&"data_batch_1.bin has 3 images; the publisher's has 10000".to_owned()));
    assert!(set.notes.contains(&"data_batch_5.bin is missing".to_owned()));
}

#[test]
fn without_a_test_batch_a_tenth_is_held_out() {
    let files = [("cifar-10-batches-bin/data_batch_1.bin", batch(0..200))];
    let set = read(FileSet::Cifar10, &files).unwrap();
    assert_eq!((set.train.len(), set.test.len()), (180, 20));
    for class in 0..10 {
        assert_eq!(set.test.labels.iter().filter(|&&label| label == Some(class)).count(), 2);
    }
    assert!(set.notes.last().unwrap().contains("20 of 200 images are held out (seed 0)"));
}

fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    gzip(&builder.into_inner().unwrap())
}

const ARCHIVE: &str = "cifar-10-binary.tar.gz";

#[test]
fn the_archive_gives_the_same_data_as_its_files() {
    let names = ["cifar-10-batches-bin/data_batch_1.bin", "cifar-10-batches-bin/test_batch.bin"];
    let files = [(names[0], batch(0..5)), (names[1], batch(5..7))];
    let packed = read(FileSet::Cifar10, &[(ARCHIVE, archive(&files))]).unwrap();
    let unpacked = read(FileSet::Cifar10, &files).unwrap();
    assert_eq!((packed.train, packed.test), (unpacked.train, unpacked.test));
}

#[test]
fn a_broken_archive_is_named() {
    let whole = archive(&[("cifar-10-batches-bin/data_batch_1.bin", batch(0..5))]);
    for length in [20, whole.len() / 2, whole.len() - 1] {
        let cut = message(FileSet::Cifar10, &[(ARCHIVE, whole[..length].to_vec())]);
        assert_reports(&cut, &[ARCHIVE, "whole gzip-compressed tar"]);
    }
    let mut wrong_checksum = whole.clone();
    wrong_checksum[whole.len() - 8] ^= 1;
    assert_reports(&message(FileSet::Cifar10, &[(ARCHIVE, wrong_checksum)]), &[ARCHIVE, "checksum"]);
    let page = b"<!DOCTYPE html><html>not found</html>".to_vec();
    assert_reports(&message(FileSet::Cifar10, &[(ARCHIVE, page)]), &[ARCHIVE, "37 bytes (an HTML page)"]);
    let inner = archive(&[("cifar-10-batches-bin/data_batch_1.bin", vec![0; 10])]);
    let inner = message(FileSet::Cifar10, &[(ARCHIVE, inner)]);
    assert_reports(&inner, &["cifar-10-binary.tar.gz/cifar-10-batches-bin/data_batch_1.bin", "found 10 bytes"]);
    let other = message(FileSet::Cifar10, &[(ARCHIVE, archive(&[("other/readme", vec![1])]))]);
    assert_reports(&other, &["data_batch_1.bin", "found cifar-10-binary.tar.gz/other/readme"]);
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    let name = "cifar-10-batches-bin/data_batch_1.bin";
    let large = message(FileSet::Cifar10, &[(ARCHIVE, archive(&[(name, vec![0; 30_730_001])]))]);
    assert_reports(&large, &[ARCHIVE, name, "expected at most 30730000 bytes", "found 30730001"]);
    // Zeros after the end of the archive, and a member that is not read.
    let whole = archive(&[(name, batch(0..5))]);
    let after = gzip(&[unpacked(&whole), vec![0; 210_000_000]].concat());
    let unread = archive(&[("readme.html", vec![0; 210_000_000])]);
    for bytes in [after, unread] {
        let message = message(FileSet::Cifar10, &[(ARCHIVE, bytes)]);
        assert_reports(&message, &[ARCHIVE, "unpacks to more than 201157216 bytes"]);
    }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut unpacked).unwrap();
    unpacked
}

#[test]
fn wrong_sizes_are_reported_with_the_expected_ones() {
    let bad = |bytes: Vec<u8>| message(FileSet::Cifar10, &[("data_batch_1.bin", bytes)]);
    for bytes in [vec![], vec![0; 3072], vec![0; 3074 + 3073], vec![0; 1]] {
        let found = format!("data_batch_1.bin: expected a multiple of 3073 bytes, found {} bytes", bytes.len());
        assert_reports(&bad(bytes), &[&found]);
    }
    assert_reports(&bad(vec![0; 3 * 3074]), &["expected a multiple of 3073 bytes", "found 9222 bytes", "CIFAR-100"]);
    assert_reports(&bad(gzip(&batch(0..1))), &["gzip data"]);
}

#[test]
fn the_first_bad_training_file_is_named_before_a_bad_test_file() {
    let mut wrong_label = batch(0..4);
    wrong_label[2 * 3073] = 10;
    let files = [
        ("data_batch_1.bin", batch(0..1)),
        ("data_batch_2.bin", wrong_label),
        ("data_batch_3.bin", vec![1]),
        ("test_batch.bin", vec![1]),
    ];
    let expected = DataError::Label { file: "data_batch_2.bin".to_owned(), record: 2, value: 10.0, low: 0, high: 9 };
    assert_eq!(read(FileSet::Cifar10, &files), Err(expected.clone()));
    assert_reports(&expected.to_string(), &["data_batch_2.bin: record 2", "label 10", "0 to 9"]);
}

#[test]
fn the_error_for_missing_batches_says_what_was_looked_for() {
    let text = message(FileSet::Cifar10, &[("train.bin", vec![]), ("test_batch.bin", batch(0..1))]);
    assert_reports(&text, &["data_batch_1.bin", "cifar-10-binary.tar.gz", "found test_batch.bin, train.bin"]);
    assert_reports(&message(FileSet::Cifar10, &[]), &["found no files"]);
}
