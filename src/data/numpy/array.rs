//! One array: its header, and its numbers.

use std::io::Read;

use crate::data::DataError;

/// How every array begins.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Most bytes of a header; NumPy's own limit is a sixth of it.
const HEADER_MAX: usize = 64 << 10;

/// Makes numbers of bytes.
type Decode = fn(&[u8]) -> Vec<f64>;

/// The header of an array (NEP 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayHeader {
    /// The type of a number as NumPy writes it, such as `|u1` or `<f8`.
    pub dtype: String,
    /// Whether the first index changes fastest.
    pub columns_first: bool,
    /// The lengths of the axes.
    pub dims: Vec<usize>,
}

/// An array in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Array<T> {
    /// The lengths of the axes.
    pub dims: Vec<usize>,
    /// Its numbers, the last index fastest.
    pub values: Vec<T>,
}

impl ArrayHeader {
    /// Reads the header of an array that an error calls `name`.
    ///
    /// # Errors
    /// If it is no header of NumPy's versions 1 to 3, or has a structured type.
    pub fn read(name: &str, reader: &mut impl Read) -> Result<Self, DataError> {
        let bad = |found: &str| DataError::content(name, "an array of NumPy (.npy)", found);
        let mut start = [0; 8];
        reader.read_exact(&mut start).map_err(|_| bad("fewer bytes than a header has"))?;
        let (magic, version) = start.split_at(MAGIC.len());
        if magic != MAGIC || !(1..=3).contains(&version[0]) {
            return Err(bad("other first bytes"));
        }
        let mut length = [0; 4];
        let length_bytes = if version[0] == 1 { 2 } else { 4 };
        reader.read_exact(&mut length[..length_bytes]).map_err(|_| bad("a header that is cut short"))?;
        let length = u32::from_le_bytes(length) as usize;
        if length > HEADER_MAX {
            return Err(bad("a header of more than 64 KiB"));
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text).map_err(|_| bad("a header that is cut short"))?;
        Self::parse(&String::from_utf8_lossy(&text)).ok_or_else(|| bad("a header without descr, order and shape"))
    }

    /// Parses the dictionary that NumPy writes.
    fn parse(text: &str) -> Option<Self> {
        let after = |key: &str| {
            let rest = text.split_once(&format!("'{key}'"))?.1.trim_start().strip_prefix(':')?;
            Some(rest.trim_start())
        };
        let dtype = after("descr")?.strip_prefix('\'')?.split_once('\'')?.0.to_owned();
        let order = after("fortran_order")?;
        let columns_first = order.starts_with("True");
        let shape = after("shape")?.strip_prefix('(')?.split_once(')')?.0;
        let lengths = shape.split(',').map(str::trim).filter(|length| !length.is_empty());
        let dims: Option<Vec<usize>> = lengths.map(|length| length.parse().ok()).collect();
        (columns_first || order.starts_with("False")).then_some(Self { dtype, columns_first, dims: dims? })
    }

    /// The header's bytes, as version 1.
    ///
    /// # Panics
    /// If it is longer than version 1 allows; a few axes are not.
    pub fn bytes(&self) -> Vec<u8> {
        let dims: String = self.dims.iter().map(|dim| format!("{dim}, ")).collect();
        let order = if self.columns_first { "True" } else { "False" };
        let Self { dtype, .. } = self;
        let mut text = format!("{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': ({}), }}", dims.trim_end());
        let before = MAGIC.len() + 2 + 2;
        text.push_str(&" ".repeat(63 - (before + text.len()) % 64));
        text.push('\n');
        let length = u16::try_from(text.len()).expect("a few axes fit into a header of version 1");
        [MAGIC, b"\x01\x00", &length.to_le_bytes(), text.as_bytes()].concat()
    }

    /// How many numbers the array has; none if that is more than a machine can address.
    pub fn count(&self) -> Option<usize> {
        self.dims.iter().try_fold(1_usize, |count, &dim| count.checked_mul(dim))
    }

    /// The numbers of an array of floats after its header, as f64.
    ///
    /// # Errors
    /// If the numbers are of another type or order, there are more than `most`, or the bytes end early.
    pub fn floats(&self, name: &str, reader: &mut impl Read, most: usize) -> Result<Array<f64>, DataError> {
        let (width, decode): (usize, Decode) = match self.dtype.as_str() {
            "<f8" => (8, doubles),
            "<f4" => (4, singles),
            other => return Err(DataError::content(name, "float64 or float32 (<f8, <f4)", other)),
        };
        Ok(Array { dims: self.dims.clone(), values: decode(&self.payload(name, reader, width, most)?) })
    }

