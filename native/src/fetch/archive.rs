//! Unpacks the named members of a `.tar.gz`.
//!
//! It looks for members by file name and ignores the paths in the archive. So no archive, even a forged one, can write
//! a file outside the target folder or under another name.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::bufread::GzDecoder;

use super::catalogue::Member;
use crate::atomic;

/// Unpacks the regular files called as `members`, from any path in the archive, into `folder`. Keeps a member that exists
/// with its full size, and refuses one that is larger than it can be. Without `members`, it does not open the archive.
pub fn unpack(archive: &Path, members: &[Member], folder: &Path) -> Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    let missing = extract(archive, members, folder).with_context(|| format!("cannot unpack {}", archive.display()))?;
    ensure!(missing.is_empty(), "{} does not hold {}", archive.display(), missing.join(", "));
    Ok(())
}

/// Reads the archive until all members are unpacked, and returns those that it does not hold.
fn extract(archive: &Path, members: &[Member], folder: &Path) -> io::Result<Vec<&'static str>> {
    let mut missing = members.to_vec();
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(archive)?)));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let member = missing.iter().position(|member| path.file_name() == Some(member.name.as_ref()));
        let Some(member) = member.filter(|_| entry.header().entry_type().is_file()) else { continue };
        let Member { name, most_bytes } = missing.swap_remove(member);
        if entry.size() > most_bytes {
            let message = format!("{name} has {} bytes, expected at most {most_bytes}", entry.size());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let target = folder.join(name);
        if fs::metadata(&target).map_or(true, |found| found.len() != entry.size()) {
            say!("unpacking {}", target.display());
            atomic::write_file_with(&target, |file| io::copy(&mut entry, file).map(drop))?;
        }
        if missing.is_empty() {
            break;
        }
    }
    Ok(missing.into_iter().map(|member| member.name).collect())
}
