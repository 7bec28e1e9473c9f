//! Judges in files: training one, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::Workplace;

const TRAIN_JUDGE: &str = "judge train --device cpu --data folder:pictures --size 28 --channels 1 --steps 2 --batch 4";

/// A workplace with pictures for training, and pictures that are held out.
fn workplace() -> Workplace {
    let workplace = Workplace::new();
    for split in ["train", "test"] {
        workplace.write_pictures(&format!("pictures/{split}"));
    }
    workplace
}

#[test]
fn a_judge_is_saved_with_its_accuracy() {
    let workplace = workplace();
    let (stdout, stderr) = workplace.run(&format!("{TRAIN_JUDGE} --out judge.safetensors"));
    assert!(stdout.starts_with("judge.safetensors: knows ") && stdout.contains(" % of 16 held-out images"), "{stdout}");
    assert!(stderr.contains("2 steps of 4 images"), "{stderr}");
    let file = workplace.read("judge.safetensors");
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&file).unwrap();
    let entry = &metadata.metadata().as_ref().unwrap()["slgan-residual-judge"];
    let entry: serde_json::Value = serde_json::from_str(entry).unwrap();
    let accuracy = entry["facts"]["accuracy"].as_f64().unwrap();
    assert!(stdout.contains(&format!("knows {:.2} %", 100.0 * accuracy)), "{stdout}{accuracy}");
    assert_eq!(entry["facts"]["class_names"], serde_json::json!(["a", "b"]));
    workplace.run(&format!("{TRAIN_JUDGE} --out again.safetensors"));
    assert_eq!(file, workplace.read("again.safetensors"), "equal calls give equal bytes");
}

#[test]
fn wrong_calls_and_data_without_labels_are_refused() {
    let workplace = workplace();
    let out = "--out judge.safetensors";
    workplace.refuses(
        &format!("{TRAIN_JUDGE} --out nowhere/judge.safetensors"),
        2,
        &["--out", "nowhere is not a folder"],
    );
    let odd_size = format!("{} {out}", TRAIN_JUDGE.replace("--size 28", "--size 30"));
    workplace.refuses(&odd_size, 2, &["30", "[28, 32, 48, 64, 96]"]);
    workplace.refuses(&format!("{} {out}", TRAIN_JUDGE.replace("--steps 2", "--steps 0")), 2, &["0", "1.."]);
    let unlabelled = TRAIN_JUDGE.replace("folder:pictures", "folder:pictures/train/unlabeled");
    workplace.refuses(&format!("{unlabelled} {out}"), 2, &["labels of at least two classes", "found 0 and 0"]);
    workplace.refuses(&format!("{} {out}", TRAIN_JUDGE.replace("folder:pictures", "folder:gone")), 2, &["gone"]);
}
