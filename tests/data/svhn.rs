//! SVHN: the same arrays in three encodings of MATLAB files.

use flate2::write::ZlibEncoder;

use super::*;

const COMPRESSED: &[u8] = include_bytes!("../fixtures/svhn_compressed.mat");
const PLAIN: &[u8] = include_bytes!("../fixtures/svhn_plain.mat");
const BIG_ENDIAN: &[u8] = include_bytes!("../fixtures/svhn_big_endian.mat");

fn train(bytes: &[u8]) -> [(&str, Vec<u8>); 1] {
    [("train_32x32.mat", bytes.to_vec())]
}

#[test]
fn every_encoding_gives_the_same_images_and_labels() {
    for bytes in [COMPRESSED, PLAIN, BIG_ENDIAN] {
        let files = [("train_32x32.mat", bytes.to_vec()), ("test_32x32.mat", PLAIN.to_vec())];
        let set = read(FileSet::Svhn, &files).unwrap();
        for image in 0..3 {
            assert_eq!(set.train.images.image(image), pattern_image(image, 3, 32), "image {image}");
        }
        assert_eq!(set.train.labels, [Some(1), Some(0), Some(9)]);
        assert_eq!(set.train, set.test);
    }
}

#[test]
fn a_file_cut_anywhere_gives_an_error_that_names_it() {
    for bytes in [COMPRESSED, PLAIN, BIG_ENDIAN] {
        for length in (0..bytes.len()).step_by(37).chain(bytes.len() - 9..bytes.len()) {
            assert_reports(&message(FileSet::Svhn, &train(&bytes[..length])), &["train_32x32.mat: expected"]);
        }
    }
    let cut = message(FileSet::Svhn, &train(&PLAIN[..5_000]));
    assert_reports(&cut, &["9272 bytes of variable `X`", "end of the file after 4864 bytes"]);
}

#[test]
fn a_changed_byte_never_causes_a_panic() {
    for bytes in [COMPRESSED, BIG_ENDIAN] {
        for place in 124..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[place] ^= 0x41;
            drop(read(FileSet::Svhn, &train(&changed)));
        }
    }
    let mut changed = COMPRESSED.to_vec();
    let middle = changed.len() - 2_000;
    changed[middle] ^= 1;
    assert_reports(&message(FileSet::Svhn, &train(&changed)), &["train_32x32.mat"]);
}

#[test]
fn wrong_kinds_are_reported() {
    let bad = |bytes: &[u8]| message(FileSet::Svhn, &train(bytes));
    assert_reports(&bad(b"\n<html>moved"), &["a MATLAB 5 file", "12 bytes (an HTML page)"]);
    assert_reports(&bad(&gzip(PLAIN)), &["a MATLAB 5 file", "gzip data"]);
    assert_reports(&bad(b"MATLAB 7.3 MAT-file, Platform"), &["a MATLAB 5 file", "HDF5"]);
    assert_reports(&bad(&PLAIN[..128]), &["variable `X`"]);
    assert_reports(&bad(&[PLAIN, &[0; 8]].concat()), &["element of type 0"]);
}

/// A variable as MATLAB writes it, little-endian, with these elements of bytes.
fn variable(name: u8, dims: &[u32], elements: &[u8]) -> Vec<u8> {
    let element = |kind: u32, data: &[u8]| {
        let padding = vec![0; data.len().next_multiple_of(8) - data.len()];
        [&kind.to_le_bytes()[..], &(data.len() as u32).to_le_bytes(), data, &padding].concat()
    };
    let sizes: Vec<u8> = dims.iter().flat_map(|dim| dim.to_le_bytes()).collect();
    let parts = [element(6, &[9, 0, 0, 0, 0, 0, 0, 0]), element(5, &sizes), element(1, &[name]), element(2, elements)];
    element(14, &parts.concat())
}

/// A file with one compressed variable, which unpacks to `content`.
fn compressed(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    let packed = encoder.finish().unwrap();
    [&PLAIN[..128], &15u32.to_le_bytes(), &(packed.len() as u32).to_le_bytes(), &packed].concat()
}

#[test]
fn a_compressed_variable_is_read_no_further_than_the_format_holds() {
    let small = variable(b'X', &[32, 32, 3, 1], &[0; 3072]);
    let surplus = compressed(&[small.clone(), vec![0; 8 << 20]].concat());
    assert_reports(&message(FileSet::Svhn, &train(&surplus)), &["train_32x32.mat", "more than 1048576 bytes after"]);

    let count = 400_000u32;
    let mut claims = variable(b'X', &[32, 32, 3, count], &[]);
    let tag = claims.len() - 4;
    claims[tag..].copy_from_slice(&(3072 * count).to_le_bytes());
    let parts = ["train_32x32.mat", "a compressed array of 1228800000 bytes", "limit of 1073741824"];
    assert_reports(&message(FileSet::Svhn, &train(&compressed(&claims))), &parts);

    let twice = [&PLAIN[..128], &small, &small].concat();
    assert_reports(&message(FileSet::Svhn, &train(&twice)), &["each variable once", "`X` again"]);
}

#[test]
fn a_label_out_of_range_is_reported() {
    let mut bytes = PLAIN.to_vec();
    let label = bytes.len() - 8;
    bytes[label..].copy_from_slice(&11f64.to_le_bytes());
    assert_reports(&message(FileSet::Svhn, &train(&bytes)), &["train_32x32.mat: record 2", "label 11", "1 to 10"]);
    bytes[label..].copy_from_slice(&1.5f64.to_le_bytes());
    assert_reports(&message(FileSet::Svhn, &train(&bytes)), &["label 1.5"]);
}

#[test]
fn the_error_for_a_missing_file_lists_the_present_ones() {
    let files = [("train_32x32.truncated.mat", vec![0])];
    let expected = "looked for train_32x32.mat; found train_32x32.truncated.mat";
    assert_eq!(message(FileSet::Svhn, &files), expected);
}
