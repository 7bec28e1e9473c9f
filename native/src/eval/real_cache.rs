//! A cache of the features of real images, by the contents of the images and of the extractor.
//!
//! Whatever fails here costs time, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use slgan::eval::{DataFacts, Origin, Statistics};
use slgan::train::seal::sha256;

use crate::{atomic, cache, regular_file};

/// Digits of a name that stand for the contents.
const DIGITS: usize = 24;

/// The statistics of an origin, with features; none if the cache has none, or they cannot be used.
pub fn find(origin: &Origin) -> Option<Statistics> {
    let path = path(origin)?;
    // What cannot be read cannot be written either, which is reported then.
    let bytes = regular_file::read(&path).ok()?;
    match usable(&bytes, origin) {
        Ok(statistics) => Some(statistics),
        Err(error) => {
            say!("warning: {}: {error:#}; the features of the real images are computed again", path.display());
            None
        }
    }
}

/// Keeps statistics.
pub fn keep(origin: &Origin, statistics: &Statistics) {
    let Some(path) = path(origin) else { return };
    if let Err(error) = write(&path, statistics) {
        say!("warning: {error:#}; the next evaluation computes the features of the real images again");
    }
}

fn usable(bytes: &[u8], origin: &Origin) -> Result<Statistics> {
    let found = Statistics::read(bytes)?;
    ensure!(found.origin.as_ref().is_some_and(|own| key(own) == key(origin)), "it is of other images");
    let numbers = origin.data.images.unwrap_or(0) * origin.extractor.features;
    ensure!(found.gaussian.dim() == origin.extractor.features, "it has another number of features");
    ensure!(found.features.as_ref().is_some_and(|features| features.len() == numbers), "it has not all features");
    Ok(found)
}

fn write(path: &Path, statistics: &Statistics) -> Result<()> {
    let bytes = statistics.write()?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string()).context("the cache")?;
    }
    atomic::write_file(path, &bytes).context("the cache")
}

fn path(origin: &Origin) -> Option<PathBuf> {
    Some(cache::folder()?.join(format!("features-{}.npz", &sha256(key(origin).as_bytes())[..DIGITS])))
}

/// What decides the features: the network, and the contents of the images, wherever they are.
fn key(Origin { extractor, data }: &Origin) -> String {
    let DataFacts { split, images, fingerprint, .. } = data;
    let [split, fingerprint] = [split, fingerprint].map(|text| text.as_deref().unwrap_or("-"));
    let images = images.unwrap_or(0);
    format!("{} {} {} {fingerprint} {split} {images}", extractor.name, extractor.sha256, extractor.resize)
}
