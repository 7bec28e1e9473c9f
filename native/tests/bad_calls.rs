//! Wrong calls, and calls that the machine cannot satisfy, get an error that fits on one screen.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::{READERS, RESUME, TRAIN, Workplace, no_adapter, skip};

#[test]
fn a_missing_device_is_reported() {
    let workplace = Workplace::with_run();
    for device in ["gpu:99", "gpu:1000", "gpu:", "gpu:-1", "cuda", "CPU"] {
        let expected = ["device", device, "auto", "cpu", "gpu:N"];
        let train = format!("train --data folder:pictures --steps 2 --out new --device {device}");
        workplace.refuses(&train, 2, &expected);
        workplace.refuses(&format!("generate run --grid grid.png --device {device}"), 2, &expected);
    }
}

#[test]
fn a_batch_too_large_for_memory_is_refused() {
    let workplace = Workplace::with_run();
    let line = "train --device cpu --data folder:pictures --out new --preset cifar --set images.size=96 --batch 4096";
    // The networks would need about 900 GB, and only Linux reports free memory.
    let free = free_memory_bytes();
    assert!(free.is_some() || !cfg!(target_os = "linux"), "Linux reports free memory");
    match free {
        Some(free) if free < 600_000_000_000 => {
            workplace.refuses(line, 2, &["batch: 4096 images", "MB for activations", "smaller batch"])
        }
        Some(_) => skip("this machine has enough free memory"),
        None => skip("free memory is unknown"),
    }
}

fn free_memory_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

#[test]
fn a_batch_too_large_for_the_adapter_is_refused() {
    let workplace = Workplace::with_run();
    let devices = serde_json::from_str(&workplace.run("devices --json").0).unwrap();
    if no_adapter(&devices) {
        return;
    }
    // The largest layer of the tiny networks has 2^14 numbers of 4 bytes per image; a batch also has generated images.
    let limit = devices["adapters"][0]["max_binding_bytes"].as_u64().unwrap();
    let batch = limit / (8 << 14) + 1;
    if batch > 4096 {
        skip("the adapter can hold the largest allowed batch");
        return;
    }
    let line = format!("train --device gpu:0 --data folder:pictures --out new --steps 1 --batch {batch}");
    workplace.refuses(&line, 2, &["batch", "MB for its largest layer", "the adapter's limit", "smaller batch"]);
}

/// The program with a limit on the size of files, in blocks of 512 bytes; writes fail as on a full disk.
#[cfg(unix)]
fn limited(workplace: &Workplace, blocks: u32, line: &str) -> std::process::Command {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}");
    let mut command = std::process::Command::new("sh");
    workplace.settle(&mut command).args(["-c", &script, env!("CARGO_BIN_EXE_slgan")]);
    command
}

#[test]
#[cfg(unix)]
fn a_full_disk_leaves_nothing_half_written() {
    let workplace = Workplace::with_run();
    let train = format!("{TRAIN} --data folder:pictures --steps 2 --out new");
    workplace.fails(&mut limited(&workplace, 0, &train), 1, &["new", "too large"]);
    for (line, output) in [
        ("generate run --device cpu --grid new.png", "new.png"),
        ("generate run --device cpu --npz new.npz --count 9", "new.npz"),
        ("generate run --device cpu --images new --count 9", "new"),
        (READERS[2], "model.slgan"),
    ] {
        workplace.fails(&mut limited(&workplace, 1, line), 1, &[output, "too large"]);
    }
}

#[test]
#[cfg(unix)]
fn a_disk_that_fills_up_during_a_run_is_reported_with_the_file() {
    let workplace = Workplace::with_run();
    let output = limited(&workplace, 200, &format!("{RESUME} --set report.checkpoint_every=1")).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    for part in ["error: ", "step-00000003", "too large"] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    let left: Vec<_> = fs::read_dir(workplace.path("run/checkpoints")).unwrap().collect();
    assert_eq!(left.len(), 1, "only the last good checkpoint: {left:?}");
    workplace.run(RESUME);
}

