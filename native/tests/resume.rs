//! A resumed run ends exactly where an uninterrupted one does, across processes, numbers of threads and kills.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::Workplace;
use common::runs::{Run, succeeds};

const HALFWAY: &str = "--set report.checkpoint_every=20";

const EVERY_STEP: &str = "--set report.checkpoint_every=1";

/// More steps than any run here reaches.
const ENDLESS: u64 = 1_000_000;

/// Largest number of kills. A write takes many times as long as a kill, so the first one nearly always hits.
const MOST_KILLS: usize = 50;

/// Far longer than a step on the slowest machine; only a run that hangs reaches it.
const PATIENCE: Duration = Duration::from_secs(600);

#[test]
fn halves_make_a_whole_on_the_cpu() {
    let workplace = Workplace::new();
    let [whole, halves] = ["whole", "halves"].map(|name| Run::new(&workplace, "cpu", name));
    whole.train(40, HALFWAY);
    halves.train(20, HALFWAY);
    halves.train(40, "--resume");
    assert!(whole.checkpoint(40) == halves.checkpoint(40), "the checkpoints differ");
    assert!(whole.checkpoint(20)[0] != whole.checkpoint(40)[0], "training must change the state");
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let workplace = Workplace::new();
    let [one, two] = ["1", "2"].map(|threads| {
        let run = Run::new(&workplace, "cpu", threads);
        succeeds(run.command(12, "").env("RAYON_NUM_THREADS", threads));
        run.checkpoint(12)
    });
    assert!(one == two, "the checkpoints differ");
}

#[test]
fn a_checkpoint_holds_everything_that_a_step_changes() {
    let workplace = Workplace::new();
    let run = Run::new(&workplace, "cpu", "run");
    run.train(2, "");
    let [tensors, _] = run.checkpoint(2);
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

/// The sorted names in a folder.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The partial checkpoint of a write that is in progress or was killed.
fn partial(checkpoints: &Path) -> Option<String> {
    names_in(checkpoints).into_iter().find(|name| name.ends_with(".partial"))
}

/// Waits for a write of a checkpoint. False if the run ends first, or the wait takes too long.
fn sees_a_write(checkpoints: &Path, child: &mut Child) -> bool {
    let start = Instant::now();
    while partial(checkpoints).is_none() {
        if start.elapsed() > PATIENCE || child.try_wait().unwrap().is_some() {
            return false;
        }
    }
    true
}

/// Resumes a run, kills it while it writes a checkpoint, and returns the name of the partial checkpoint.
///
/// A write may end between the look at the folder and the kill. Then the function resumes and kills the run again.
fn kill_in_a_write(run: &Run, checkpoints: &Path) -> String {
    for _ in 0..MOST_KILLS {
        let mut command = run.command(ENDLESS, &format!("--resume {EVERY_STEP}"));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let writes = sees_a_write(checkpoints, &mut child);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(writes, "the run has not begun to write a checkpoint: {status}");
        if let Some(left) = partial(checkpoints) {
            return left;
        }
    }
    panic!("none of {MOST_KILLS} kills hit the write of a checkpoint")
}

#[test]
fn a_killed_run_loses_only_what_followed_its_last_checkpoint() {
    let workplace = Workplace::new();
    let killed = Run::new(&workplace, "cpu", "killed");
    let checkpoints = killed.folder().join("checkpoints");
    killed.train(2, EVERY_STEP);
    let left = kill_in_a_write(&killed, &checkpoints);
    let steps = names_in(&checkpoints).into_iter().filter_map(|name| name.strip_prefix("step-")?.parse::<u64>().ok());
    let last = steps.max().expect("there were two checkpoints before the kill");
    assert_eq!(left, format!(".step-{:08}.partial", last + 1), "the partial checkpoint is the next one");
    workplace.run("generate killed --device cpu --grid grid.png");

    let end = last + 2;
    killed.train(end, &format!("--resume {EVERY_STEP}"));
    let whole = Run::new(&workplace, "cpu", "whole");
    whole.train(end, EVERY_STEP);
    // Headers differ before the end: they hold the configured steps, which were more in the killed run.
    assert!(whole.checkpoint(last)[0] == killed.checkpoint(last)[0], "the last checkpoint before the kill differs");
    assert!(whole.checkpoint(end) == killed.checkpoint(end), "the checkpoints differ");
    for folder in ["", "checkpoints"] {
        let [whole, killed] = [&whole, &killed].map(|run| names_in(&run.folder().join(folder)));
        assert_eq!(whole, killed, "the killed write leaves nothing");
    }
}
