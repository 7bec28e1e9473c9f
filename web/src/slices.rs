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
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
