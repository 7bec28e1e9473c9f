//! Studies: their runs are those that anyone could make, they go on where they stopped, and their tables are right.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::Workplace;
#[cfg(unix)]
use common::running::Running;
use serde_json::Value;

/// Two settings and two seeds, of runs of two steps.
const STUDY: &str = r#"
about = "Does it < help?"
seeds = [3, 1]
[common]
data = "folder:pictures"
device = "cpu"
batch = 4
steps = 2
images.size = 28
report.log_every = 1
report.sample_every = 2
report.evaluate_every = 1
[[setting]]
name = "control"
mode = "unconditional"
[[setting]]
name = "scheme"
gate.warm_up = 0
"#;

/// The folders of its runs.
const RUNS: [&str; 4] = ["runs/s/control-3", "runs/s/control-1", "runs/s/scheme-3", "runs/s/scheme-1"];

/// A workplace with pictures, held-out ones among them, and a study in `s.toml`.
fn workplace(study: &str) -> Workplace {
    let workplace = Workplace::new();
    for split in ["train", "test"] {
        workplace.write_pictures(&format!("pictures/{split}"));
    }
    workplace.write("s.toml", study.as_bytes());
    workplace
}

/// The text of a file.
fn text(workplace: &Workplace, name: &str) -> String {
    String::from_utf8(workplace.read(name)).unwrap()
}

