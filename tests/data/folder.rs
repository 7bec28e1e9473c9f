//! Folders of pictures: layouts, formats, shapes and errors.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use slgan::data::ImageShape;

use super::*;

fn encode(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A grey picture of one value, which identifies it after loading.
pub fn flat(value: u8) -> Vec<u8> {
    encode(GrayImage::from_pixel(4, 4, Luma([value])), ImageFormat::Png)
}

pub fn options(channels: usize, size: usize) -> LoadOptions {
    LoadOptions { folder_shape: ImageShape { channels, size }, ..LoadOptions::default() }
}

pub fn open(files: &[(&str, Vec<u8>)], options: LoadOptions) -> Result<Dataset, DataError> {
    load(FileSet::Folder, &source(files), &options)
}

/// The pixels of one picture that is loaded as the only training image.
fn pixels(picture: Vec<u8>, channels: usize, size: usize) -> Vec<u8> {
    let set = open(&[("train/a/x.png", picture), ("test/a/x.png", flat(0))], options(channels, size)).unwrap();
    set.train.images.pixels
}

/// The first pixel and label of every image.
fn firsts(split: &slgan::data::Split) -> Vec<(u8, Option<u16>)> {
    (0..split.len()).map(|index| (split.images.image(index)[0], split.labels[index])).collect()
}

#[test]
fn folders_are_sorted_classes_and_other_pictures_have_no_label() {
    let files = [
        ("test/b/1.png", flat(50)),
        ("train/b/1.png", flat(10)),
        ("train/a/deep/1.PNG", flat(20)),
        ("train/a-b/1.png", flat(30)),
        ("train/beside.png", flat(40)),
        ("train/unlabeled/1.png", flat(60)),
        ("train/.hidden/1.png", flat(70)),
        ("train/b/.1.png", flat(70)),
        ("train/b/notes.txt", vec![]),
        ("elsewhere/1.png", flat(80)),
    ];
    let set = open(&files, options(1, 4)).unwrap();
    assert_eq!((set.name.as_str(), set.class_names), ("folder", vec!["a".into(), "a-b".into(), "b".into()]));
    let expected = [(30, Some(1)), (20, Some(0)), (10, Some(2)), (40, None), (60, None)];
    assert_eq!((firsts(&set.train), firsts(&set.test)), (expected.to_vec(), vec![(50, Some(2))]));
    let notes = [
        "read as 3 classes: a, a-b, b; training pictures in train/, held-out ones in test/; left out: 2 hidden (the \
         first train/.hidden), 1 other than pictures (train/b/notes.txt)",
        "pictures outside of the splits, not used: 1, in elsewhere/",
    ];
    assert_eq!(set.notes, notes);
}

#[test]
fn without_a_test_folder_a_tenth_of_each_kind_is_held_out() {
    let names: Vec<String> =
        (0..90).map(|index| format!("{}/{index}.png", ["a", "b", "unlabeled"][index % 3])).collect();
    let files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), flat(1))).collect();
    let set = open(&files, options(1, 2)).unwrap();
    assert_eq!((set.train.len(), set.test.len(), set.class_names.len()), (81, 9, 2));
    for label in [Some(0), Some(1), None] {
        assert_eq!(set.test.labels.iter().filter(|&&found| found == label).count(), 3);
    }
    let other_seed = open(&files, LoadOptions { seed: 1, ..options(1, 2) }).unwrap();
    assert_eq!(other_seed.test.len(), 9);
}

#[test]
fn a_folder_named_train_alone_is_a_class() {
    let set = open(&[("train/1.png", flat(1)), ("other/1.png", flat(2))], options(1, 2)).unwrap();
    assert_eq!(set.class_names, ["other", "train"]);
    assert_reports(&set.notes[1], &["read as classes, not as splits", "train"]);
}

#[test]
fn every_format_is_read_under_any_extension() {
    let picture = || RgbImage::from_pixel(5, 7, Rgb([200, 100, 50]));
    let formats = [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Gif, ImageFormat::Tiff, ImageFormat::WebP];
    for format in formats {
        assert_eq!(
            pixels(encode(picture(), format), 3, 2),
            [200, 200, 200, 200, 100, 100, 100, 100, 50, 50, 50, 50],
            "{format:?}"
        );
    }
    let jpeg = pixels(encode(picture(), ImageFormat::Jpeg), 3, 1);
    assert!(jpeg.iter().zip([200, 100, 50]).all(|(&found, value)| found.abs_diff(value) <= 3), "{jpeg:?}");
}

#[test]
fn pictures_are_cropped_to_their_centre() {
    let wide = RgbImage::from_fn(9, 3, |x, y| Rgb([x as u8, y as u8, 7]));
    assert_eq!(
        pixels(encode(wide, ImageFormat::Png), 3, 3),
        [3, 4, 5, 3, 4, 5, 3, 4, 5, 0, 0, 0, 1, 1, 1, 2, 2, 2, 7, 7, 7, 7, 7, 7, 7, 7, 7]
    );
    let tall = GrayImage::from_fn(2, 5, |x, y| Luma([(10 * y + x) as u8]));
    assert_eq!(pixels(encode(tall, ImageFormat::Png), 1, 2), [10, 11, 20, 21]);
}

#[test]
fn fine_stripes_become_grey_instead_of_aliasing() {
    let stripes = GrayImage::from_fn(256, 256, |x, _| Luma([if x % 2 == 0 { 0 } else { 255 }]));
    let small = pixels(encode(stripes, ImageFormat::Png), 1, 32);
    assert!(small.iter().all(|&value| (120..=135).contains(&value)), "{:?}", &small[..32]);
}

