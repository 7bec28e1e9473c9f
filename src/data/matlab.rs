//! The MATLAB 5 container: numeric arrays by name, little- or big-endian, plain or compressed.
//!
//! It reads only what data sets use. It skips cells, structures, text, sparse and complex arrays, and arrays that the
//! caller does not want. Format: "MAT-File Format", The MathWorks, chapter 1, level 5.

use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::read::ZlibDecoder;

use super::error::DataError;
use super::records;
use super::unpacking::{MOST_BYTES, surplus};

const HEADER: usize = 128;
const TAG: usize = 8;

/// Data types of elements (`mi...` in the format's description).
mod element {
    pub const INT8: u32 = 1;
    pub const UINT8: u32 = 2;
    pub const INT16: u32 = 3;
    pub const UINT16: u32 = 4;
    pub const INT32: u32 = 5;
    pub const UINT32: u32 = 6;
    pub const SINGLE: u32 = 7;
    pub const DOUBLE: u32 = 9;
    pub const INT64: u32 = 12;
    pub const UINT64: u32 = 13;
    pub const MATRIX: u32 = 14;
    pub const COMPRESSED: u32 = 15;
}

/// A numeric array. The stored type may be narrower than the variable's: MATLAB stores whole doubles as bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    /// Sizes, the fastest-varying dimension first.
    pub dims: Vec<usize>,
    /// The elements as stored; the first dimension varies fastest.
    pub bytes: Vec<u8>,
    stored: u32,
    big_endian: bool,
}

impl Array {
    /// Whether the elements are stored as unsigned bytes.
    pub fn is_bytes(&self) -> bool {
        self.stored == element::UINT8
    }

    /// How many elements there are.
    pub fn count(&self) -> usize {
        self.dims.iter().product()
    }

    /// The elements as numbers, exact except for 64-bit integers above 2^53.
    pub fn values(&self) -> Vec<f64> {
        match self.stored {
            element::INT8 => self.convert(|b| i8::from_le_bytes(b).into()),
            element::UINT8 => self.convert(|b| u8::from_le_bytes(b).into()),
            element::INT16 => self.convert(|b| i16::from_le_bytes(b).into()),
            element::UINT16 => self.convert(|b| u16::from_le_bytes(b).into()),
            element::INT32 => self.convert(|b| i32::from_le_bytes(b).into()),
            element::UINT32 => self.convert(|b| u32::from_le_bytes(b).into()),
            element::SINGLE => self.convert(|b| f32::from_le_bytes(b).into()),
            element::DOUBLE => self.convert(f64::from_le_bytes),
            element::INT64 => self.convert(|b| i64::from_le_bytes(b) as f64),
            _ => self.convert(|b| u64::from_le_bytes(b) as f64),
        }
    }

    fn convert<const WIDTH: usize>(&self, number: fn([u8; WIDTH]) -> f64) -> Vec<f64> {
        let (elements, _) = self.bytes.as_chunks();
        let little_endian = |mut bytes: [u8; WIDTH]| {
            if self.big_endian {
                bytes.reverse();
            }
            bytes
        };
        elements.iter().map(|&bytes| number(little_endian(bytes))).collect()
    }
}

/// Bytes per number of an element type.
fn width(stored: u32) -> Option<usize> {
    match stored {
        element::INT8 | element::UINT8 => Some(1),
        element::INT16 | element::UINT16 => Some(2),
        element::INT32 | element::UINT32 | element::SINGLE => Some(4),
        element::DOUBLE | element::INT64 | element::UINT64 => Some(8),
        _ => None,
    }
}

/// Reads the `wanted` numeric arrays by name. It is an error if any variable, wanted or not, is cut short.
pub(super) fn read(file: &str, bytes: &[u8], wanted: &[&str]) -> Result<BTreeMap<String, Array>, DataError> {
    let big_endian = match bytes.get(HEADER - 4..HEADER) {
        Some([0, 1, b'I', b'M']) => false,
        Some([1, 0, b'M', b'I']) => true,
        _ => return Err(DataError::content(file, "a MATLAB 5 file", records::describe(bytes))),
    };
    let mut arrays = BTreeMap::new();
    let mut end = HEADER;
    while end < bytes.len() {
        let start = end;
        let broken = |error: io::Error| {
            let found = format!("{error} (the file has {} bytes)", bytes.len());
            DataError::content(file, format!("a whole variable at byte {start}"), found)
        };
        let Tag { kind, size, .. } = Reader { bytes: &bytes[start..], big_endian }.tag().map_err(broken)?;
        let available = &bytes[start + TAG..];
        let body = &available[..size.min(available.len())];
        let mut reader = Reader { bytes: open(kind, body), big_endian };
        let head = reader.variable(kind);
        if body.len() < size {
            let name = head.ok().flatten().map(|variable| format!(" `{}`", variable.name)).unwrap_or_default();
            let expected = format!("{size} bytes of variable{name} after its tag at byte {start}");
            return Err(DataError::content(file, expected, format!("the end of the file after {} bytes", body.len())));
        }
        if let Some(variable) = head.map_err(broken)?.filter(|variable| wanted.contains(&variable.name.as_str())) {
            let most = (kind == element::COMPRESSED).then_some(MOST_BYTES);
            let array = reader.array(variable.dims, most).map_err(broken)?;
            if arrays.contains_key(&variable.name) {
                return Err(DataError::content(file, "each variable once", format!("`{}` again", variable.name)));
            }
            arrays.insert(variable.name, array);
        }
        end = start + TAG + size;
    }
    Ok(arrays)
}

