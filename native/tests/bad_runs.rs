//! The program refuses bad run folders and checkpoints, and does not change them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
#[cfg(unix)]
use std::process::Command;

use sha2::{Digest, Sha256};

use common::{READERS, RESUME, TRAIN, Workplace};

const CHECKPOINT: &str = "run/checkpoints/step-00000002";
const HEADER: &str = "run/checkpoints/step-00000002/state.json";
const TENSORS: &str = "run/checkpoints/step-00000002/state.safetensors";

#[test]
fn a_resumed_run_keeps_its_configuration() {
    let workplace = Workplace::with_run();
    for (flags, key) in [
        ("--data glyphs", "data"),
        ("--seed 1", "seed"),
        ("--batch 8", "batch"),
        ("--labels none", "labels"),
        ("--preset small", "preset"),
        ("--set images.channels=1", "images.channels"),
        ("--set images.size=28", "images.size"),
        ("--set gate.tau=0.5", "gate.tau"),
    ] {
        workplace.refuses(&format!("{RESUME} {flags}"), 2, &["--resume may change", key]);
    }
    workplace.refuses("train --out nowhere --resume", 2, &["nowhere: no run to resume"]);
}

#[test]
fn a_resumed_run_does_not_ignore_a_configuration_file() {
    let workplace = Workplace::with_run();
    workplace.write("other.toml", b"seed = 5\n");
    workplace.refuses(&format!("{RESUME} --config other.toml"), 2, &["seed"]);
    workplace.refuses(&format!("{RESUME} --config nowhere.toml"), 2, &["nowhere.toml"]);
}

#[test]
fn a_resumed_run_needs_its_classes() {
    let workplace = Workplace::with_run();
    fs::remove_dir_all(workplace.path("pictures/b")).unwrap();
    workplace.refuses(RESUME, 2, &["run", "2 classes", "1 classes"]);
    fs::remove_dir_all(workplace.path("pictures")).unwrap();
    workplace.refuses(RESUME, 2, &["`pictures` is not there", "run/config.toml", "--data folder:NEW"]);
}

#[test]
fn a_resumed_run_needs_its_images() {
    let workplace = Workplace::with_run();
    fs::remove_file(workplace.path("pictures/a/0.png")).unwrap();
    workplace.refuses(RESUME, 2, &["run"]);
}

#[test]
fn an_existing_run_folder_is_not_touched() {
    let workplace = Workplace::with_run();
    workplace.write("file", b"mine");
    workplace.write("notes/mine", b"mine");
    for out in ["run", "notes", "file"] {
        let line = format!("{TRAIN} --data folder:pictures --steps 2 --out {out}");
        workplace.refuses(&line, 2, &[&format!("{out}: already exists"), "--resume"]);
    }
    workplace.refuses(&format!("{TRAIN} --data folder:pictures --steps 2 --out file/run"), 1, &["file"]);
}

#[test]
fn a_damaged_checkpoint_is_named() {
    let workplace = Workplace::with_run();
    let (header, tensors) = (workplace.read(HEADER), workplace.read(TENSORS));
    let mut flipped = tensors.clone();
    flipped[tensors.len() / 2] ^= 1;
    let newer = String::from_utf8(header.clone()).unwrap().replace("\"format\": 2", "\"format\": 3");
    let older = String::from_utf8(header.clone()).unwrap().replace("\"format\": 2", "\"format\": 1");
    let seed = String::from_utf8(header.clone()).unwrap().replace("\"seed\": 0", "\"seed\": 7");
    assert!(seed.as_bytes() != header);
    let cases: [(&str, &[u8], &str); 8] = [
        (TENSORS, &tensors[..1000], "1000 bytes"),
        (TENSORS, &[], "0 bytes"),
        (TENSORS, &flipped, "damaged"),
        (HEADER, &header[..header.len() / 2], "EOF"),
        (HEADER, &[], "EOF"),
        (HEADER, older.as_bytes(), "damaged: format 2 has a seal"),
        (HEADER, seed.as_bytes(), "damaged: its SHA-256 is"),
        (HEADER, newer.as_bytes(), "expected format 1 or 2, found 3"),
    ];
    for (file, bytes, part) in cases {
        workplace.write(HEADER, &header);
        workplace.write(TENSORS, &tensors);
        workplace.write(file, bytes);
        let name = file.rsplit('/').next().unwrap();
        for line in READERS.iter().chain([&RESUME]) {
            workplace.refuses(line, 1, &[CHECKPOINT, name, part]);
        }
    }
    workplace.write(HEADER, &header);
    for file in [TENSORS, HEADER] {
        fs::remove_file(workplace.path(file)).unwrap();
        workplace.refuses(RESUME, 1, &[file]);
    }
}

