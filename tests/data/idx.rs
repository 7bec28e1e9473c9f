//! MNIST and Fashion-MNIST: IDX files.

use super::*;

fn images(count: usize) -> Vec<u8> {
    let header = [[0, 0, 8, 3], (count as u32).to_be_bytes(), 28u32.to_be_bytes(), 28u32.to_be_bytes()].concat();
    [header, (0..count).flat_map(|image| pattern_image(image, 1, 28)).collect()].concat()
}

fn labels(labels: &[u8]) -> Vec<u8> {
    [&[0, 0, 8, 1], (labels.len() as u32).to_be_bytes().as_slice(), labels].concat()
}

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

#[test]
fn plain_and_compressed_files_under_every_name_give_the_same_data() {
    let test = [("t10k-images-idx3-ubyte", images(1)), ("t10k-labels-idx1-ubyte", labels(&[9]))];
    let named = |images_name, images: Vec<u8>, labels_name, labels: Vec<u8>| {
        let files = [&[(images_name, images), (labels_name, labels)], test.as_slice()].concat();
        read(FileSet::FashionMnist, &files).unwrap()
    };
    let plain = named(IMAGES, images(3), LABELS, labels(&[0, 9, 5]));
    assert_eq!(plain.train.labels, [Some(0), Some(9), Some(5)]);
    assert_eq!(plain.train.images.image(2), pattern_image(2, 1, 28));
    assert_eq!((plain.test.len(), plain.class_names[9].as_str()), (1, "Ankle boot"));
    let (packed_images, packed_labels) = (gzip(&images(3)), gzip(&labels(&[0, 9, 5])));
    let packed = named(
        "train-images-idx3-ubyte.gz",
        packed_images.clone(),
        "fashion-mnist/train-labels.idx1-ubyte.gz",
        packed_labels.clone(),
    );
    let misnamed = named("train-images.idx3-ubyte", packed_images, "train-labels.idx1-ubyte", packed_labels);
    assert_eq!((&packed.train, &misnamed.train), (&plain.train, &plain.train));
}

#[track_caller]
fn assert_bad(images: Vec<u8>, labels: Vec<u8>, parts: &[&str]) {
    assert_reports(&message(FileSet::Mnist, &[(IMAGES, images), (LABELS, labels)]), parts);
}

#[test]
fn a_header_that_claims_too_much_allocates_nothing() {
    let mut huge = images(1);
    huge[4..8].fill(0xff);
    assert_bad(huge.clone(), labels(&[1]), &[IMAGES, "expected 3367254359280 bytes", "found 784"]);
    assert_bad(gzip(&huge), labels(&[1]), &[IMAGES, "at most 1369568 records", "4294967295"]);
}

#[test]
fn a_compressed_file_is_read_no_further_than_its_header_claims() {
    let good = labels(&[1, 2]);
    let surplus = [images(2), vec![0; 8 << 20]].concat();
    assert_bad(gzip(&surplus), good.clone(), &[IMAGES, "expected 1568 bytes", "found more than 1048576 more"]);
    assert_bad(gzip(&images(2)), gzip(&[&labels(&[1, 2])[..], &[0; 8 << 20]].concat()), &[LABELS, "more than 1048576"]);
    assert_bad([gzip(&images(2)), gzip(&[7; 5])].concat(), good, &[IMAGES, "expected 1568 bytes", "found 5 more"]);
}

#[test]
fn wrong_sizes_and_kinds_are_reported() {
    let good = labels(&[1, 2]);
    assert_bad(images(2)[..800].to_vec(), good.clone(), &[IMAGES, "expected 1568 bytes", "found 784"]);
    assert_bad([images(2), vec![0; 3]].concat(), good.clone(), &["expected 1568 bytes", "found 3 more"]);
    assert_bad(vec![], good.clone(), &["[count, 28, 28]", "0 bytes"]);
    assert_bad(images(0), labels(&[]), &["[0, 28, 28]"]);
    assert_bad(labels(&[1; 20]), good.clone(), &[IMAGES, "begins with [00, 00, 08, 01]"]);
    assert_bad(b"<html>not found</html>".to_vec(), good.clone(), &["an HTML page"]);
    let mut other_size = images(2);
    other_size[11] = 14;
    other_size[15] = 56;
    assert_bad(other_size, good.clone(), &["[2, 14, 56]"]);
    let packed = gzip(&images(2));
    for length in [5, packed.len() / 2, packed.len() - 1] {
        assert_bad(packed[..length].to_vec(), good.clone(), &[IMAGES, "gzip data"]);
    }
}

#[test]
fn labels_must_agree_with_the_images() {
    assert_bad(images(2), labels(&[1]), &[LABELS, "expected 2 labels", "found 1 labels"]);
    assert_bad(images(2), labels(&[1, 10]), &[LABELS, "record 1", "label 10", "0 to 9"]);
    let alone = message(FileSet::Mnist, &[(IMAGES, images(1))]);
    assert_reports(&alone, &["looked for train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz", "found train-images"]);
}