fn events(workplace: &Workplace, run: &str) -> Vec<Value> {
    let lines = text(workplace, &format!("{run}/events.jsonl"));
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The exit code of a study, and what it says.
fn outcome(workplace: &Workplace, line: &str) -> (Option<i32>, String, String) {
    let output = workplace.command(line).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The row of a CSV that begins with these cells, after them.
fn row(csv: &str, begin: &str) -> Vec<String> {
    let line = csv.lines().find_map(|line| line.strip_prefix(begin));
    line.unwrap_or_else(|| panic!("no {begin} in {csv}")).split(',').map(str::to_owned).collect()
}

#[test]
fn a_study_trains_its_runs_and_compares_them() {
    let workplace = workplace(STUDY);
    let (stdout, _) = workplace.run("study s.toml --dry-run");
    assert!(stdout.lines().count() == 4 && stdout.contains("# not begun") && !workplace.path("runs").exists());

    let (stdout, stderr) = workplace.run("study s.toml --jobs 2");
    assert!(stderr.contains("[4/4] slgan train") && stderr.contains("runs/s/scheme-1: finished"), "{stderr}");
    assert!(stdout.contains("| control | 2 |") && stdout.contains("## Differences to control"), "{stdout}");
    assert_eq!(stdout.trim_end(), text(&workplace, "runs/s/study.md").trim_end());

    // Both figures of each setting, seed by seed, and what follows from two pairs: t is 12.7062 for one degree.
    let accuracy = |run: &str| {
        let last = events(&workplace, run).into_iter().rfind(|event| event["event"] == "evaluated").unwrap();
        last["clustering_accuracy"].as_f64().unwrap()
    };
    let [a, b, c, d] = RUNS.map(accuracy);
    let csv = text(&workplace, "runs/s/study.csv");
    let numbers: Vec<f64> = row(&csv, "scheme,clustering_accuracy,").iter().map(|cell| cell.parse().unwrap()).collect();
    let (change, half) = ((c + d - a - b) / 2.0, 12.706_204_736 * ((c - a) - (d - b)).abs() / 2.0);
    let expected = [2.0, (c + d) / 2.0, (c - d).abs() / 2_f64.sqrt(), 2.0, change, change - half, change + half];
    assert_eq!(numbers.len(), expected.len());
    assert!(numbers.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-8), "{csv}");
    assert_eq!(row(&csv, "control,clustering_accuracy,")[3..], ["0", "", "", ""]);
    assert_eq!(row(&text(&workplace, "runs/s/runs.csv"), "control,1,")[..3], ["finished", "", "2"]);

    let page = text(&workplace, "runs/s/study.html");
    assert_eq!(page.matches("src=\"data:image/png;base64,").count(), 4, "a grid of every run");
    assert!(page.contains("Does it &lt; help?") && page.contains("<svg") && !page.contains("<script"));

    // Its runs are those of the commands that it keeps.
    let commands = text(&workplace, "runs/s/commands.txt");
    let line = commands.lines().find(|line| line.contains("runs/s/scheme-3")).unwrap();
    workplace.run(&line.strip_prefix("slgan ").unwrap().replace("runs/s/scheme-3", "by-hand"));
    let checkpoint = |run: &str| workplace.read(&format!("{run}/checkpoints/step-00000002/state.safetensors"));
    assert!(checkpoint("by-hand") == checkpoint("runs/s/scheme-3"));

    // The second time, all is there.
    let before = RUNS.map(|run| events(&workplace, run));
    let (again, stderr) = workplace.run("study s.toml");
    assert!(again == stdout && !stderr.contains("slgan train"), "{stderr}");
    assert_eq!(RUNS.map(|run| events(&workplace, run)), before);
}

#[test]
fn a_study_takes_other_common_keys() {
    let workplace = workplace(STUDY);
    let (code, _, stderr) = outcome(&workplace, "study s.toml --set steps=1");
    assert!(code == Some(2) && stderr.contains("--out"), "{stderr}");

    let line = "study s.toml --set labels=none --set steps=1 --out runs/t";
    workplace.run(line);
    for (run, source) in [("runs/t/control-3", "none"), ("runs/t/scheme-1", "pixels")] {
        let config = &events(&workplace, run)[0]["config"];
        assert_eq!((&config["steps"], &config["label_table"]["source"]), (&1.into(), &source.into()), "{run}");
    }
    let (_, stderr) = workplace.run(line);
    assert!(!stderr.contains("slgan train"), "the runs are those of the study: {stderr}");
    let (code, _, stderr) = outcome(&workplace, "study s.toml --set labels=none --set steps=2 --out runs/t --dry-run");
    assert_eq!(code, Some(0), "a longer run: {stderr}");
    let (code, _, stderr) = outcome(&workplace, "study s.toml --set labels=all --set steps=1 --out runs/t");
    assert!(code == Some(2) && stderr.contains("differs in labels;"), "{stderr}");
}

#[test]
fn a_study_gives_each_run_a_device() {
    // No machine has the device of the file.
    let workplace = workplace(&STUDY.replace("device = \"cpu\"", "device = \"gpu:250\""));
    let (_, stderr) = workplace.run("study s.toml --devices cpu,cpu");
    assert_eq!(stderr.matches("--device cpu").count(), 4, "{stderr}");
    // The second run begins before the first has ended.
    let place = |text: &str| stderr.find(text).unwrap_or_else(|| panic!("{text}: {stderr}"));
    assert!(place("[2/4] slgan train") < place(": finished"), "{stderr}");
    for run in RUNS {
        assert_eq!(events(&workplace, run)[0]["config"]["device"], "cpu", "{run}");
    }
}

#[test]
fn a_study_goes_on_with_longer_runs_and_refuses_others() {
    let workplace = workplace(STUDY);
    workplace.run("study s.toml");
    workplace.write("s.toml", STUDY.replace("steps = 2", "steps = 3").as_bytes());
    workplace.run("study s.toml --jobs 4");
    for run in RUNS {
        let events = events(&workplace, run);
        let started = events.iter().filter(|event| event["event"] == "started");
        assert_eq!(started.count(), 2, "{run}");
        assert_eq!(events.last().unwrap()["step"], 3, "{run}");
    }
    let refuses = |before: &str, after: &str, key: &str| {
        workplace.write("s.toml", STUDY.replace("steps = 2", "steps = 3").replace(before, after).as_bytes());
        workplace.refuses("study s.toml", 2, &["runs/s/control-3", "setting `control`", key, "--out"]);
    };
    refuses("batch = 4", "batch = 5", "batch");
    refuses("steps = 3", "steps = 2", "steps");
    refuses("[common]", "[common]\nlabels = 'none'", "labels");
    workplace.write("s.toml", STUDY.replace("warm_up", "warmup").as_bytes());
    workplace.refuses("study s.toml", 2, &["s.toml, setting `scheme`", "gate.warmup", "gate.warm_up"]);
    workplace.refuses("study gone.toml", 2, &["gone.toml"]);
}

#[test]
fn a_failed_run_is_a_row_and_is_tried_again_only_on_request() {
    let study = STUDY.replace("gate.warm_up = 0", "mode = 'class-conditional'\nlabels = 'none'");
    let workplace = workplace(&study);
    let (code, stdout, stderr) = outcome(&workplace, "study s.toml");
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("| scheme | 0, 2 failed |") && stdout.contains("needs manual labels"), "{stdout}");
    assert!(stderr.contains("try them again with: slgan study s.toml --retry"), "{stderr}");
    let runs = text(&workplace, "runs/s/runs.csv");
    assert!(row(&runs, "scheme,3,failed,").concat().contains("class-conditional needs manual labels"), "{runs}");

    let (code, again, stderr) = outcome(&workplace, "study s.toml");
    assert!(code == Some(1) && again == stdout && !stderr.contains("slgan train"), "{stderr}");
    let (code, _, stderr) = outcome(&workplace, "study s.toml --retry");
    assert_eq!((code, stderr.matches("slgan train").count()), (Some(1), 2), "{stderr}");

    // A finished run of which the log alone is left does not hide what its folder says.
    workplace.write("runs/s/control-1.log", b"error: of another time\n");
    assert!(outcome(&workplace, "study s.toml").1.contains("| control | 2 |"));
}

