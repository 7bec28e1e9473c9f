//! `slgan data fetch`: named data sets, downloaded from their publishers.
//!
//! A fetch may be interrupted at any moment and called again: what is complete is kept, what is half there is
//! continued, and nothing gets its final name before its SHA-256 sum has been checked. No data is looked into here;
//! that is the library's part.

mod archive;
mod catalogue;
mod download;
mod partial;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

pub use catalogue::{DataSet, RemoteFile, find, names};
use download::{Downloader, Source};

/// Fetches `set` into `folder`, the same folder that `--data NAME:DIR` names; it is made where it is missing.
///
/// Files come from `mirror`, to which `/` and a file's name are appended, or else from the publisher. Archives are
/// unpacked into `folder` and kept there, so that a repeated call can check them without the network. Progress goes to
/// standard error.
///
/// # Errors
/// Whatever keeps a file from being complete, with its path or URL and what can be done. What has been downloaded of a
/// file stays beside its place as `FILE.part`, unless its size or sum shows it to be wrong.
pub fn fetch(set: &DataSet, folder: &Path, mirror: Option<&str>) -> Result<()> {
    fetch_with(&Downloader::default(), set, folder, mirror)
}

fn fetch_with(downloader: &Downloader, set: &DataSet, folder: &Path, mirror: Option<&str>) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let base = mirror.unwrap_or(set.publisher).trim_end_matches('/');
    let fetched = set.files.iter().try_for_each(|file| fetch_file(downloader, file, base, folder));
    if fetched.is_err() {
        // Takes away only an empty folder.
        let _ = fs::remove_dir(folder);
    }
    fetched
}

fn fetch_file(downloader: &Downloader, file: &RemoteFile, base: &str, folder: &Path) -> Result<()> {
    let path = folder.join(file.name);
    let source = Source { url: format!("{base}/{}", file.name), bytes: file.bytes, sha256: file.sha256 };
    downloader.download(&source, &path)?;
    archive::unpack(&path, file.members, folder)
}
