//! The structure of a GIF file, up to the end of its first picture.

use super::fault::PictureFault;

/// Checks that the file holds its whole first picture. Returns the bytes of memory that this picture takes beside the
/// canvas, which it is decoded to directly if it is as wide.
pub(super) fn inspect(bytes: &[u8]) -> Result<u64, PictureFault> {
    let cut = PictureFault::CutShort;
    let mut rest = bytes;
    let header = take(&mut rest, 13).ok_or(cut.clone())?;
    take(&mut rest, palette(header[10])).ok_or(cut.clone())?;
    loop {
        match take(&mut rest, 1).ok_or(cut.clone())?[0] {
            0x21 => {
                take(&mut rest, 1).ok_or(cut.clone())?;
                skip_blocks(&mut rest).ok_or(cut.clone())?;
            }
            0x2c => {
                let picture = take(&mut rest, 9).ok_or(cut.clone())?;
                take(&mut rest, palette(picture[8]) + 1).ok_or(cut.clone())?;
                skip_blocks(&mut rest).ok_or(cut)?;
                let side = |at: usize| u64::from(u16::from_le_bytes([picture[at], picture[at + 1]]));
                let is_direct = side(0) == 0 && picture[4..6] == header[6..8];
                return Ok(if is_direct { 0 } else { side(4) * side(6) * 4 });
            }
            0x3b => return Err(PictureFault::Damaged("it has no picture".to_owned())),
            // A byte that belongs to no block; decoders decide.
            _ => return Ok(0),
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(taken)
}

/// Bytes of the palette that a field of flags announces.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn skip_blocks(rest: &mut &[u8]) -> Option<()> {
    loop {
        match take(rest, 1)?[0] {
            0 => return Some(()),
            count => take(rest, count.into())?,
        };
    }
}
