//! Pictures that the browser decodes, because the module itself decodes only PNG.
//!
//! A browser's decoder has no limit that is known. So a picture's size is read from its header first.

use imagesize::{ImageSize, blob_size};
use slgan::data::picture::{Format, Kind, LIMIT, PictureFault, decode, sniff};
use slgan::data::{DataError, ImageShape};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A browser's bitmap has four bytes for each pixel.
const BYTES_PER_PIXEL: u64 = 4;

/// Whether the browser may be able to decode a picture that the module cannot, by its first bytes.
pub fn is_foreign(head: &[u8]) -> bool {
    match sniff(head) {
        Kind::Picture(format) => format != Format::Png,
        Kind::Unread(_) => true,
        _ => false,
    }
}

/// Checks that a foreign picture is whole and may be decoded.
///
/// # Errors
/// If it is cut short, too large with its file, or of a format whose size cannot be read.
pub fn check(bytes: &[u8]) -> Result<(), PictureFault> {
    // The library looks for the end before it decodes, in formats that it cannot decode here as well.
    let small = ImageShape { channels: 1, size: 1 };
    if let Err(DataError::Picture { fault: PictureFault::CutShort, .. }) = decode("", bytes, small) {
        return Err(PictureFault::CutShort);
    }
    let unknown = || match sniff(bytes) {
        Kind::Picture(_) => PictureFault::Damaged("its width and height cannot be read".to_owned()),
        other => PictureFault::of(other).unwrap_or(PictureFault::NotAPicture(other)),
    };
    let ImageSize { width, height } = blob_size(bytes).map_err(|_| unknown())?;
    // A bitmap with its first row at the top has a negative height.
    let [width, height] = [width, height].map(|side| (side as i32).unsigned_abs());
    let memory =
        (u64::from(width) * u64::from(height)).saturating_mul(BYTES_PER_PIXEL).saturating_add(bytes.len() as u64);
    let too_large = PictureFault::TooLarge { width, height, memory, limit: LIMIT };
    if memory > LIMIT { Err(too_large) } else { Ok(()) }
}

/// Whether the browser has to decode a picture for [`Model::label`](crate::model::Model::label).
///
/// # Errors
/// If it is too large for that, or of a format whose size cannot be read; names the file.
#[wasm_bindgen]
pub fn is_foreign_picture(bytes: &[u8], name: &str) -> Result<bool, JsError> {
    if !is_foreign(bytes) {
        return Ok(false);
    }
    check(bytes).map(|()| true).map_err(|fault| JsError::new(&format!("{name}: {fault}")))
}
