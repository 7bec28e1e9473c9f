//! A run as one file: a run folder, as the program writes it, in a `.tar`.

use serde_json::Value;
use slgan::train::chain::Chain;
use slgan::train::checkpoint::{HEADER_FILE, Header, TENSORS_FILE};
use tar::{Builder, EntryType, Header as Entry};
use wasm_bindgen::JsError;

use crate::sentence::sentence;

/// The folder inside the archive.
const FOLDER: &str = "run";

/// The run folder of a checkpoint, which `slgan train --resume --out run` can continue.
pub fn pack(header: &Header, header_file: &[u8], tensors: &[u8], events: &str) -> Result<Vec<u8>, JsError> {
    let config = header.config.to_toml().map_err(sentence)?;
    let checkpoint = format!("{FOLDER}/checkpoints/step-{:08}", header.step);
    let mut archive = Builder::new(Vec::new());
    add_folder(&mut archive, &format!("{FOLDER}/samples/"))?;
    add_file(&mut archive, &format!("{FOLDER}/config.toml"), config.as_bytes())?;
    add_file(&mut archive, &format!("{FOLDER}/events.jsonl"), sealed(events).as_bytes())?;
    add_file(&mut archive, &format!("{checkpoint}/{TENSORS_FILE}"), tensors)?;
    add_file(&mut archive, &format!("{checkpoint}/{HEADER_FILE}"), header_file)?;
    archive.into_inner().map_err(sentence)
}

/// The lines of `events.jsonl` with their seals.
fn sealed(events: &str) -> String {
    let mut chain = Chain::default();
    let kept = events.lines().filter(|line| !names_a_file(line));
    kept.filter_map(|line| Some(chain.close(line.strip_suffix('}')?) + "\n")).collect()
}

/// Whether an event names a file. The archive does not contain these files.
fn names_a_file(line: &str) -> bool {
    let event: Option<Value> = serde_json::from_str(line).ok();
    event.is_some_and(|event| event["event"] == "samples" || event["event"] == "checkpoint")
}

fn add_folder(archive: &mut Builder<Vec<u8>>, path: &str) -> Result<(), JsError> {
    let mut entry = Entry::new_ustar();
    entry.set_entry_type(EntryType::Directory);
    entry.set_mode(0o755);
    entry.set_size(0);
    archive.append_data(&mut entry, path, std::io::empty()).map_err(sentence)
}

fn add_file(archive: &mut Builder<Vec<u8>>, path: &str, bytes: &[u8]) -> Result<(), JsError> {
    let mut entry = Entry::new_ustar();
    entry.set_mode(0o644);
    entry.set_size(bytes.len() as u64);
    archive.append_data(&mut entry, path, bytes).map_err(sentence)
}
