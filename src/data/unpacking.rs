//! Bounds on what compressed files unpack to: a few kilobytes can claim, and hold, terabytes.

use std::io::{self, Read};

/// The most bytes that the images in a compressed file may claim: several times those of any published file. A larger set
/// can be given unpacked, where the size of the file is the bound.
pub(super) const MOST_BYTES: usize = 1 << 30;

/// How many surplus bytes are counted after the content; the rest need not be unpacked to know that it is wrong.
const MOST_SURPLUS: u64 = 1 << 20;

/// Reads at most `most` bytes; more are an error.
pub(super) struct Bounded<R> {
    inner: R,
    most: u64,
    left: u64,
}

impl<R: Read> Bounded<R> {
    /// Bounds what `inner` may unpack to.
    pub fn new(inner: R, most: u64) -> Self {
        Self { inner, most, left: most }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("it unpacks to more than {} bytes", self.most))
        })?;
        Ok(read)
    }
}

/// Reads `reader` to its end, where a checksum may follow. Returns how many bytes there were, in words if they are too
/// many to count; nothing if there were none.
pub(super) fn surplus(reader: &mut dyn Read) -> io::Result<Option<String>> {
    match io::copy(&mut reader.take(MOST_SURPLUS), &mut io::sink())? {
        0 => Ok(None),
        MOST_SURPLUS => Ok(Some(format!("more than {MOST_SURPLUS}"))),
        bytes => Ok(Some(bytes.to_string())),
    }
}