#[test]
fn a_diverged_run_says_so() {
    let workplace = workplace(STUDY);
    workplace.run("study s.toml");
    let run = workplace.path(RUNS[2]);
    let events = text(&workplace, &format!("{}/events.jsonl", RUNS[2]));
    let kept: Vec<&str> = events.lines().take_while(|line| !line.contains("\"finished\"")).collect();
    let warning = r#"{"event":"warning","step":2,"kind":"loss-not-finite","seen":"","meaning":"","advice":""}"#;
    // Lines without seals are those of older versions.
    let unsealed = kept.iter().map(|line| format!("{}}}\n", line.split(",\"seal\"").next().unwrap()));
    fs::write(run.join("events.jsonl"), unsealed.collect::<String>() + warning + "\n").unwrap();
    workplace.write("runs/s/scheme-3.log", b"error: step 2: a loss is not finite; lower the rates\n");
    let (code, stdout, stderr) = outcome(&workplace, "study s.toml");
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stdout.contains("| scheme | 1, 1 diverged |") && stdout.contains("diverged: step 2: a loss"), "{stdout}");
    assert_eq!(row(&text(&workplace, "runs/s/study.csv"), "scheme,clustering_accuracy,")[3], "1", "one pair is left");
}

#[cfg(unix)]
#[test]
fn a_study_that_is_stopped_saves_its_runs_and_goes_on() {
    use std::process::Stdio;
    use std::thread;
    use std::time::Duration;

    let quiet =
        STUDY.replace("sample_every = 2", "sample_every = 0").replace("evaluate_every = 1", "evaluate_every = 0");
    let workplace = workplace(&quiet.replace("steps = 2", "steps = 20000"));
    let mut command = workplace.command("study s.toml --jobs 2");
    let said = fs::File::create(workplace.path("said.txt")).unwrap();
    command.stdout(Stdio::null()).stderr(said);
    let mut study = Running::in_folder(&workplace, RUNS[1], command);
    study.takes_steps(2);
    while !fs::read_to_string(workplace.path(RUNS[0]).join("events.jsonl"))
        .unwrap_or_default()
        .contains("\"event\":\"step\"")
    {
        thread::sleep(Duration::from_millis(20));
    }
    let (code, _, refused) = outcome(&workplace, "study s.toml");
    assert!(code == Some(1) && refused.contains("runs/s: in use by process"), "{refused}");
    study.signal("TERM");
    assert_eq!(study.code(), Some(143));
    let said = text(&workplace, "said.txt");
    assert!(said.contains("go on with: slgan study s.toml") && said.contains("stopped"), "{said}");
    assert!(!workplace.path(RUNS[2]).exists(), "no further run begins");
    for run in &RUNS[..2] {
        assert!(!workplace.path(&format!("{run}/run.lock")).exists(), "{run}");
        assert!(fs::read_dir(workplace.path(&format!("{run}/checkpoints"))).unwrap().count() > 0, "{run}");
    }
    let saved = |run: &str| events(&workplace, run).last().unwrap()["step"].as_u64().unwrap();
    let steps = RUNS[..2].iter().map(|run| saved(run)).max().unwrap() + 2;
    workplace.write(
        "s.toml",
        quiet.replace("seeds = [3, 1]", "seeds = [3]").replace("steps = 2", &format!("steps = {steps}")).as_bytes(),
    );
    let (stdout, _) = workplace.run("study s.toml");
    assert!(stdout.contains("| control | 1 |") && saved(RUNS[0]) == steps, "{stdout}");
}

