//! The `FILE.part` of a download: the bytes so far, and their running checksum.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::atomic;

/// A file that only grows or starts over. It hashes bytes as it writes them, so that it need not read them again.
pub struct Partial {
    path: PathBuf,
    file: File,
    bytes: u64,
    sha256: Sha256,
}

impl Partial {
    /// Opens the partial file of `target`, with the bytes of an earlier download.
    pub fn open(target: &Path) -> Result<Self> {
        let mut path = target.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let open = || {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
            let mut sha256 = Sha256::new();
            let bytes = hash(&mut file, &mut sha256)?;
            Ok::<_, io::Error>((file, bytes, sha256))
        };
        let (file, bytes, sha256) = open().with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self { path, file, bytes, sha256 })
    }

    /// How many bytes have arrived.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The SHA-256 sum of these bytes, in lower-case hexadecimal digits.
    pub fn sha256(&self) -> String {
        hexadecimal(self.sha256.clone())
    }

    /// Appends `chunk`.
    pub fn append(&mut self, chunk: &[u8]) -> Result<()> {
        self.file.write_all(chunk).with_context(|| format!("cannot write {}", self.path.display()))?;
        self.sha256.update(chunk);
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    /// Discards all bytes.
    pub fn restart(&mut self) -> Result<()> {
        self.file.set_len(0).with_context(|| format!("cannot empty {}", self.path.display()))?;
        self.sha256.reset();
        self.bytes = 0;
        Ok(())
    }

    /// Gives the file its final name.
    pub fn finish(self, target: &Path) -> Result<()> {
        drop(self.file);
        Ok(atomic::rename_file(&self.path, target)?)
    }

    /// Leaves the file to a later download, or removes it if it is empty.
    pub fn leave(self) {
        drop(self.file);
        if self.bytes == 0 {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The SHA-256 sum of a file, in lower-case hexadecimal digits.
pub fn sha256_of(path: &Path) -> io::Result<String> {
    let mut sha256 = Sha256::new();
    hash(&mut File::open(path)?, &mut sha256)?;
    Ok(hexadecimal(sha256))
}

/// Hashes the rest of `file`, and returns its length in bytes.
fn hash(file: &mut File, sha256: &mut Sha256) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(bytes),
            read => {
                sha256.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
}

fn hexadecimal(sha256: Sha256) -> String {
    sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