/// Changes a value in the checkpoint's header, and seals it again.
fn forge(workplace: &Workplace, pointer: &str, value: serde_json::Value) {
    let mut header = workplace.json(HEADER);
    *header.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    workplace.write_sealed(HEADER, header);
}

#[test]
fn a_checkpoint_of_another_configuration_is_refused() {
    let workplace = Workplace::with_run();
    let header = workplace.read(HEADER);
    for (pointer, value) in [
        ("/config/preset", "small".into()),
        ("/config/latent/dim", 32.into()),
        ("/subject/image/size", 48.into()),
        ("/subject/image/channels", 1.into()),
    ] {
        workplace.write(HEADER, &header);
        forge(&workplace, pointer, value);
        for line in READERS {
            workplace.refuses(line, 1, &[CHECKPOINT, "state.safetensors: tensor", "expected", "found"]);
        }
    }
}

#[test]
fn a_run_does_not_resume_from_a_checkpoint_of_another_run() {
    let workplace = Workplace::with_run();
    let header = workplace.read(HEADER);
    for (pointer, value, part) in [
        ("/subject/fingerprint", "000000000000".into(), "contents"),
        ("/config/preset", "small".into(), "preset"),
        ("/config/seed", 7.into(), "seed"),
    ] {
        workplace.write(HEADER, &header);
        forge(&workplace, pointer, value);
        workplace.refuses(RESUME, 2, &["run", part]);
    }
}

#[test]
fn a_header_that_contradicts_itself_is_refused() {
    let workplace = Workplace::with_run();
    let header = workplace.read(HEADER);
    for (pointer, value) in [
        ("/subject/label_count", serde_json::json!(4)),
        ("/subject/class_names", serde_json::json!(["a"])),
        ("/subject/cells", serde_json::json!({ "classes": 20, "per_class": 1 })),
        ("/config/latent/dim", serde_json::json!(1_000_000_000_000_000_u64)),
    ] {
        workplace.write(HEADER, &header);
        forge(&workplace, pointer, value);
        workplace.refuses(READERS[1], 1, &[CHECKPOINT, "state.json"]);
    }
}

#[test]
fn a_checkpoint_is_named_by_its_step() {
    let workplace = Workplace::with_run();
    fs::rename(workplace.path(CHECKPOINT), workplace.path("run/checkpoints/step-00000040")).unwrap();
    for line in READERS.iter().chain([&RESUME]) {
        workplace.refuses(line, 1, &["step-00000040", "its name says step 40", "step 2", "no checkpoint of this run"]);
    }
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let workplace = Workplace::with_run();
    let mut tensors = workplace.read(TENSORS);
    let end = tensors.len();
    tensors[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let mut header = workplace.json(HEADER);
    let checksum: String = Sha256::digest(&tensors).iter().map(|byte| format!("{byte:02x}")).collect();
    header["sha256"] = checksum.into();
    workplace.write(TENSORS, &tensors);
    workplace.write_sealed(HEADER, header);
    for line in READERS.iter().chain([&RESUME]) {
        workplace.refuses(line, 1, &[CHECKPOINT, "state.safetensors: tensor `teacher.", "finite", "NaN"]);
    }
}

#[test]
fn a_damaged_best_json_is_refused() {
    let workplace = Workplace::with_run();
    let line = format!("{} --checkpoint best", READERS[0]);
    workplace.refuses(&line, 2, &["no best.json", "--best"]);
    workplace.write("run/best.json", b"{\"metric\": \"accu");
    workplace.refuses(&line, 1, &["run/best.json: damaged", "--best", "EOF"]);
    workplace.write("run/best.json", br#"{"metric":"nmi","value":0.5,"step":9,"used_all_labels":true}"#);
    workplace.refuses(&line, 1, &["best.json names the checkpoint of step 9", "available: [2]"]);
}

#[test]
#[cfg(unix)]
fn a_file_of_a_run_that_never_ends_is_refused() {
    let workplace = Workplace::with_run();
    for file in [HEADER, TENSORS, "run/events.jsonl"] {
        let bytes = workplace.read(file);
        fs::remove_file(workplace.path(file)).unwrap();
        assert!(Command::new("mkfifo").arg(workplace.path(file)).status().unwrap().success());
        workplace.refuses(RESUME, 1, &[file, "not a regular file"]);
        fs::remove_file(workplace.path(file)).unwrap();
        workplace.write(file, &bytes);
    }
}

#[test]
fn a_run_without_its_checkpoints_does_not_start_again_in_silence() {
    let workplace = Workplace::with_run();
    fs::remove_dir_all(workplace.path("run/checkpoints")).unwrap();
    workplace.refuses(RESUME, 1, &["run/checkpoints: no checkpoint is there", "step 2 was saved", "--config"]);
}