    /// The numbers of an array of whole numbers that are at least 0.
    ///
    /// # Errors
    /// As [`Self::floats`], and if a number is below 0.
    pub fn whole_numbers(&self, name: &str, reader: &mut impl Read, most: usize) -> Result<Array<usize>, DataError> {
        let (signed, width) = match self.dtype.as_str() {
            "|u1" | "|i1" => (self.dtype == "|i1", 1),
            "<u2" | "<i2" => (self.dtype == "<i2", 2),
            "<u4" | "<i4" => (self.dtype == "<i4", 4),
            "<u8" | "<i8" => (self.dtype == "<i8", 8),
            other => return Err(DataError::content(name, "whole numbers, such as int64 (<i8)", other)),
        };
        let bytes = self.payload(name, reader, width, most)?;
        let number = |(index, bytes): (usize, &[u8])| {
            let mut wide = [0; 8];
            wide[..width].copy_from_slice(bytes);
            let is_negative = signed && bytes[width - 1] >= 128;
            let value = usize::try_from(u64::from_le_bytes(wide)).ok().filter(|_| !is_negative);
            value.ok_or_else(|| DataError::content(name, "numbers of at least 0", format!("another at place {index}")))
        };
        let values: Result<Vec<usize>, DataError> = bytes.chunks_exact(width).enumerate().map(number).collect();
        Ok(Array { dims: self.dims.clone(), values: values? })
    }

    fn payload(&self, name: &str, reader: &mut impl Read, width: usize, most: usize) -> Result<Vec<u8>, DataError> {
        if self.columns_first && self.dims.len() > 1 {
            return Err(DataError::content(name, "rows one after the other (C order)", "Fortran order"));
        }
        let count = self.count().filter(|&count| count <= most);
        let count = count.ok_or_else(|| {
            DataError::content(name, format!("at most {most} numbers"), format!("the shape {:?}", self.dims))
        })?;
        let mut bytes = Vec::new();
        let read = reader.take((count * width) as u64).read_to_end(&mut bytes);
        match read {
            Ok(found) if found == count * width => Ok(bytes),
            Ok(found) => {
                Err(DataError::content(name, format!("{} bytes of numbers", count * width), found.to_string()))
            }
            Err(error) => Err(DataError::Read { file: name.to_owned(), message: error.to_string() }),
        }
    }
}

fn doubles(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number)).collect()
}

fn singles(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|number| f64::from(f32::from_le_bytes(*number))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(dtype: &str, dims: &[usize]) -> ArrayHeader {
        ArrayHeader { dtype: dtype.to_owned(), columns_first: false, dims: dims.to_vec() }
    }

    #[test]
    fn a_header_survives_writing_and_reading_and_ends_at_64_bytes() {
        for dims in [&[][..], &[7], &[50_000, 32, 32, 3], &[2_048, 2_048]] {
            let written = header("<f8", dims).bytes();
            assert_eq!(written.len() % 64, 0);
            assert_eq!(ArrayHeader::read("a", &mut &written[..]), Ok(header("<f8", dims)));
        }
    }

    #[test]
    fn headers_as_numpy_writes_them_are_read() {
        // What numpy 2.4 saves for arrays of version 1, and of version 2.
        let text = "{'descr': '<i8', 'fortran_order': True, 'shape': (3, 2), }\n";
        let with = |version: &[u8]| [MAGIC, version, text.as_bytes()].concat();
        let expected = ArrayHeader { columns_first: true, ..header("<i8", &[3, 2]) };
        for start in [&[1, 0, text.len() as u8, 0][..], &[2, 0, text.len() as u8, 0, 0, 0]] {
            assert_eq!(ArrayHeader::read("a", &mut &with(start)[..]), Ok(expected.clone()));
        }
        for wrong in ["{}", "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "{'descr': '<f8'"] {
            assert_eq!(ArrayHeader::parse(wrong), None, "{wrong}");
        }
        assert!(ArrayHeader::read("a", &mut &b"\x93NUMPY\x09\x00"[..]).is_err());
        assert!(ArrayHeader::read("a", &mut &[MAGIC, &[2, 0, 255, 255, 255, 255]].concat()[..]).is_err());
    }

    #[test]
    fn numbers_are_read_or_refused_by_name() {
        let floats = |dtype: &str, bytes: &[u8]| header(dtype, &[2]).floats("mu.npy", &mut { bytes }, 10);
        let bytes = [1.5_f64, -2.0].map(f64::to_le_bytes).concat();
        assert_eq!(floats("<f8", &bytes).map(|array| array.values), Ok(vec![1.5, -2.0]));
        assert_eq!(floats("<f4", &[1.5_f32, 4.0].map(f32::to_le_bytes).concat()).map(|a| a.values), Ok(vec![1.5, 4.0]));
        let error = |result: Result<Array<f64>, DataError>| result.unwrap_err().to_string();
        assert_eq!(error(floats("<f8", &bytes[..9])), "mu.npy: expected 16 bytes of numbers, found 9");
        assert!(error(floats("|u1", &bytes)).contains("mu.npy: expected float64 or float32"));
        let large = header("<f8", &[usize::MAX, 2]).floats("mu.npy", &mut &bytes[..], 10);
        assert!(error(large).contains("at most 10 numbers"));

        let whole = |dtype: &str, bytes: &[u8]| header(dtype, &[2]).whole_numbers("y", &mut { bytes }, 10);
        assert_eq!(whole("|u1", &[7, 200]).map(|array| array.values), Ok(vec![7, 200]));
        assert_eq!(whole("<i2", &[7, 0, 0, 1]).map(|array| array.values), Ok(vec![7, 256]));
        assert!(whole("<i2", &[7, 0, 255, 255]).unwrap_err().to_string().contains("at place 1"));
    }
}
