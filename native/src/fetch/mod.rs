//! `slgan data fetch`: downloads named data sets from their publishers.
//!
//! A fetch may stop at any moment. The next call keeps complete files and continues partial ones. No file gets its
//! final name before a check of its SHA-256 sum. This module does not read the data; the library does.

mod address;
mod archive;
mod catalogue;
mod download;
mod pace;
mod partial;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use address::Address;
pub use address::without_secrets;
pub use catalogue::{DataSet, RemoteFile, find, names};
use download::{Downloader, Source};

/// Fetches `set` into `folder`, the folder that `--data NAME:DIR` names. Creates the folder if it is missing.
///
/// Files come from `mirror`, or else from the publisher; their URLs append `/` and a file's name to its path. `folder` also keeps
/// the archives, so that a repeated call can check them without the network. Progress goes to standard error.
///
/// # Errors
/// If `mirror` is not an address (exit code 2), or a file stays incomplete. The error has its path or URL, without
/// secrets, and advice. A partial download stays as `FILE.part`,
/// unless its size or sum is wrong.
pub fn fetch(set: &DataSet, folder: &Path, mirror: Option<&str>) -> Result<()> {
    fetch_with(&Downloader::default(), set, folder, mirror)
}

fn fetch_with(downloader: &Downloader, set: &DataSet, folder: &Path, mirror: Option<&str>) -> Result<()> {
    let base = mirror.unwrap_or(set.publisher);
    let addresses = set.files.iter().map(|file| Address::of(base, file.name)).collect::<Result<Vec<_>>>()?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {}", folder.display()))?;
    let mut files = set.files.iter().zip(addresses);
    let fetched = files.try_for_each(|(file, address)| fetch_file(downloader, file, address, folder));
    if fetched.is_err() {
        // Removes only an empty folder.
        let _ = fs::remove_dir(folder);
    }
    fetched
}

fn fetch_file(downloader: &Downloader, file: &RemoteFile, address: Address, folder: &Path) -> Result<()> {
    let path = folder.join(file.name);
    let source = Source { address, bytes: file.bytes, sha256: file.sha256 };
    downloader.download(&source, &path)?;
    archive::unpack(&path, file.members, folder)
}
