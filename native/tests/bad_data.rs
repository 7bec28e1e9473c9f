//! Bad data give a clear error that names the file, and change no file.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};

use common::{READERS, TRAIN, Workplace, data_file};

/// Records of CIFAR-10 with these labels.
fn cifar(labels: &[u8]) -> Vec<u8> {
    labels.iter().flat_map(|&label| std::iter::once(label).chain((0..3072).map(|index| (index % 249) as u8))).collect()
}

/// Trains on a data set; the program must refuse it with exit code 1.
#[track_caller]
fn bad_data(workplace: &Workplace, spec: &str, parts: &[&str]) {
    workplace.refuses(&format!("{TRAIN} --steps 2 --out new --data {spec}"), 1, parts);
}

#[test]
fn a_bad_cifar_file_is_named_with_the_size_found_and_expected() {
    let good = cifar(&[3, 0, 9, 1]);
    let cases: [(Vec<u8>, &[&str]); 7] = [
        (Vec::new(), &["a multiple of 3073 bytes", "0 bytes"]),
        (good[..good.len() - 1].to_vec(), &["a multiple of 3073 bytes", "12291 bytes"]),
        ([&good[..], &[0]].concat(), &["a multiple of 3073 bytes", "12293 bytes"]),
        (vec![0; 3074 * 5], &["a multiple of 3073 bytes", "15370 bytes", "CIFAR-100"]),
        (b"<!DOCTYPE html><title>Not found</title>".to_vec(), &["a multiple of 3073 bytes", "39 bytes (an HTML page)"]),
        (b"version https://git-lfs.github.com/spec/v1\n".to_vec(), &["Git LFS pointer"]),
        (cifar(&[3, 10, 9]), &["record 1 ", "label 10", "expected 0 to 9"]),
    ];
    let workplace = Workplace::new();
    workplace.write("cifar/data_batch_1.bin", &good);
    workplace.write("cifar/test_batch.bin", &good);
    for (bytes, parts) in cases {
        workplace.write("cifar/data_batch_2.bin", &bytes);
        bad_data(&workplace, "cifar10:cifar", &[parts, &["data_batch_2.bin"]].concat());
    }
    workplace.write("cifar/data_batch_2.bin", &good);
    workplace.write("cifar/test_batch.bin", &good[1..]);
    bad_data(&workplace, "cifar10:cifar", &["test_batch.bin", "12291 bytes"]);
}

#[test]
fn an_archive_cut_short_is_named() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&cifar(&[1, 2, 3])).unwrap();
    let archive = encoder.finish().unwrap();
    let workplace = Workplace::new();
    for bytes in [&archive[..archive.len() / 2], &[], b"not an archive"] {
        workplace.write("cifar/cifar-10-binary.tar.gz", bytes);
        bad_data(&workplace, "cifar10:cifar", &["cifar-10-binary.tar.gz"]);
    }
}

#[test]
fn missing_data_files_are_reported_with_the_files_found() {
    let workplace = Workplace::new();
    workplace.write("data/read.me", b"");
    for (set, wanted) in [
        ("cifar10", "data_batch_1.bin"),
        ("stl10", "train_X.bin"),
        ("svhn", "train_32x32.mat"),
        ("mnist", "train-images-idx3-ubyte"),
        ("fashion-mnist", "train-images-idx3-ubyte"),
    ] {
        bad_data(&workplace, &format!("{set}:data"), &[wanted, "found read.me"]);
        workplace.refuses(&format!("{TRAIN} --steps 2 --out new --data {set}:nowhere"), 2, &["`nowhere`"]);
        let unset = workplace.command(&format!("data inspect {set}")).output().unwrap();
        assert!(matches!(unset.status.code(), Some(1 | 2)), "{unset:?}");
        assert!(String::from_utf8_lossy(&unset.stderr).contains("SLGAN_DATA"), "{unset:?}");
    }
}

