//! STL-10: planes by columns, and labels in a separate file.

use super::*;

/// Images as the publisher stores them: planes by columns.
fn by_columns(images: std::ops::Range<usize>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for image in images {
        for channel in 0..3 {
            for column in 0..96 {
                bytes.extend((0..96).map(|row| pattern(image, channel, row, column)));
            }
        }
    }
    bytes
}

#[test]
fn columns_become_rows_and_unlabelled_images_join_the_training_images() {
    let files = [
        ("train_X.bin", by_columns(0..3)),
        ("train_y.bin", vec![1, 10, 2]),
        ("unlabeled_X.bin", by_columns(3..5)),
        ("test_X.bin", by_columns(5..6)),
        ("test_y.bin", vec![7]),
    ];
    let set = read(FileSet::Stl10, &files).unwrap();
    for image in 0..5 {
        assert_eq!(set.train.images.image(image), pattern_image(image, 3, 96), "image {image}");
    }
    assert_eq!(set.train.labels, [Some(0), Some(9), Some(1), None, None]);
    assert_eq!((set.test.images.pixels, set.test.labels), (pattern_image(5, 3, 96), vec![Some(6)]));
    assert_eq!((set.class_names[2].as_str(), set.class_names[7].as_str()), ("car", "monkey"));
}

#[test]
fn class_names_come_from_their_file() {
    let names = b"a\nb\nc\r\nd\ne\nf\ng\nh\ni\nj\n".to_vec();
    let files = |names: &[u8]| {
        [("train_X.bin", by_columns(0..2)), ("train_y.bin", vec![1, 2]), ("class_names.txt", names.to_vec())]
    };
    assert_eq!(read(FileSet::Stl10, &files(&names)).unwrap().class_names[2], "c");
    assert_reports(&message(FileSet::Stl10, &files(b"a\nb\n")), &["class_names.txt", "10 lines", "2 names"]);
}

#[test]
fn labels_must_agree_with_the_images() {
    let files = |labels: &[u8]| [("train_X.bin", by_columns(0..2)), ("train_y.bin", labels.to_vec())];
    let bad = |labels: &[u8]| message(FileSet::Stl10, &files(labels));
    assert_reports(&bad(&[1]), &["train_y.bin: expected 2 labels", "train_X.bin", "found 1 labels"]);
    assert_reports(&bad(&[1, 0]), &["train_y.bin: record 1", "label 0", "1 to 10"]);
    assert_reports(&bad(&[11, 1]), &["train_y.bin: record 0", "label 11"]);
    let cut = [("train_X.bin", vec![0; 27_647]), ("train_y.bin", vec![1])];
    assert_reports(&message(FileSet::Stl10, &cut), &["train_X.bin: expected a multiple of 27648", "27647 bytes"]);
    let alone = [("train_X.bin", by_columns(0..2))];
    assert_reports(&message(FileSet::Stl10, &alone), &["looked for train_y.bin", "found train_X.bin"]);
}
