//! The structure of a WebP file: its chunks.

use super::fault::PictureFault;

/// Checks that all chunks are in the file, and returns the bytes that its decoder takes besides the decoded pixels.
pub(super) fn inspect(bytes: &[u8]) -> Result<u64, PictureFault> {
    let length = bytes.get(4..8).and_then(size).ok_or(PictureFault::CutShort)?;
    let mut rest = bytes.get(8..).and_then(|rest| rest.get(..length)).ok_or(PictureFault::CutShort)?;
    rest = rest.get(4..).unwrap_or_default();
    let (mut canvas, mut is_animated, mut memory) = (0, false, 0);
    while let Some((head, after)) = rest.split_at_checked(8) {
        let length = size(&head[4..]).ok_or(PictureFault::CutShort)?;
        let chunk = after.get(..length).ok_or_else(|| PictureFault::Damaged("a chunk is too long".to_owned()))?;
        match (&head[..4], chunk) {
            (b"VP8X", &[flags, _, _, _, w0, w1, w2, h0, h1, h2, ..]) => {
                canvas = (u64::from(u32::from_le_bytes([w0, w1, w2, 0])) + 1)
                    * (u64::from(u32::from_le_bytes([h0, h1, h2, 0])) + 1);
                is_animated = flags & 2 != 0;
                memory = memory.max(canvas * u64::from(flags >> 4 & 1) * 6);
            }
            // Lossless: four bytes for each pixel, and the transforms.
            (b"VP8L", &[_, b0, b1, b2, b3, ..]) => {
                let bits = u32::from_le_bytes([b0, b1, b2, b3]);
                memory = memory.max((u64::from(bits & 0x3fff) + 1) * (u64::from(bits >> 14 & 0x3fff) + 1) * 6);
            }
            // Lossy: brightness for each pixel, and two colours for each four.
            (b"VP8 ", &[_, _, _, _, _, _, w0, w1, h0, h1, ..]) => {
                let [width, height] = [[w0, w1], [h0, h1]].map(|side| u64::from(u16::from_le_bytes(side) & 0x3fff));
                memory = memory.max(width.next_multiple_of(16) * height.next_multiple_of(16) * 2);
            }
            _ => {}
        }
        rest = after.get(length.next_multiple_of(2)..).unwrap_or_default();
    }
    // The canvas, and a frame while it is decoded.
    Ok(memory + if is_animated { canvas * 14 } else { 0 })
}

fn size(bytes: &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes.first_chunk()?)).ok()
}
