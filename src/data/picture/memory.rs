//! How much memory a picture takes while it is decoded, known before.

use super::fault::PictureFault;
use super::sniff::Format;
use super::{gif, jpeg, webp};

/// The most bytes of memory that decoding one picture may take, its file included: 512 MiB.
pub const LIMIT: u64 = 512 << 20;

/// What a decoder may keep besides pixels: text, a colour profile, tables, rows.
pub(super) const EXTRA: u64 = 16 << 20;

/// Checks, as far as the format allows it without decoding, that the picture is whole. Returns the bytes of memory that
/// the file and its decoder take besides the decoded pixels.
pub(super) fn inspect(format: Format, bytes: &[u8], limit: u64) -> Result<u64, PictureFault> {
    let file = bytes.len() as u64;
    // A decoder may copy text of any length; that of JPEG copies the whole file too.
    let copies = match format {
        Format::Jpeg => 3,
        Format::Gif | Format::WebP => 2,
        Format::Png | Format::Bmp | Format::Tiff => 1,
    };
    if file * copies > limit {
        return Err(PictureFault::LargeFile { bytes: file, limit });
    }
    let decoder = match format {
        Format::Jpeg => jpeg::inspect(bytes)?,
        Format::Gif => gif::inspect(bytes)?,
        Format::WebP => webp::inspect(bytes)?,
        Format::Png | Format::Bmp | Format::Tiff => 0,
    };
    Ok(EXTRA + file * copies + decoder)
}
