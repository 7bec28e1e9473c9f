//! The newest checkpoint of a run folder in a `.tar`. Anyone may have made the archive, so nothing that it says is
//! taken for granted: only regular files with known names in known folders are read, up to a sensible size.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use js_sys::{Function, Object, Reflect, Uint8Array};
use slgan::train::checkpoint::{self, CheckpointFiles, HEADER_FILE, TENSORS_FILE};
use tar::{Archive, Entry};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use crate::slices::Slices;

/// The folder of a run's checkpoints, each in a folder `step-00001234`.
const CHECKPOINTS: &str = "checkpoints";

/// Most bytes of a checkpoint's header. With 10,000 class names, it has less than one mebibyte.
const HEADER_BYTES_MAX: u64 = 16 << 20;

/// Most bytes of a checkpoint's tensors: more would not fit into the module's memory together with the networks.
const TENSORS_BYTES_MAX: u64 = 1 << 30;

/// Most bytes of an entry that describes the next one, such as a long name.
const DESCRIPTION_BYTES_MAX: u64 = 64 << 10;

/// Most entries of an archive.
const ENTRIES_MAX: usize = 100_000;

/// A file of a checkpoint in the archive.
#[derive(Clone, Copy)]
struct Place {
    at: u64,
    len: u64,
}

/// The two files of a checkpoint, as far as they have been found.
#[derive(Clone, Copy, Default)]
struct Found {
    header: Option<Place>,
    tensors: Option<Place>,
}

/// The newest checkpoint of a packed run folder: an object with the bytes `header` and `tensors`. `read` returns the
/// archive's bytes between two places, and `len` is its size.
///
/// # Errors
/// If it is not an archive, contains no whole checkpoint, or claims what no run folder has.
#[wasm_bindgen]
pub fn untar_run(read: Function, len: f64) -> Result<JsValue, JsError> {
    let files = newest_checkpoint(Slices::new(read, len), len as u64)
        .map_err(|fault| JsError::new(&format!("not a saved run (.tar): {fault}")))?;
    let checkpoint = Object::new();
    for (name, bytes) in [("header", files.header), ("tensors", files.tensors)] {
        Reflect::set(&checkpoint, &name.into(), &Uint8Array::from(bytes.as_slice()))
            .expect("a new object takes properties");
    }
    Ok(checkpoint.into())
}

/// Reads nothing but the archive's list and the two files of the newest checkpoint.
fn newest_checkpoint(mut archive: impl Read + Seek, len: u64) -> Result<CheckpointFiles, String> {
    check_claims(&mut archive, len)?;
    let whole = |(step, found): (u64, Found)| Some((step, found.header?, found.tensors?));
    let Some((folder, header, tensors)) = checkpoints(&mut archive)?.into_iter().rev().find_map(whole) else {
        return Err(format!("there is no checkpoint, {HEADER_FILE} and {TENSORS_FILE} in {CHECKPOINTS}/step-N/"));
    };
    let header = bytes(&mut archive, header, HEADER_BYTES_MAX, HEADER_FILE)?;
    let step = checkpoint::read_header(&header).map_err(|error| error.to_string())?.step;
    if step != folder {
        return Err(format!("the checkpoint in step-{folder:08} is of step {step}"));
    }
    let tensors = bytes(&mut archive, tensors, TENSORS_BYTES_MAX, TENSORS_FILE)?;
    Ok(CheckpointFiles { tensors, header })
}

/// Checks the list as it stands, before anything acts on it: every entry lies in the archive, and descriptions of
/// entries, which the next pass reads, are short.
fn check_claims(archive: &mut (impl Read + Seek), len: u64) -> Result<(), String> {
    archive.seek(SeekFrom::Start(0)).map_err(damaged)?;
    let mut archive = Archive::new(archive);
    for (count, entry) in archive.entries_with_seek().map_err(damaged)?.raw(true).enumerate() {
        let entry = entry.map_err(damaged)?;
        if count == ENTRIES_MAX {
            return Err(format!("it has more than {ENTRIES_MAX} entries"));
        }
        if entry.raw_file_position().checked_add(entry.size()).is_none_or(|end| end > len) {
            return Err(format!("it is cut short: an entry claims {} bytes, more than there are", entry.size()));
        }
        let kind = entry.header().entry_type();
        let is_description = kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions();
        if is_description && entry.size() > DESCRIPTION_BYTES_MAX {
            return Err(format!("the name of an entry claims {} bytes", entry.size()));
        }
    }
    Ok(())
}

/// The places of all checkpoints' files, by step.
fn checkpoints(archive: &mut (impl Read + Seek)) -> Result<BTreeMap<u64, Found>, String> {
    archive.seek(SeekFrom::Start(0)).map_err(damaged)?;
    let mut archive = Archive::new(archive);
    let mut checkpoints: BTreeMap<u64, Found> = BTreeMap::new();
    for entry in archive.entries_with_seek().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        let Some((step, file)) = checkpoint_file(&entry.path().map_err(damaged)?) else { continue };
        let place = Some(regular(&entry, file)?);
        let found = checkpoints.entry(step).or_default();
        match file {
            HEADER_FILE => found.header = place,
            _ => found.tensors = place,
        }
    }
    Ok(checkpoints)
}

/// The step and the name of a checkpoint's file, from a path that ends in `checkpoints/step-00001234/state.json`.
fn checkpoint_file(path: &Path) -> Option<(u64, &'static str)> {
    let mut parts = path.iter().rev().map(|part| part.to_str());
    let file = [HEADER_FILE, TENSORS_FILE].into_iter().find(|&name| parts.clone().next() == Some(Some(name)))?;
    let digits = parts.nth(1)??.strip_prefix("step-")?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let step = digits.parse().ok().filter(|_| is_number)?;
    (parts.next()?? == CHECKPOINTS).then_some((step, file))
}

/// The place of a file; links, devices, sparse files and all else that is no plain file is refused.
fn regular(entry: &Entry<impl Read>, file: &str) -> Result<Place, String> {
    if entry.header().entry_type().is_file() {
        Ok(Place { at: entry.raw_file_position(), len: entry.size() })
    } else {
        Err(format!("{file} is not a regular file in it"))
    }
}

/// The bytes of a file in the archive.
fn bytes(archive: &mut (impl Read + Seek), place: Place, most: u64, name: &str) -> Result<Vec<u8>, String> {
    if place.len > most {
        return Err(format!("{name} has {} MiB; at most {} MiB are expected", place.len >> 20, most >> 20));
    }
    archive.seek(SeekFrom::Start(place.at)).map_err(damaged)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(place.len as usize).map_err(|_| format!("{name}: there is not enough memory"))?;
    archive.take(place.len).read_to_end(&mut bytes).map_err(damaged)?;
    if bytes.len() as u64 == place.len { Ok(bytes) } else { Err(format!("{name} is cut short")) }
}

fn damaged(error: std::io::Error) -> String {
    format!("it is damaged: {error}")
}
