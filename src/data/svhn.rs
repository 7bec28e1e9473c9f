//! SVHN's cropped digits (format 2): `X` is `[32, 32, 3, count]` by columns; in `y`, 10 means the digit 0.

use super::dataset::{Parts, Split};
use super::error::DataError;
use super::images::{ImageShape, Images};
use super::source::Files;
use super::{idx, matlab, records};

const SHAPE: ImageShape = ImageShape { channels: 3, size: 32 };
const TRAIN: &str = "train_32x32.mat";
const TEST: &str = "test_32x32.mat";

/// Loads the training and the test file, but not the publisher's third file, of easier digits.
pub(super) fn load(files: &Files) -> Result<Parts, DataError> {
    let mut notes = Vec::new();
    let train = read(files, files.require(&[TRAIN])?, 73_257, &mut notes)?;
    let test = files.find(&[TEST]).map(|path| read(files, path, 26_032, &mut notes)).transpose()?;
    Ok(Parts { class_names: idx::DIGITS.map(String::from).to_vec(), train, test, notes })
}

fn read(files: &Files, path: &str, published: usize, notes: &mut Vec<String>) -> Result<Split, DataError> {
    let split = parse(path, &files.read(path)?)?;
    notes.extend(records::count_note(path, split.len(), published));
    Ok(split)
}

fn parse(file: &str, bytes: &[u8]) -> Result<Split, DataError> {
    let mut arrays = matlab::read(file, bytes, &["X", "y"])?;
    let mut take = |name: &str| {
        let found = "no such variable";
        arrays.remove(name).ok_or_else(|| DataError::content(file, format!("a numeric variable `{name}`"), found))
    };
    let images = images(file, take("X")?)?;
    let labels = take("y")?;
    records::agree((file, images.count()), (file, labels.count()))?;
    let labels = records::classes(file, labels.values(), 1..=10, |label| label % 10)?;
    Ok(Split::new(images, labels))
}

/// The images in `X`. MATLAB drops a last dimension of 1, so a single image has three dimensions.
fn images(file: &str, array: matlab::Array) -> Result<Images, DataError> {
    let count = match *array.dims {
        [32, 32, 3] => 1,
        [32, 32, 3, count] => count,
        _ => 0,
    };
    if count == 0 || !array.is_bytes() {
        let found = format!("{:?}{}", array.dims, if array.is_bytes() { "" } else { " of another type" });
        return Err(DataError::content(file, "`X` to be [32, 32, 3, count] of bytes", found));
    }
    let mut images = Images { shape: SHAPE, pixels: array.bytes };
    images.transpose();
    Ok(images)
}
