//! A resumed run ends where an uninterrupted one does, to the byte: across processes, numbers of threads and kills.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

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

fn uninterrupted(device: &str, folder: &TempDir) -> PathBuf {
    let out = folder.path().join("whole");
    run(command(device, &out, 40).args(["--set", "report.checkpoint_every=20"]));
    out
}

fn halves(device: &str, out: &Path) {
    run(command(device, out, 20).args(["--set", "report.checkpoint_every=20"]));
    run(command(device, out, 40).arg("--resume"));
}

#[test]
fn halves_make_a_whole_on_the_cpu() {
    let folder = TempDir::new().unwrap();
    let whole = uninterrupted("cpu", &folder);
    let out = folder.path().join("halves");
    halves("cpu", &out);
    assert!(checkpoint(&whole, 40) == checkpoint(&out, 40), "the checkpoints differ");
    assert!(checkpoint(&whole, 20) != checkpoint(&whole, 40), "training must change the state");
}

#[test]
fn the_number_of_threads_does_not_show() {
    let folder = TempDir::new().unwrap();
    let [one, two] = ["1", "2"].map(|threads| {
        let out = folder.path().join(threads);
        run(command("cpu", &out, 12).env("RAYON_NUM_THREADS", threads));
        checkpoint(&out, 12)
    });
    assert!(one == two, "the checkpoints differ");
}

#[test]
fn a_checkpoint_holds_everything_that_a_step_changes() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("run");
    run(&mut command("cpu", &out, 2));
    let [tensors, _] = checkpoint(&out, 2);
    let file = safetensors::SafeTensors::deserialize(&tensors).unwrap();
    let names: BTreeSet<&str> = file.names().into_iter().collect();
    for needed in [
        "generator.blocks.0.conv.weight",
        "generator.blocks.0.norm.mean",
        "generator_first_moment.blocks.0.conv.weight",
        "generator_second_moment.input.bias",
        "discriminator.trunk.convs.0.norm.left",
        "discriminator.embedding.norm.right",
        "discriminator_second_moment.embedding.weight",
        "classifier.output.weight",
        "classifier_first_moment.output.weight",
        "average.output.weight",
        "teacher.classifier.output.weight",
        "teacher.prior",
    ] {
        assert!(names.contains(needed), "{needed} is not among {names:#?}");
    }
}

#[test]
fn a_killed_run_loses_only_what_followed_its_last_checkpoint() {
    let folder = TempDir::new().unwrap();
    let whole = uninterrupted("cpu", &folder);
    let out = folder.path().join("killed");
    // Saving at every step makes it likely that a kill falls into a write.
    let mut resume = false;
    for delay_ms in [1_300, 1_700, 1_500, 1_900] {
        let mut command = command("cpu", &out, 40);
        command.args(["--set", "report.checkpoint_every=1"]);
        if resume {
            command.arg("--resume");
        }
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        resume = out.join("config.toml").is_file();
    }
    let mut last = command("cpu", &out, 40);
    last.args(["--set", "report.checkpoint_every=20"]);
    if resume {
        last.arg("--resume");
    }
    if !out.join("checkpoints/step-00000040").is_dir() {
        run(&mut last);
    }
    assert!(checkpoint(&whole, 40)[0] == checkpoint(&out, 40)[0], "the checkpoints differ");
}