#[test]
fn a_wrong_setting_is_named_with_the_expected_value() {
    let workplace = Workplace::new();
    for (flags, parts) in [
        ("--set gate.tua=0.5", ["unknown key `gate.tua`", "nearest is `gate.tau`"]),
        ("--set tau=0.5", ["unknown key `tau`", "nearest is `gate.tau`"]),
        ("--set gate.tau=high", ["gate.tau: expected a number", "\"high\""]),
        ("--set gate.tau=2", ["gate.tau: expected a number above 0 and at most 1", "2"]),
        ("--set gate=1", ["gate: expected a table", "1"]),
        ("--set gate.tau", ["expected KEY=VALUE", "gate.tau"]),
        ("--steps 1.5", ["steps: expected a whole number", "1.5"]),
        ("--steps 0", ["steps: expected a whole number from 1", "0"]),
        ("--batch 1", ["batch: expected a whole number from 2 to 4096", "1"]),
        ("--seed -1", ["seed: expected a whole number", "-1"]),
        ("--labels 1.5", ["labels: expected", "1.5"]),
        ("--labels most", ["labels: expected", "\"most\""]),
        ("--preset tny", ["\"tny\"", "nearest is \"tiny\""]),
        ("--mode unconditonal", ["\"unconditonal\"", "nearest is \"unconditional\""]),
        ("--data glyps", ["unknown data set `glyps`", "`glyphs`"]),
        ("--data folder", ["`folder` needs a folder", "folder:DIR"]),
        ("--best speed", ["'speed'", "accuracy"]),
        ("--stpes 3", ["--stpes", "--steps"]),
    ] {
        workplace.refuses(&format!("train --out run {flags}"), 2, &parts);
    }
}

#[test]
fn a_bad_configuration_file_is_named() {
    let workplace = Workplace::new();
    let cases: [(&[u8], &[&str]); 5] = [
        (b"seed = 1\nsteps = = 3\n", &["line 2"]),
        (b"[gate]\ntua = 0.5\n", &["unknown key `gate.tua`", "`gate.tau`"]),
        (b"[report]\nkeep = \"all\"\n", &["report.keep: expected a whole number", "\"all\""]),
        (b"batch = 5000\n", &["batch: expected a whole number from 2 to 4096", "5000"]),
        (b"\xff\xfe", &["UTF-8"]),
    ];
    for (bytes, parts) in cases {
        workplace.write("bad.toml", bytes);
        workplace.refuses("train --out run --config bad.toml", 2, &[parts, &["bad.toml"]].concat());
    }
    workplace.refuses("train --out run --config nowhere.toml", 2, &["nowhere.toml", "No such file"]);
}

#[test]
fn settings_that_do_not_fit_the_data_are_refused() {
    let workplace = Workplace::with_run();
    for (flags, part) in [
        ("--labels 0.01", "labels: 0.01 of 22 images"),
        ("--labels 0 --mode class-conditional", "mode: class-conditional needs manual labels"),
        ("--set latent.artificial_labels=5", "latent.artificial_labels: expected a multiple of the 2 classes"),
    ] {
        workplace.refuses(&format!("{TRAIN} --data folder:pictures --steps 2 --out new {flags}"), 2, &[part]);
    }
}

#[test]
fn a_missing_model_is_reported() {
    let workplace = Workplace::with_run();
    for (line, code, parts) in [
        ("generate nowhere --grid g.png", 2, ["nowhere", "no such run folder"]),
        ("export nowhere --out m.slgan", 2, ["nowhere", "no such run folder"]),
        ("generate run --checkpoint 7 --grid g.png", 2, ["no such checkpoint", "[2]"]),
        ("generate run --checkpoint best --grid g.png", 2, ["best.json", "--best"]),
        ("generate run --checkpoint first --grid g.png", 2, ["'first'", "500"]),
        ("generate run --label 2 --grid g.png", 2, ["--label 2", "0 to 1"]),
        ("generate run --grid nowhere/g.png", 1, ["nowhere/g.png", "No such file"]),
        ("generate run --images pictures", 1, ["pictures", "already exists"]),
        ("generate run", 2, ["--grid", "--npz"]),
        ("label run --data folder:nowhere --out l.csv", 2, ["`nowhere`", "not a folder"]),
        ("label run --data folder:pictures --out nowhere/l.csv", 1, ["nowhere/l.csv", "No such file"]),
    ] {
        let device = if line.starts_with("export") { "" } else { " --device cpu" };
        workplace.refuses(&format!("{line}{device}"), code, &parts);
    }
}

#[test]
fn a_wrong_command_is_answered_with_the_right_one() {
    let workplace = Workplace::new();
    for (line, parts) in [
        ("trian", ["'trian'", "'train'"]),
        ("resume run", ["'resume'", "slgan train --resume --out RUN"]),
        ("fetch mnist", ["'fetch'", "slgan data fetch"]),
        ("--data glyphs", ["'--data'", "slgan train --data"]),
        ("data fetch mnist --dir a --url ftp://user:secret@host", ["--url", "https://host/folder"]),
    ] {
        workplace.refuses(line, 2, &parts);
        assert!(!String::from_utf8_lossy(&workplace.command(line).output().unwrap().stderr).contains("secret"));
    }
    let output = workplace.command("").output().unwrap();
    let help = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && help.contains("Start with: slgan train"), "{help}");
}
