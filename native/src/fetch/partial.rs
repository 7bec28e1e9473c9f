//! The `FILE.part` of a download: what has arrived so far, with its running checksum.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::atomic;

/// A file that only grows or starts over, hashed as it is written so that it need not be read again.
pub struct Partial {
    path: PathBuf,
    file: File,
    bytes: u64,
    sha256: Sha256,
}

impl Partial {
    /// Opens the partial file of `target`, with what an earlier download left in it.
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

    /// Adds `chunk` at the end.
    pub fn append(&mut self, chunk: &[u8]) -> Result<()> {
        self.file.write_all(chunk).with_context(|| format!("cannot write {}", self.path.display()))?;
        self.sha256.update(chunk);
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    /// Forgets everything that has arrived.
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

    /// Leaves the file to a later download, or removes it where that would have nothing to continue.
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

/// Feeds the rest of `file` to `sha256` and returns its length in bytes.
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
