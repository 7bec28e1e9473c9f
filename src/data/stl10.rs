//! STL-10 in its binary layout: 96x96 planes stored by columns, and labels from 1 to 10 in a separate file.

use super::dataset::{Parts, Split};
use super::error::DataError;
use super::images::{ImageShape, Images};
use super::source::Files;
use super::{names, records};

const SHAPE: ImageShape = ImageShape { channels: 3, size: 96 };
const TRAIN: [&str; 2] = ["train_X.bin", "train_y.bin"];
const TEST: [&str; 2] = ["test_X.bin", "test_y.bin"];
const UNLABELED: &str = "unlabeled_X.bin";
const NAMES: &str = "class_names.txt";
const CLASSES: [&str; 10] = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"];

/// Loads the labelled images. Unlabelled images, if there are any, become training images.
pub(super) fn load(files: &Files) -> Result<Parts, DataError> {
    let mut notes = Vec::new();
    files.require(&TRAIN[..1])?;
    let mut train = labelled(files, TRAIN, 5_000, &mut notes)?;
    match files.find(&[UNLABELED]) {
        Some(path) => {
            let images = read_images(files, path, 100_000, &mut notes)?;
            let labels = vec![None; images.count()];
            train.append(Split::new(images, labels));
        }
        None => notes.push(format!("{UNLABELED} is missing: no unlabelled images")),
    }
    let test = match files.find(&TEST[..1]) {
        Some(_) => Some(labelled(files, TEST, 8_000, &mut notes)?),
        None => None,
    };
    Ok(Parts { class_names: class_names(files)?, train, test, notes })
}

fn labelled(
    files: &Files,
    [images, labels]: [&str; 2],
    published: usize,
    notes: &mut Vec<String>,
) -> Result<Split, DataError> {
    let (images_path, labels_path) = (files.require(&[images])?, files.require(&[labels])?);
    let images = read_images(files, images_path, published, notes)?;
    let bytes = files.read(labels_path)?;
    records::agree((images_path, images.count()), (labels_path, bytes.len()))?;
    let labels = records::classes(labels_path, bytes.iter().copied().map(f64::from), 1..=10, |label| label - 1)?;
    Ok(Split::new(images, labels))
}

fn read_images(files: &Files, path: &str, published: usize, notes: &mut Vec<String>) -> Result<Images, DataError> {
    let pixels = files.read(path)?;
    let count = records::count(path, &pixels, SHAPE.bytes())?;
    notes.extend(records::count_note(path, count, published));
    let mut images = Images { shape: SHAPE, pixels };
    images.transpose();
    Ok(images)
}

fn class_names(files: &Files) -> Result<Vec<String>, DataError> {
    let Some(path) = files.find(&[NAMES]) else {
        return Ok(CLASSES.map(String::from).to_vec());
    };
    let bytes = files.read(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let names: Vec<String> = lines.map(names::printable).collect();
    if names.len() != CLASSES.len() {
        let expected = format!("{} lines with one class name each", CLASSES.len());
        return Err(DataError::content(path, expected, format!("{} names", names.len())));
    }
    Ok(names)
}
