//! Checks that the formats share.

use std::ops::RangeInclusive;

use super::error::DataError;
use super::picture::{Kind, sniff};

/// The number of records of `record` bytes in `bytes`. There must be at least one, and all must be whole.
pub(super) fn count(file: &str, bytes: &[u8], record: usize) -> Result<usize, DataError> {
    if bytes.is_empty() || !bytes.len().is_multiple_of(record) {
        return Err(DataError::content(file, format!("a multiple of {record} bytes"), describe(bytes)));
    }
    Ok(bytes.len() / record)
}

/// The classes of stored labels. Each label must be an integer in `allowed`.
pub(super) fn classes(
    file: &str,
    labels: impl IntoIterator<Item = f64>,
    allowed: RangeInclusive<u8>,
    class: fn(u8) -> u8,
) -> Result<Vec<Option<u16>>, DataError> {
    let checked = |(record, value)| label(file, record, value, allowed.clone()).map(|label| Some(class(label).into()));
    labels.into_iter().enumerate().map(checked).collect()
}

/// The label of a record as an integer, which must be in `allowed`.
pub(super) fn label(file: &str, record: usize, value: f64, allowed: RangeInclusive<u8>) -> Result<u8, DataError> {
    let (low, high) = (*allowed.start(), *allowed.end());
    let outside = || DataError::Label { file: file.to_owned(), record, value, low, high };
    (low..=high).find(|&label| f64::from(label) == value).ok_or_else(outside)
}

/// Checks that there is a label for each image.
pub(super) fn agree(images: (&str, usize), labels: (&str, usize)) -> Result<(), DataError> {
    if images.1 == labels.1 {
        return Ok(());
    }
    let expected = format!("{} labels, one for each image of {}", images.1, images.0);
    Err(DataError::content(labels.0, expected, format!("{} labels", labels.1)))
}

/// A note if a file's number of images differs from the publisher's.
pub(super) fn count_note(file: &str, found: usize, published: usize) -> Option<String> {
    (found != published).then(|| format!("{file} has {found} images; the publisher's has {published}"))
}

/// The size of a file, and its kind if it is one that people often mistake for the data.
pub(super) fn describe(bytes: &[u8]) -> String {
    match sniff(bytes) {
        Kind::Empty | Kind::Unknown => format!("{} bytes", bytes.len()),
        kind => format!("{} bytes ({kind})", bytes.len()),
    }
}