/// The content of a top-level element, decompressed if necessary.
fn open<'a>(kind: u32, body: &'a [u8]) -> Box<dyn Read + 'a> {
    if kind == element::COMPRESSED { Box::new(ZlibDecoder::new(body)) } else { Box::new(body) }
}

/// The head of an element. It may itself contain up to four bytes of data.
struct Tag {
    kind: u32,
    size: usize,
    packed: Option<[u8; 4]>,
}

/// Name and sizes of a variable, read before its elements.
struct Variable {
    name: String,
    dims: Vec<usize>,
}

/// Reads elements from bytes that may end or break anywhere.
struct Reader<R> {
    bytes: R,
    big_endian: bool,
}

impl<R: Read> Reader<R> {
    fn word(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn tag(&mut self) -> io::Result<Tag> {
        let mut tag = [0; TAG];
        self.bytes.read_exact(&mut tag)?;
        let [first, second] = [[tag[0], tag[1], tag[2], tag[3]], [tag[4], tag[5], tag[6], tag[7]]];
        let kind = self.word(first);
        Ok(match kind >> 16 {
            0 => Tag { kind, size: self.word(second) as usize, packed: None },
            size => Tag { kind: kind & 0xffff, size: (size as usize).min(4), packed: Some(second) },
        })
    }

    /// The data of `tag`, without the padding to a multiple of 8 bytes.
    fn data(&mut self, tag: &Tag) -> io::Result<Vec<u8>> {
        if let Some(packed) = tag.packed {
            return Ok(packed[..tag.size].to_vec());
        }
        let mut data = Vec::new();
        self.bytes.by_ref().take(tag.size as u64).read_to_end(&mut data)?;
        if data.len() < tag.size {
            return Err(invalid(format!("the end after {} of {} bytes", data.len(), tag.size)));
        }
        let padding = tag.size.next_multiple_of(8) - tag.size;
        io::copy(&mut self.bytes.by_ref().take(padding as u64), &mut io::sink())?;
        Ok(data)
    }

    /// A short element of a variable's head.
    fn head(&mut self, kind: u32) -> io::Result<Vec<u8>> {
        const LONGEST: usize = 256;
        let tag = self.tag()?;
        if tag.kind != kind || tag.size > LONGEST {
            return Err(invalid(format!(
                "an element of type {} and {} bytes in the head of a variable",
                tag.kind, tag.size
            )));
        }
        self.data(&tag)
    }

    /// The head of the variable in a top-level element of type `kind`; none if it is not a real numeric array.
    fn variable(&mut self, kind: u32) -> io::Result<Option<Variable>> {
        let kind = if kind == element::COMPRESSED { self.tag()?.kind } else { kind };
        if kind != element::MATRIX {
            return Err(invalid(format!("an element of type {kind}")));
        }
        let flags = self.words(element::UINT32)?;
        let flags = flags.first().copied().unwrap_or_default();
        let (is_numeric, is_complex) = ((6..=15).contains(&(flags & 0xff)), flags & 0x800 != 0);
        if !is_numeric || is_complex {
            return Ok(None);
        }
        let dims = self.words(element::INT32)?.iter().map(|&dim| dim as usize).collect();
        let name = String::from_utf8_lossy(&self.head(element::INT8)?).into_owned();
        Ok(Some(Variable { name, dims }))
    }

    fn words(&mut self, kind: u32) -> io::Result<Vec<u32>> {
        let bytes = self.head(kind)?;
        Ok(bytes.as_chunks().0.iter().map(|&word| self.word(word)).collect())
    }

    /// The elements after a variable's head, of at most `most` bytes if there is a limit. Nothing may follow them.
    fn array(&mut self, dims: Vec<usize>, most: Option<usize>) -> io::Result<Array> {
        let tag = self.tag()?;
        let count = dims.iter().try_fold(1, |count: usize, &dim| count.checked_mul(dim));
        let size = width(tag.kind).and_then(|width| count?.checked_mul(width));
        if size != Some(tag.size) {
            return Err(invalid(format!("{} bytes of type {} for an array of {dims:?}", tag.size, tag.kind)));
        }
        if most.is_some_and(|most| tag.size > most) {
            return Err(invalid(format!("a compressed array of {} bytes, above the limit of {MOST_BYTES}", tag.size)));
        }
        let bytes = self.data(&tag)?;
        match surplus(&mut self.bytes)? {
            None => Ok(Array { dims, bytes, stored: tag.kind, big_endian: self.big_endian }),
            Some(surplus) => Err(invalid(format!("{surplus} bytes after the array"))),
        }
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
