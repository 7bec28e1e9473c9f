//! The structure of a JPEG file.
//!
//! Decoders fill what is missing with grey, so the end marker is looked for here. It is looked for between segments
//! only: a thumbnail has one too. What follows it has no say, because cameras append other data. As other readers do,
//! this one passes over bytes that belong to no segment.

use super::fault::PictureFault;

/// The sizes that decide how much memory a decoder takes.
#[derive(Default)]
struct Frame {
    is_progressive: bool,
    width: u64,
    height: u64,
    /// Sampling factors of the components, horizontal and vertical.
    sampling: Vec<[u64; 2]>,
    /// Components of the first scan.
    first_scan: Option<usize>,
}

/// Checks that the file has its end marker, and returns the bytes that its decoder takes besides the decoded pixels.
pub(super) fn inspect(bytes: &[u8]) -> Result<u64, PictureFault> {
    let (mut frame, mut rest) = (Frame::default(), bytes);
    loop {
        let marker = next_marker(&mut rest).ok_or(PictureFault::CutShort)?;
        match marker {
            0xd9 => return Ok(frame.coefficients()),
            // A stuffed byte, a restart, or nothing that is defined: no segment follows.
            0..=0xbf | 0xd0..=0xd8 | 0xf0..=0xfd => continue,
            _ => {}
        }
        let length = rest.first_chunk().ok_or(PictureFault::CutShort)?;
        let length = usize::from(u16::from_be_bytes(*length)).max(2);
        let (segment, after) = rest.split_at_checked(length).ok_or(PictureFault::CutShort)?;
        match marker {
            0xc4 | 0xc8 | 0xcc => {}
            0xc0..=0xcf => frame.read(marker, &segment[2..]),
            0xda => frame.first_scan = frame.first_scan.or(segment.get(2).map(|&count| count.into())),
            _ => {}
        }
        rest = after;
    }
}

/// Goes past the next marker and returns it, without the bytes that fill up before it.
fn next_marker(rest: &mut &[u8]) -> Option<u8> {
    let start = rest.iter().position(|&byte| byte == 0xff)?;
    let length = rest[start..].iter().position(|&byte| byte != 0xff)?;
    let marker = rest[start + length];
    *rest = &rest[start + length + 1..];
    Some(marker)
}

impl Frame {
    fn read(&mut self, marker: u8, header: &[u8]) {
        let &[_, h1, h0, w1, w0, _, ref components @ ..] = header else { return };
        self.is_progressive = marker == 0xc2;
        (self.width, self.height) = (u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into());
        let factors = |component: &[u8]| [component[1] >> 4, component[1] & 15].map(|factor| u64::from(factor.max(1)));
        self.sampling = components.chunks_exact(3).map(factors).collect();
    }

    /// Bytes of all coefficients if they must be held at once, and of some rows of blocks.
    fn coefficients(&self) -> u64 {
        let most = |axis: usize| self.sampling.iter().map(|factors| factors[axis]).max().unwrap_or(1);
        let [columns, rows] = [self.width.div_ceil(8 * most(0)), self.height.div_ceil(8 * most(1))];
        let is_held = self.is_progressive || self.first_scan.is_some_and(|count| count < self.sampling.len());
        let held_rows = if is_held { rows } else { 0 };
        let blocks: u64 = self.sampling.iter().map(|[across, down]| across * down).sum();
        let row = columns * blocks * 64 * 2;
        row * held_rows + 8 * row.max(columns * most(0) * most(1) * 64 * 2)
    }
}
