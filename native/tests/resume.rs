//! A resumed run ends where an uninterrupted one does, to the byte: across processes, numbers of threads and kills.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use common::Workplace;
use common::runs::{Run, succeeds};

const HALFWAY: &str = "--set report.checkpoint_every=20";

fn uninterrupted(workplace: &Workplace) -> Run<'_> {
    let run = Run::new(workplace, "cpu", "whole");
    run.train(40, HALFWAY);
    run
}

#[test]
fn halves_make_a_whole_on_the_cpu() {
    let workplace = Workplace::new();
    let whole = uninterrupted(&workplace);
    let halves = Run::new(&workplace, "cpu", "halves");
    halves.train(20, HALFWAY);
    halves.train(40, "--resume");
    assert!(whole.checkpoint(40) == halves.checkpoint(40), "the checkpoints differ");
    assert!(whole.checkpoint(20) != whole.checkpoint(40), "training must change the state");
}

#[test]
fn the_number_of_threads_does_not_show() {
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

#[test]
fn a_killed_run_loses_only_what_followed_its_last_checkpoint() {
    let workplace = Workplace::new();
    let whole = uninterrupted(&workplace);
    let killed = Run::new(&workplace, "cpu", "killed");
    let resume = || if killed.folder().join("config.toml").is_file() { "--resume" } else { "" };
    // Saving at every step makes it likely that a kill falls into a write.
    for delay_ms in [1_300, 1_700, 1_500, 1_900] {
        let mut command = killed.command(40, &format!("--set report.checkpoint_every=1 {}", resume()));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay_ms));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    if !killed.has_checkpoint(40) {
        killed.train(40, &format!("{HALFWAY} {}", resume()));
    }
    assert!(whole.checkpoint(40)[0] == killed.checkpoint(40)[0], "the checkpoints differ");
}
