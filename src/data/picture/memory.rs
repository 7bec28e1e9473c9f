//! How much memory a picture takes while it is decoded, known before.

use super::fault::PictureFault;
use super::sniff::Format;
use super::{gif, jpeg, webp};

/// The most bytes of memory that decoding one picture may take, its file included: 512 MiB.
pub const LIMIT: u64 = 512 << 20;

/// What a decoder may keep besides pixels: text, a colour profile, tables, rows.
pub(super) const EXTRA: u64 = 16 << 20;

/// Checks as far as the format allows it without decoding that the picture is whole. Returns what its decoder takes
/// besides the decoded pixels.
pub(super) fn inspect(format: Format, bytes: &[u8]) -> Result<u64, PictureFault> {
    let copies = match format {
        Format::Jpeg => jpeg::inspect(bytes)?,
        Format::Gif => gif::inspect(bytes)?,
        Format::WebP => webp::inspect(bytes)?,
        Format::Png | Format::Bmp | Format::Tiff => 0,
    };
    Ok(EXTRA + bytes.len() as u64 + copies)
}
