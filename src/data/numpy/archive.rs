//! An archive of arrays: a zip whose members are arrays.

use std::fmt;
use std::io::{Cursor, Read, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::array::ArrayHeader;
use crate::data::DataError;

/// An archive to read.
pub struct ArrayArchive<R> {
    zip: ZipArchive<R>,
    names: Vec<String>,
}

impl<R> fmt::Debug for ArrayArchive<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ArrayArchive").field("names", &self.names).finish_non_exhaustive()
    }
}

impl<R: Read + Seek> ArrayArchive<R> {
    /// Reads the list of members.
    ///
    /// # Errors
    /// If it is no zip archive.
    pub fn open(reader: R) -> Result<Self, DataError> {
        let zip = ZipArchive::new(reader).map_err(|error| DataError::Zip(error.to_string()))?;
        let names = zip.file_names().filter_map(|name| name.ok()?.strip_suffix(".npy").map(str::to_owned)).collect();
        Ok(Self { zip, names })
    }

    /// The names of the arrays, without `.npy`, in the order of the archive.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads the array of a name: its header, and then what `read` makes of the bytes after it. An error calls it
    /// `NAME.npy`.
    ///
    /// # Errors
    /// If there is no such array, or `read` fails.
    pub fn read<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str, &ArrayHeader, &mut dyn Read) -> Result<T, DataError>,
    ) -> Result<T, DataError> {
        let file = format!("{name}.npy");
        if !self.names.iter().any(|found| found == name) {
            let present = self.names.iter().map(|name| format!("{name}.npy")).collect();
            return Err(DataError::Missing { wanted: vec![file], present });
        }
        let damaged = |error: zip::result::ZipError| DataError::Read { file: file.clone(), message: error.to_string() };
        let mut member = self.zip.by_name(&file).map_err(damaged)?;
        let header = ArrayHeader::read(&file, &mut member)?;
        read(&file, &header, &mut member)
    }
}

/// An archive to write, in memory.
pub struct ArchiveWriter(ZipWriter<Cursor<Vec<u8>>>);

impl fmt::Debug for ArchiveWriter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ArchiveWriter")
    }
}

impl Default for ArchiveWriter {
    fn default() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }
}

impl ArchiveWriter {
    /// Adds an array of a NumPy type, whose numbers are in `bytes`, the last index fastest.
    ///
    /// # Errors
    /// If the name was added before, or is too long for an archive.
    pub fn add(&mut self, name: &str, dtype: &str, dims: &[usize], bytes: &[u8]) -> Result<(), DataError> {
        let header = ArrayHeader { dtype: dtype.to_owned(), columns_first: false, dims: dims.to_vec() };
        let options = SimpleFileOptions::default().large_file(true);
        self.0.start_file(format!("{name}.npy"), options).map_err(|error| DataError::Zip(error.to_string()))?;
        let written = self.0.write_all(&header.bytes()).and_then(|()| self.0.write_all(bytes));
        written.map_err(|error| DataError::Zip(error.to_string()))
    }

    /// The archive's bytes.
    ///
    /// # Errors
    /// If it is too large for an archive.
    pub fn finish(self) -> Result<Vec<u8>, DataError> {
        Ok(self.0.finish().map_err(|error| DataError::Zip(error.to_string()))?.into_inner())
    }
}
