//! MNIST and Fashion-MNIST: IDX files of 28x28 pixels, plain or gzip-compressed under any name.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::dataset::{Parts, Split};
use super::error::DataError;
use super::images::{ImageShape, Images};
use super::records;
use super::source::Files;
use super::unpacking::{MOST_BYTES, surplus};

const SHAPE: ImageShape = ImageShape { channels: 1, size: 28 };
const MOST_PACKED: usize = MOST_BYTES / SHAPE.bytes();

/// The classes of MNIST and SVHN.
pub(super) const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
/// Fashion-MNIST's classes.
pub(super) const FASHION: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// Loads the four files.
pub(super) fn load(files: &Files, classes: &[&str; 10]) -> Result<Parts, DataError> {
    let mut notes = Vec::new();
    let train = read(files, "train", 60_000, &mut notes)?;
    let test = match files.find(&names("t10k", "images", "idx3")) {
        Some(_) => Some(read(files, "t10k", 10_000, &mut notes)?),
        None => None,
    };
    Ok(Parts { class_names: classes.map(String::from).to_vec(), train, test, notes })
}

/// The publisher's name, and the variants that mirrors and unpackers use.
fn names(part: &str, content: &str, format: &str) -> [String; 4] {
    [("-", ""), ("-", ".gz"), (".", ""), (".", ".gz")]
        .map(|(separator, suffix)| format!("{part}-{content}{separator}{format}-ubyte{suffix}"))
}

fn read(files: &Files, part: &str, published: usize, notes: &mut Vec<String>) -> Result<Split, DataError> {
    let images_path = files.require(&names(part, "images", "idx3"))?;
    let labels_path = files.require(&names(part, "labels", "idx1"))?;
    let images = Images { shape: SHAPE, pixels: body(images_path, &files.read(images_path)?, &[SHAPE.size; 2])? };
    let bytes = body(labels_path, &files.read(labels_path)?, &[])?;
    records::agree((images_path, images.count()), (labels_path, bytes.len()))?;
    notes.extend(records::count_note(images_path, images.count(), published));
    let labels = records::classes(labels_path, bytes.iter().copied().map(f64::from), 0..=9, |label| label)?;
    Ok(Split::new(images, labels))
}

/// The bytes after the header of an IDX file with at least one record; `inner` are its dimensions after the first.
///
/// Memory grows with the bytes read, never by what the header claims. A compressed file may claim as
/// many records as images fit into [`MOST_BYTES`].
fn body(file: &str, bytes: &[u8], inner: &[usize]) -> Result<Vec<u8>, DataError> {
    let is_packed = bytes.starts_with(b"\x1f\x8b");
    let mut reader: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) };
    let rank = 1 + inner.len();
    let wrong = |found: String| {
        let expected =
            format!("an IDX file of bytes, [count{}]", inner.iter().map(|d| format!(", {d}")).collect::<String>());
        DataError::content(file, expected, format!("{}: {found}", records::describe(bytes)))
    };
    let broken = |error: io::Error| wrong(error.to_string());

    let mut header = vec![0; 4 + 4 * rank];
    reader.read_exact(&mut header).map_err(broken)?;
    if header[..4] != [0, 0, 8, rank as u8] {
        return Err(wrong(format!("it begins with {:02x?} instead of {:02x?}", &header[..4], [0, 0, 8, rank])));
    }
    let dimensions: Vec<usize> =
        header[4..].as_chunks().0.iter().map(|&word| u32::from_be_bytes(word) as usize).collect();
    if dimensions[0] == 0 || dimensions[1..] != *inner {
        return Err(wrong(format!("its dimensions are {dimensions:?}")));
    }
    if is_packed && dimensions[0] > MOST_PACKED {
        let expected = format!("at most {MOST_PACKED} records in a compressed file");
        return Err(DataError::content(file, expected, format!("{}, as it claims {dimensions:?}", dimensions[0])));
    }
    let size: u64 = dimensions.iter().map(|&dimension| dimension as u64).product();
    let mut body = Vec::new();
    reader.by_ref().take(size).read_to_end(&mut body).map_err(broken)?;
    let expected = || format!("{size} bytes after the header, as it claims {dimensions:?}");
    if (body.len() as u64) < size {
        return Err(DataError::content(file, expected(), body.len().to_string()));
    }
    match surplus(&mut reader).map_err(broken)? {
        None => Ok(body),
        Some(more) => Err(DataError::content(file, expected(), format!("{more} more"))),
    }
}
