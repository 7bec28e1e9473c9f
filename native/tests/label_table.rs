//! Labels from a file or another run as a label table, and files that are none.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{TRAIN, Workplace};

const FILE: &str = "--data folder:pictures --labels none --steps 3 --set gate.warm_up=1 --set label_table.source=file";

/// A workplace with a run without labels, and its labels of the training images in `labels-0.csv`.
fn workplace() -> Workplace {
    let workplace = Workplace::with_run();
    workplace.run(&format!("{TRAIN} --data folder:pictures --labels none --steps 2 --out bare"));
    workplace.run("label bare --device cpu --data folder:pictures --split train --out labels-0.csv");
    workplace
}

#[test]
fn labels_come_from_a_file_or_a_run_and_stay_when_the_run_goes_on() {
    let workplace = workplace();
    let train = |file: &str, out: &str| {
        workplace.run(&format!("{TRAIN} {FILE} --set label_table.file={file} --out {out}"));
        workplace.read(&format!("{out}/checkpoints/step-00000003/state.safetensors"))
    };
    let of_file = train("labels-{seed}.csv", "a");
    let table = safetensors::SafeTensors::deserialize(&of_file).unwrap();
    let labels = table.tensor("label_table.labels").unwrap();
    let found: Vec<f32> = labels.data().as_chunks::<4>().0.iter().map(|quad| f32::from_le_bytes(*quad)).collect();
    let text = String::from_utf8(workplace.read("labels-0.csv")).unwrap();
    let written: Vec<f32> = text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!((found.len(), &found), (22, &written));
    train("bare", "b");
    // The table is in the checkpoint.
    workplace.write("labels-0.csv", b"gone");
    workplace.run("train --device cpu --resume --out a --steps 5");
    let later = workplace.read("a/checkpoints/step-00000005/state.safetensors");
    let later = safetensors::SafeTensors::deserialize(&later).unwrap();
    assert_eq!(later.tensor("label_table.labels").unwrap().data(), labels.data());
}

#[test]
fn bad_tables_are_named_by_file_line_and_field() {
    let workplace = workplace();
    let good = String::from_utf8(workplace.read("labels-0.csv")).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let with = |number: usize, line: &str| {
        let mut lines = lines.clone();
        lines[number] = line;
        lines.join("\n")
    };
    let image = lines[2].split(',').next().unwrap();
    for (table, parts) in [
        (lines[..22].join("\n"), &["bad.csv", "each of 22 training images", "found 21"][..]),
        (good.clone() + lines[1], &["bad.csv", "each of 22 training images", "found 23"]),
        (with(2, &format!("{image},2,,0.9,true")), &["bad.csv, line 3: label: ", "below 2", "found `2`"]),
        (with(2, &format!("{image},one,,0.9,true")), &["bad.csv, line 3: label: ", "found `one`"]),
        (with(2, "b/9.png,1,,0.9,true"), &["bad.csv, line 3: image: ", image, "found `b/9.png`"]),
        (with(2, &format!("{image},1")), &["bad.csv", "line: 3"]),
        (with(0, "picture,label,class,confidence,passes_gate"), &["bad.csv, line 1: ", "`image` and `label`"]),
    ] {
        workplace.write("bad.csv", table.as_bytes());
        workplace.refuses(&format!("{TRAIN} {FILE} --set label_table.file=bad.csv --out bad"), 2, parts);
    }
    workplace.write("bad.csv", with(2, &format!("{image},1,,0.9,maybe")).as_bytes());
    let gated = "--set label_table.file=bad.csv --set label_table.gated=true --out bad";
    workplace.refuses(&format!("{TRAIN} {FILE} {gated}"), 2, &["bad.csv, line 3: passes_gate: ", "found `maybe`"]);
    workplace.refuses(&format!("{TRAIN} {FILE} --set label_table.file=none.csv"), 2, &["label_table.file: none.csv"]);
    workplace.refuses(&format!("{TRAIN} {FILE} --out bad"), 2, &["label_table.file: expected a table"]);
    let other = format!("{TRAIN} {FILE} --set label_table.file=bare --set latent.artificial_labels=4 --out bad");
    workplace.refuses(&other, 2, &["label_table.file: bare: expected a run on", "4 artificial labels"]);
}