#[test]
fn a_resized_picture_follows_the_triangle_filter() {
    let values = |x: u32, y: u32| ((x * x * 5 + y * 37) % 256) as u8;
    let picture = GrayImage::from_fn(31, 31, |x, y| Luma([values(x, y)]));
    let weights: Vec<Vec<f64>> = (0..8)
        .map(|out| {
            let (ratio, centre) = (31.0 / 8.0, (f64::from(out) + 0.5) * 31.0 / 8.0 - 0.5);
            let raw: Vec<f64> = (0..31).map(|x| (1.0 - (f64::from(x) - centre).abs() / ratio).max(0.0)).collect();
            let sum: f64 = raw.iter().sum();
            raw.iter().map(|weight| weight / sum).collect()
        })
        .collect();
    let small = pixels(encode(picture, ImageFormat::Png), 1, 8);
    for (index, &found) in small.iter().enumerate() {
        let (row, column) = (&weights[index / 8], &weights[index % 8]);
        let exact: f64 = (0..31)
            .flat_map(|y| (0..31).map(move |x| (x, y)))
            .map(|(x, y)| row[y as usize] * column[x as usize] * f64::from(values(x, y)))
            .sum();
        assert!((f64::from(found) - exact).abs() <= 0.51, "pixel {index}: {found}, {exact}");
    }
}

#[test]
fn channels_and_alpha_are_converted_to_the_requested_shape() {
    let grey = encode(GrayImage::from_pixel(2, 2, Luma([90])), ImageFormat::Png);
    assert_eq!(pixels(grey, 3, 1), [90, 90, 90]);
    let red = encode(RgbImage::from_pixel(2, 2, Rgb([255, 0, 0])), ImageFormat::Png);
    assert_eq!(pixels(red, 1, 1), [77]);
    let half = encode(RgbaImage::from_pixel(2, 2, Rgba([0, 100, 255, 128])), ImageFormat::Png);
    assert_eq!(pixels(half, 3, 1), [127, 177, 255]);
    let deep = encode(image::ImageBuffer::from_pixel(2, 2, Luma([0x8080_u16])), ImageFormat::Png);
    assert_eq!(pixels(deep, 1, 2), [0x80; 4]);
}

#[test]
fn a_picture_is_turned_upright() {
    let jpeg = encode(GrayImage::from_fn(16, 16, |_, y| Luma([if y < 8 { 0 } else { 255 }])), ImageFormat::Jpeg);
    let upside_down = *b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0";
    let segment = [&[0xff, 0xe1, 0, 2 + upside_down.len() as u8], upside_down.as_slice()].concat();
    let turned = [&jpeg[..2], &segment, &jpeg[2..]].concat();
    let (plain, turned) = (pixels(jpeg, 1, 2), pixels(turned, 1, 2));
    assert!(plain[0] < 60 && plain[3] > 195, "{plain:?}");
    assert!(turned[0] > 195 && turned[3] < 60, "{turned:?}");
}

#[test]
fn a_corrupt_picture_is_named_or_skipped_and_noted() {
    let cut = flat(1)[..40].to_vec();
    let mut files = vec![("a/1.png", flat(1)), ("a/2.png", cut), ("b/1.png", flat(2)), ("b/2.jpg", b"text".to_vec())];
    let error = open(&files, options(1, 2)).expect_err("a picture is corrupt");
    assert!(matches!(&error, DataError::Picture { file, .. } if file == "a/2.png"), "{error}");
    let skip = LoadOptions { skip_bad: true, ..options(1, 2) };
    let set = open(&files, skip).unwrap();
    assert_eq!(set.train.len() + set.test.len(), 2);
    let parts = ["corrupt pictures skipped: 2 (", "1 not pictures", "the first a/2.png: not a readable picture"];
    assert_reports(&set.notes[1], &parts);
    files.retain(|(name, _)| !name.ends_with("1.png"));
    assert!(matches!(open(&files, skip), Err(DataError::Picture { .. })));
}

#[test]
fn a_picture_that_claims_a_huge_size_is_refused() {
    let mut bytes = encode(RgbImage::from_pixel(1, 1, Rgb([1, 2, 3])), ImageFormat::Bmp);
    bytes[18..26].copy_from_slice(&[0, 0, 1, 0, 0, 0, 1, 0]);
    let error = open(&[("a/huge.bmp", bytes)], options(3, 32)).expect_err("it needs 12 GiB");
    assert!(matches!(error, DataError::Picture { .. }), "{error}");
}

#[test]
fn a_folder_that_cannot_be_a_data_set_is_refused() {
    let none = open(&[("readme.txt", vec![]), (".a/1.png", flat(0))], options(1, 2)).expect_err("no pictures");
    assert_reports(&none.to_string(), &["no pictures (png, jpg", "found .a/1.png, readme.txt"]);
    let folder = |classes: usize| {
        let names: Vec<String> = (0..classes).map(|class| format!("{class:05}/x.png")).collect();
        let picture = flat(9);
        let files: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), picture.clone())).collect();
        open(&files, options(1, 1))
    };
    assert_eq!(folder(10_001), Err(DataError::TooManyClasses { found: 10_001 }));
    let most = folder(10_000).unwrap();
    assert_eq!((most.train.labels.iter().max(), most.test.len()), (Some(&Some(9_999)), 0));
    for (channels, size) in [(2, 32), (0, 32), (3, 0)] {
        assert!(matches!(open(&[("a/1.png", flat(0))], options(channels, size)), Err(DataError::Shape(_))));
    }
}
