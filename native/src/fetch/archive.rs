//! Unpacks the named members of a `.tar.gz`.
//!
//! It looks for members by file name and ignores the paths in the archive. So no archive, even a forged one, can write
//! a file outside the target folder or under another name.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::bufread::GzDecoder;

use crate::atomic;

/// Unpacks the regular files called `members`, from any path in the archive, into `folder`. Keeps a member that exists
/// with its full size. Without `members`, it does not open the archive.
pub fn unpack(archive: &Path, members: &[&str], folder: &Path) -> Result<()> {
    if members.is_empty() {
        return Ok(());
    }
    let missing = extract(archive, members, folder).with_context(|| format!("cannot unpack {}", archive.display()))?;
    ensure!(missing.is_empty(), "{} does not hold {}", archive.display(), missing.join(", "));
    Ok(())
}

/// Reads the archive until all members are unpacked, and returns those that it does not hold.
fn extract<'a>(archive: &Path, members: &[&'a str], folder: &Path) -> io::Result<Vec<&'a str>> {
    let mut missing = members.to_vec();
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(archive)?)));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let member = missing.iter().position(|name| path.file_name() == Some(name.as_ref()));
        let Some(member) = member.filter(|_| entry.header().entry_type().is_file()) else { continue };
        let target = folder.join(missing.swap_remove(member));
        if fs::metadata(&target).map_or(true, |found| found.len() != entry.size()) {
            say!("unpacking {}", target.display());
            atomic::write_file_with(&target, |file| io::copy(&mut entry, file).map(drop))?;
        }
        if missing.is_empty() {
            break;
        }
    }
    Ok(missing)
}
