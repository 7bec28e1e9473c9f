//! Strict runs have the same tensors with any number of threads, on any processor and any device, and go on on another one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::env;
use std::process::Command;

use common::runs::{Run, succeeds};
use common::{Workplace, no_adapter};

const STRICT: &str = "--strict --set report.checkpoint_every=4";

/// The tensors of a checkpoint.
fn tensors(run: &Run, step: u64) -> Vec<u8> {
    let [tensors, _] = run.checkpoint(step);
    tensors
}

#[test]
fn threads_and_devices_do_not_matter() {
    let workplace = Workplace::new();
    let one = Run::new(&workplace, "cpu", "one");
    succeeds(one.command(8, STRICT).env("RAYON_NUM_THREADS", "1"));
    let two = Run::new(&workplace, "cpu", "two");
    succeeds(two.command(8, STRICT).env("RAYON_NUM_THREADS", "2"));
    assert!(tensors(&one, 8) == tensors(&two, 8), "threads change the bits");
    let usual = Run::new(&workplace, "cpu", "usual");
    usual.train(8, "");
    assert!(tensors(&one, 8) != tensors(&usual, 8), "the arithmetic is the usual one");
    let [_, header] = one.checkpoint(8);
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((&header["config"]["strict"], &header["device_class"]), (&true.into(), &"strict".into()));

    if no_adapter(&serde_json::from_str(&workplace.run("devices --json").0).expect("only JSON on standard output")) {
        return;
    }
    let adapter = Run::new(&workplace, "gpu", "adapter");
    adapter.train(8, STRICT);
    assert!(tensors(&one, 4) == tensors(&adapter, 4), "the device changes the bits of step 4");
    assert!(tensors(&one, 8) == tensors(&adapter, 8), "the device changes the bits of step 8");

    // Begun on the CPU, ended on the adapter, and the other way round.
    for (name, first, second) in [("there", "cpu", "gpu"), ("back", "gpu", "cpu")] {
        Run::new(&workplace, first, name).train(4, STRICT);
        let changed = Run::new(&workplace, second, name);
        changed.train(8, "--resume");
        assert!(tensors(&one, 8) == tensors(&changed, 8), "from {first} to {second}");
    }
}

/// A command, run by the command in `SLGAN_EMULATOR`, such as `qemu-x86_64 -cpu Nehalem`: a processor without wide vectors
/// and without fused products, for all code, whoever wrote it.
fn emulated(command: &Command) -> Option<Command> {
    let emulator = env::var("SLGAN_EMULATOR").ok()?;
    let mut words = emulator.split_whitespace();
    let mut emulated = Command::new(words.next()?);
    emulated.args(words).arg(command.get_program()).args(command.get_args());
    command.get_envs().filter_map(|(name, value)| Some((name, value?))).for_each(|(name, value)| {
        emulated.env(name, value);
    });
    command.get_current_dir().map(|folder| emulated.current_dir(folder));
    Some(emulated)
}

#[test]
fn wide_instruction_sets_do_not_matter() {
    let workplace = Workplace::new();
    let narrow = Run::new(&workplace, "cpu", "narrow");
    let Some(mut command) = emulated(&narrow.command(2, STRICT)) else {
        eprintln!("not run: SLGAN_EMULATOR names no emulator");
        return;
    };
    succeeds(&mut command);
    let wide = Run::new(&workplace, "cpu", "wide");
    wide.train(2, STRICT);
    assert!(tensors(&wide, 2) == tensors(&narrow, 2), "the processor changes the bits");
}

#[test]
fn strict_goes_with_no_other_choice_of_kernels() {
    let workplace = Workplace::new();
    workplace.refuses("train --strict --set device_class=discrete", 2, &["strict", "device_class"]);
    workplace.refuses("train --strict --set discriminator.r1_weight=1", 2, &["strict", "discriminator.r1_weight"]);
}
