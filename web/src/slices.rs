//! A file of the visitor that is read piece by piece, so that the module never holds all of it.

use std::io::{self, Read, Seek, SeekFrom};

use js_sys::{Function, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// Reads a file through a function of the worker: it takes a start and an end, and returns the bytes between them.
#[derive(Debug, Clone)]
pub struct Slices {
    read: Function,
    len: u64,
    at: u64,
}

impl Slices {
    /// A file of `len` bytes, from its beginning.
    pub fn new(read: Function, len: f64) -> Self {
        // A file's size in JavaScript: a whole number below 2^53.
        Self { read, len: len as u64, at: 0 }
    }

    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// At most the first `most` bytes, in one call of the worker's function.
    pub fn first_bytes(&self, most: u64) -> io::Result<Vec<u8>> {
        self.part(0, most)
    }

    /// At most `most` bytes from a place on.
    fn part(&self, at: u64, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.len.saturating_sub(at).min(most) as usize];
        Self { at, ..self.clone() }.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Where a seek from `at` leads.
    fn place(&self, to: SeekFrom, at: u64) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => at.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
    }
}

impl Read for Slices {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let end = self.len.min(self.at.saturating_add(target.len() as u64));
        if end <= self.at {
            return Ok(0);
        }
        let (from, to) = (JsValue::from(self.at as f64), JsValue::from(end as f64));
        let answer = self.read.call2(&JsValue::NULL, &from, &to).ok().and_then(|answer| answer.dyn_into().ok());
        let bytes: Uint8Array = answer.ok_or_else(|| io::Error::other("the browser could not read it"))?;
        let count = bytes.length() as usize;
        if count == 0 || count > target.len() {
            return Err(io::Error::other("it changed while it was read"));
        }
        bytes.copy_to(&mut target[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Slices {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.place(to, self.at)?;
        Ok(self.at)
    }
}

/// Bytes of a block.
const BLOCK: u64 = 1 << 20;

/// A file that is read in blocks: in an archive, many small members follow each other.
#[derive(Debug)]
pub struct Blocks {
    file: Slices,
    /// The newest block, and where it begins.
    block: Vec<u8>,
    start: u64,
    at: u64,
}

impl Blocks {
    /// The whole file, from its beginning.
    pub fn new(file: Slices) -> Self {
        Self { file, block: Vec::new(), start: 0, at: 0 }
    }

    /// The rest of the block that has the present place; empty at the end of the file.
    fn rest(&mut self) -> io::Result<&[u8]> {
        if !(self.start..self.start + self.block.len() as u64).contains(&self.at) {
            self.start = self.at - self.at % BLOCK;
            self.block = self.file.part(self.start, BLOCK)?;
        }
        let passed = (self.at - self.start).min(self.block.len() as u64);
        Ok(&self.block[passed as usize..])
    }
}

impl Read for Blocks {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let rest = self.rest()?;
        let count = rest.len().min(target.len());
        target[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Blocks {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.file.place(to, self.at)?;
        Ok(self.at)
    }
}