#[test]
fn a_judge_measures_finished_runs_once() {
    let workplace = workplace(STUDY);
    let judge = "judge train --device cpu --data folder:pictures --size 28 --channels 3 --steps 2 --batch 4";
    workplace.run(&format!("{judge} --out one.safetensors"));
    workplace.run(&format!("{judge} --seed 1 --out two.safetensors"));
    let (stdout, stderr) = workplace.run("study s.toml --judge one.safetensors --jobs 2");
    assert!(stderr.contains("[4/4] slgan train") && stderr.contains("[4/4] slgan eval"), "{stderr}");
    assert!(stdout.contains("judged frechet") && stdout.contains("Figures that begin with `judged`"), "{stdout}");
    assert!(text(&workplace, "runs/s/study.html").contains("Figures that begin with <code>judged</code>"));

    // The figures are those of `slgan eval`.
    let csv = text(&workplace, "runs/s/runs.csv");
    let head: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let place = |name: &str| head.iter().position(|&column| column == name).unwrap();
    let scores = "eval runs/s/scheme-1 --data folder:pictures --device cpu --judge one.safetensors --metrics fid,prdc";
    let (report, _) = workplace.run(&format!("{scores} --json"));
    let report: Value = serde_json::from_str(&report).unwrap();
    let cells = row(&csv, "scheme,1,");
    for (column, score) in [("judged_frechet", "frechet_distance"), ("judged_recall", "recall")] {
        // The row is without setting and seed.
        let found: f64 = cells[place(column) - 2].parse().unwrap();
        assert_eq!(Some(found), report["scores"][score].as_f64(), "{column}");
    }

    // Once only, and each judge apart from the other.
    let (again, stderr) = workplace.run("study s.toml --judge one.safetensors");
    assert!(again == stdout && !stderr.contains("slgan"), "{stderr}");
    let (other, stderr) = workplace.run("study s.toml --judge two.safetensors");
    assert!(other != stdout && stderr.matches("slgan eval").count() == 4 && !stderr.contains("train"), "{stderr}");
    assert_eq!(workplace.run("study s.toml --judge one.safetensors").0, stdout);
    assert!(!workplace.run("study s.toml").0.contains("judged"));
}

#[test]
fn a_wrong_judge_is_refused_before_training() {
    let workplace = workplace(STUDY);
    workplace.refuses("study s.toml --judge gone.safetensors", 2, &["--judge gone.safetensors"]);
    workplace.refuses("study s.toml --judge s.toml", 2, &["--judge s.toml"]);
    assert!(!workplace.path("runs").exists());

    let judge = "judge train --device cpu --data folder:pictures --size 32 --channels 3 --steps 2 --batch 4";
    workplace.run(&format!("{judge} --out large.safetensors"));
    let (code, stdout, stderr) = outcome(&workplace, "study s.toml --judge large.safetensors");
    assert!(code == Some(1) && stdout.contains("| control | 2 |"), "{stderr}");
    assert!(stderr.contains("has not measured: 4") && stderr.contains("--judge large.safetensors"), "{stderr}");
    assert!(text(&workplace, "runs/s/control-3.judged.log").contains("error: "), "{stderr}");
}