#[test]
fn a_bad_mat_file_is_named() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let whole = fs::read(repository.join("tests/fixtures/svhn_compressed.mat")).unwrap();
    let workplace = Workplace::new();
    let cases =
        [&[], &b"garbage"[..], &whole[..127], &whole[..130], &whole[..whole.len() / 2], &whole[..whole.len() - 1]];
    for bytes in cases {
        workplace.write("svhn/train_32x32.mat", bytes);
        bad_data(&workplace, "svhn:svhn", &["train_32x32.mat", "expected", "found"]);
    }
    // The publisher's file, cut short.
    if let Some(bytes) = data_file("svhn/train_32x32.truncated.mat") {
        workplace.write("svhn/train_32x32.mat", &bytes);
        bad_data(&workplace, "svhn:svhn", &["train_32x32.mat", "the end of the file"]);
    }
}

#[test]
fn idx_files_must_agree() {
    let workplace = Workplace::new();
    workplace.write_mnist("mnist", 20);
    let (images, labels) = ("mnist/train-images-idx3-ubyte", "mnist/train-labels-idx1-ubyte");
    let (good_images, good_labels) = (workplace.read(images), workplace.read(labels));
    let changed = |bytes: &[u8], at: usize, value: u8| {
        let mut bytes = bytes.to_vec();
        bytes[at] = value;
        bytes
    };
    let cases: [(&str, Vec<u8>, &str); 6] = [
        (images, good_images[..good_images.len() - 1].to_vec(), "15680 bytes after the header"),
        (images, [&good_images[..], &[0]].concat(), "15680 bytes after the header"),
        (images, changed(&good_images, 15, 27), "[20, 28, 27]"),
        (images, good_labels.clone(), "an IDX file of bytes, [count, 28, 28]"),
        (labels, changed(&good_labels, 9, 10), "label 10"),
        (labels, [&[0, 0, 8, 1, 0, 0, 0, 19], &good_labels[9..]].concat(), "19 labels"),
    ];
    for (file, bytes, part) in cases {
        workplace.write(images, &good_images);
        workplace.write(labels, &good_labels);
        workplace.write(file, &bytes);
        bad_data(&workplace, "mnist:mnist", &[file.trim_start_matches("mnist/"), part]);
    }
}

#[test]
fn a_folder_without_pictures_is_refused() {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path("empty")).unwrap();
    workplace.write("texts/a/read.me", b"hello");
    bad_data(&workplace, "folder:empty", &["empty", "no pictures", "png"]);
    bad_data(&workplace, "folder:texts", &["texts", "no pictures", "a/read.me"]);
}

#[test]
fn a_corrupt_picture_is_named_or_skipped_and_counted() {
    let workplace = Workplace::with_run();
    let cut = workplace.read("pictures/b/4.png")[..60].to_vec();
    workplace.write("pictures/b/4.png", &cut);
    workplace.write("pictures/a/3.png", b"garbage");
    bad_data(&workplace, "folder:pictures", &["a/3.png", "not a readable picture"]);
    workplace.refuses("data inspect folder:pictures --json", 1, &["a/3.png"]);
    workplace.refuses(READERS[1], 1, &["a/3.png"]);

    let skipped = "corrupt pictures skipped: 2 (";
    let (_, notes) = workplace.run(&format!("{TRAIN} --steps 2 --data folder:pictures --skip-bad --out skipped"));
    assert!(notes.contains(skipped), "{notes}");
    let (_, notes) = workplace.run(&format!("{} --skip-bad", READERS[1]));
    assert!(notes.contains(skipped), "{notes}");
    let (inspected, _) = workplace.run("data inspect folder:pictures --skip-bad");
    assert!(inspected.contains(skipped), "{inspected}");
}

#[test]
fn pictures_of_another_shape_are_not_labelled() {
    let workplace = Workplace::with_run();
    workplace.write_mnist("mnist", 20);
    let parts = ["mnist:mnist", "1x28x28", "3x32x32"];
    workplace.refuses("label run --device cpu --data mnist:mnist --out labels.csv", 2, &parts);
}
