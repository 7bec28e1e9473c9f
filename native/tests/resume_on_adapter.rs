//! A resumed run ends where an uninterrupted one does, to the byte, on a GPU adapter as well. In a file of its own, so that
//! a software adapter has the machine's cores to itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Small batches, an early end of the warm-up, and every part of the state in use.
const SETTINGS: [&str; 12] = [
    "--batch",
    "8",
    "--seed",
    "1",
    "--set",
    "gate.warm_up=5",
    "--set",
    "report.log_every=10",
    "--set",
    "report.evaluate_every=0",
    "--set",
    "report.sample_every=0",
];

fn command(device: &str, out: &Path, steps: u64) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slgan"));
    command.args(["train", "--quiet", "--device", device, "--keep", "0", "--steps"]).arg(steps.to_string());
    command.args(SETTINGS).arg("--out").arg(out).stdout(Stdio::null());
    command
}

fn run(command: &mut Command) {
    let status = command.status().expect("the program starts");
    assert!(status.success(), "{command:?}: {status}");
}

/// Both files of a checkpoint.
fn checkpoint(out: &Path, step: u64) -> [Vec<u8>; 2] {
    let folder = out.join(format!("checkpoints/step-{step:08}"));
    ["state.safetensors", "state.json"].map(|name| fs::read(folder.join(name)).expect("the checkpoint is there"))
}

#[test]
fn halves_make_a_whole_on_an_adapter() {
    if !has_adapter() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let [whole, out] = ["whole", "halves"].map(|name| folder.path().join(name));
    let every_two = ["--set", "report.checkpoint_every=2"];
    run(command("gpu", &whole, 4).args(every_two));
    run(command("gpu", &out, 2).args(every_two));
    run(command("gpu", &out, 4).arg("--resume"));
    assert!(checkpoint(&whole, 4) == checkpoint(&out, 4), "the checkpoints differ");
}

/// Whether there is an adapter; where one is required, its absence is a failure.
fn has_adapter() -> bool {
    let output =
        Command::new(env!("CARGO_BIN_EXE_slgan")).args(["devices", "--json"]).output().expect("the program starts");
    let devices: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone on standard output");
    let found = devices["adapters"].as_array().is_some_and(|adapters| !adapters.is_empty());
    assert!(found || std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_none(), "an adapter is required and none was found");
    if !found {
        eprintln!("skipped: no adapter");
    }
    found
}
