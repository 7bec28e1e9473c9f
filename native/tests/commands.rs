//! Successful commands: their output and their files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fmt;
use std::fs;
use std::io::Cursor;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use common::files::{grid_size, names, png_size};
use common::{TRAIN, Workplace};

/// The keys of a JSON object, in order.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Keys;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

fn events(workplace: &Workplace, run: &str) -> Vec<Value> {
    let text = String::from_utf8(workplace.read(&format!("{run}/events.jsonl"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn checkpoint(workplace: &Workplace, run: &str, step: u64) -> [Vec<u8>; 2] {
    ["state.safetensors", "state.json"].map(|name| workplace.read(&format!("{run}/checkpoints/step-{step:08}/{name}")))
}

#[test]
fn training_writes_the_documented_run_folder() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    workplace.run(
        "train --device cpu --data folder:pictures --batch 4 --steps 4 --out run --set report.log_every=2 \
         --set report.sample_every=2 --set report.evaluate_every=4 --set report.checkpoint_every=2",
    );
    let run = workplace.path("run");
    assert_eq!(names(&run), ["checkpoints", "config.toml", "events.jsonl", "report.html", "samples"]);
    assert_eq!(names(&run.join("checkpoints")), ["step-00000002", "step-00000004"]);
    assert_eq!(names(&run.join("checkpoints/step-00000004")), ["state.json", "state.safetensors"]);
    assert_eq!(names(&run.join("samples")), ["step-00000000.png", "step-00000002.png", "step-00000004.png"]);
    assert_eq!(png_size(&workplace, "run/samples/step-00000004.png"), grid_size(10, 2));
    let report = String::from_utf8(workplace.read("run/report.html")).unwrap();
    assert!(report.trim_end().ends_with("</html>") && report.contains("data:image/png;base64,"));

    let text = String::from_utf8(workplace.read("run/events.jsonl")).unwrap();
    assert!(text.ends_with('\n'));
    let mut emitted = Vec::new();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let name = event["event"].as_str().unwrap();
        let step = event["step"].as_u64().unwrap();
        if name == "warning" {
            continue;
        }
        let Keys(mut keys) = serde_json::from_str(line).unwrap();
        assert_eq!(keys.pop().as_deref(), Some("seal"), "{line}");
        let expected = match name {
            "started" => "event version seed device device_class step config class_names",
            "step" => "event step d_loss g_loss c_loss gate_coverage label_agreement images_per_second seconds",
            "evaluated" => {
                "event step accuracy clustering_accuracy nmi ari gate_coverage gate_precision aurc frechet_judge \
                 judge_accuracy generated_agreement class_frechet class_coverage class_recall confusion \
                 accuracy_coverage generated seconds"
            }
            "samples" | "checkpoint" => "event step path",
            "finished" => "event step seconds",
            other => panic!("{other}"),
        };
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>(), "{line}");
        for rate in ["gate_coverage", "label_agreement", "accuracy", "clustering_accuracy", "gate_precision", "aurc"] {
            assert!(event[rate].as_f64().is_none_or(|rate| (0.0..=1.0).contains(&rate)), "{rate} of {line}");
        }
        for figure in ["frechet_judge", "generated_agreement", "class_frechet", "class_coverage", "generated"] {
            assert!(event[figure].is_null(), "no judge was asked for: {figure} of {line}");
        }
        assert!(!matches!(name, "samples" | "checkpoint") || event["path"].is_string(), "{line}");
        assert!(event["path"].as_str().is_none_or(|path| run.join(path).exists()), "{line}");
        emitted.push((name.to_owned(), step));
    }
    let emitted: Vec<(&str, u64)> = emitted.iter().map(|(name, step)| (name.as_str(), *step)).collect();
    let [started, samples, finished] = [emitted[0], emitted[1], emitted[emitted.len() - 1]];
    assert_eq!([started, samples, finished], [("started", 0), ("samples", 0), ("finished", 4)]);
    let at = |name: &str| emitted.iter().filter(|(event, _)| *event == name).map(|(_, step)| *step).collect::<Vec<_>>();
    assert_eq!((at("step"), at("samples"), at("evaluated")), (vec![2, 4], vec![0, 2, 4], vec![4]));
    assert_eq!(at("checkpoint"), [2, 4]);
}

#[test]
fn a_run_without_data_and_folder_uses_the_built_in_digits_and_a_numbered_folder() {
    let workplace = Workplace::new();
    for folder in ["runs/glyphs-tiny-0", "runs/glyphs-tiny-0-2"] {
        workplace.run(TRAIN.replace("--batch 4", "--batch 4 --steps 2").as_str());
        let config: toml::Table =
            String::from_utf8(workplace.read(&format!("{folder}/config.toml"))).unwrap().parse().unwrap();
        assert_eq!((config["data"].as_str(), config["labels"].as_float()), (Some("glyphs"), Some(0.01)));
    }
    assert_eq!(checkpoint(&workplace, "runs/glyphs-tiny-0", 2), checkpoint(&workplace, "runs/glyphs-tiny-0-2", 2));

    let run = "runs/glyphs-tiny-0";
    workplace.run(&format!("label {run} --device cpu --data glyphs --out labels.csv"));
    let mut table = csv::Reader::from_reader(Cursor::new(workplace.read("labels.csv")));
    assert_eq!(table.records().count(), 2000);
}

#[test]
fn an_empty_folder_becomes_the_run_folder() {
    let workplace = Workplace::with_run();
    fs::create_dir_all(workplace.path("mounted/lost+found")).unwrap();
    workplace.run(&format!("{TRAIN} --data folder:pictures --steps 2 --out mounted"));
    assert_eq!(checkpoint(&workplace, "run", 2), checkpoint(&workplace, "mounted", 2));
}

#[test]
fn a_run_at_its_last_step_has_its_report_made_again() {
    let workplace = Workplace::with_run();
    let report = workplace.read("run/report.html");
    let events = workplace.read("run/events.jsonl");
    fs::remove_file(workplace.path("run/report.html")).unwrap();
    fs::remove_dir_all(workplace.path("pictures")).unwrap();
    workplace.write("pictures/kept.txt", b"the data are not needed");
    let (_, notes) = workplace.run("train --out run --resume");
    assert!(notes.contains("already at step 2") && notes.contains("--steps"), "{notes}");
    assert_eq!((workplace.read("run/report.html"), workplace.read("run/events.jsonl")), (report, events));
}

#[test]
fn a_saved_configuration_trains_the_same_again() {
    let workplace = Workplace::with_run();
    workplace.run("train --config run/config.toml --out again");
    assert_eq!(checkpoint(&workplace, "run", 2), checkpoint(&workplace, "again", 2));
    assert_eq!(workplace.read("run/config.toml"), workplace.read("again/config.toml"));
    workplace.run("train --config run/config.toml --seed 1 --out other");
    assert_ne!(checkpoint(&workplace, "run", 2)[0], checkpoint(&workplace, "other", 2)[0]);
}

#[test]
fn a_quiet_run_prints_nothing() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let line = format!("{TRAIN} --data folder:pictures --steps 2 --set report.evaluate_every=2 --out run --quiet");
    assert_eq!(workplace.run(&line), (String::new(), String::new()));
}

#[test]
fn the_newest_checkpoints_and_the_best_are_kept() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let line = format!("{TRAIN} --data folder:pictures --steps 6 --set report.checkpoint_every=1");
    workplace.run(&format!("{line} --keep 2 --out two"));
    assert_eq!(names(&workplace.path("two/checkpoints")), ["step-00000005", "step-00000006"]);
    workplace.run(&format!("{line} --keep 0 --out all"));
    assert_eq!(names(&workplace.path("all/checkpoints")).len(), 6);

    workplace.run(&format!("{line} --keep 1 --set report.evaluate_every=1 --best accuracy --out best"));
    let best = workplace.json("best/best.json");
    assert_eq!((&best["metric"], &best["used_all_labels"]), (&"accuracy".into(), &true.into()));
    let step = best["step"].as_u64().unwrap();
    let accuracies: Vec<(u64, f64)> = events(&workplace, "best")
        .iter()
        .filter(|event| event["event"] == "evaluated")
        .map(|event| (event["step"].as_u64().unwrap(), event["accuracy"].as_f64().unwrap()))
        .collect();
    let highest = accuracies.iter().map(|(_, accuracy)| *accuracy).fold(0.0, f64::max);
    let first_highest = accuracies.iter().find(|(_, accuracy)| *accuracy == highest);
    assert_eq!(first_highest, Some(&(step, best["value"].as_f64().unwrap())));
    let mut kept = vec![format!("step-{step:08}"), "step-00000006".to_owned()];
    kept.dedup();
    assert_eq!(names(&workplace.path("best/checkpoints")), kept);

    workplace.run("generate best --device cpu --checkpoint best --grid best.png");
    workplace.run(&format!("generate best --device cpu --checkpoint {step} --grid step.png"));
    assert_eq!(workplace.read("best.png"), workplace.read("step.png"));
}

#[test]
fn every_label_budget_and_every_mode_trains() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    workplace.write_pictures("labelled");
    fs::remove_dir_all(workplace.path("labelled/unlabeled")).unwrap();
    for (number, (flags, labels, has_cells)) in [
        ("--data folder:pictures", "given", true),
        ("--data folder:pictures --labels 0", "none", false),
        ("--data folder:pictures --labels 0.2", "0.2", true),
        ("--data folder:labelled", "all", true),
        ("--data folder:labelled --labels all --mode unconditional", "all", true),
        ("--data folder:labelled --labels none --mode unconditional", "none", false),
        ("--data folder:labelled --labels all --mode class-conditional", "all", true),
        ("--data folder:pictures --mode class-conditional", "given", true),
        ("--data glyphs --labels 0", "none", false),
        ("--data glyphs --labels 0.1", "0.1", true),
        ("--data glyphs --labels all", "all", true),
    ]
    .into_iter()
    .enumerate()
    {
        workplace.run(&format!("{TRAIN} {flags} --steps 2 --out run-{number}"));
        let header = workplace.json(&format!("run-{number}/checkpoints/step-00000002/state.json"));
        let used = &header["config"]["labels"];
        assert_eq!(used.as_str().map_or(used.to_string(), str::to_owned), labels, "{flags}");
        assert_eq!(!header["subject"]["cells"].is_null(), has_cells, "{flags}");
        let events = events(&workplace, &format!("run-{number}"));
        let step = events.iter().find(|event| event["event"] == "step").unwrap();
        for loss in ["d_loss", "g_loss", "c_loss"] {
            assert!(step[loss].as_f64().is_none_or(f64::is_finite), "{loss}, {flags}");
        }
        assert!(has_cells || step["label_agreement"].is_null(), "{flags}");
        assert_eq!(events.last().unwrap()["event"], "finished", "{flags}");
    }
}

#[test]
fn only_json_is_printed() {
    let workplace = Workplace::new();
    let json = |line: &str| -> Value { serde_json::from_str(&workplace.run(line).0).unwrap() };
    let devices = json("devices --json");
    let adapters = devices["adapters"].as_array().unwrap();
    let auto = devices["auto"].as_str().unwrap();
    assert!(auto == "cpu" || auto.starts_with("gpu:"), "{auto}");
    let fields = ["index", "name", "kind", "interface", "driver", "max_binding_bytes"];
    assert!(adapters.iter().all(|adapter| fields.iter().all(|field| !adapter[field].is_null())), "{devices}");

    let sets = json("data list --json");
    let names: Vec<&str> = sets["sets"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["glyphs", "cifar10", "stl10", "svhn", "mnist", "fashion-mnist", "folder"]);

    let glyphs = json("data inspect glyphs --json --grid grid.png");
    assert_eq!(glyphs["image"], serde_json::json!({ "channels": 3, "size": 32 }));
    for (split, images) in [("train", 20_000), ("test", 2_000)] {
        let expected = serde_json::json!({ "images": images, "per_class": vec![images / 10; 10], "unlabelled": 0 });
        assert_eq!(glyphs[split], expected);
    }
    assert_eq!(png_size(&workplace, "grid.png"), grid_size(10, 10));
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_saves_and_can_continue() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    let line = format!("{TRAIN} --data folder:pictures --steps 1000000 --set report.log_every=1 --out run --quiet");
    let mut child = workplace.command(&line).stderr(Stdio::null()).spawn().unwrap();
    let has_stepped = || {
        let text = fs::read_to_string(workplace.path("run/events.jsonl")).unwrap_or_default();
        text.contains(r#""event":"step""#)
    };
    let start = Instant::now();
    while !has_stepped() {
        assert!(start.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none(), "no step is done");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));

    let [saved] = &names(&workplace.path("run/checkpoints"))[..] else { panic!("one checkpoint") };
    let step: u64 = saved.strip_prefix("step-").unwrap().parse().unwrap();
    assert_eq!(events(&workplace, "run").last().unwrap()["step"], step);
    assert!(workplace.path("run/report.html").is_file());
    let steps = step + 2;
    workplace.run(&format!("train --out run --resume --steps {steps}"));
    let events = events(&workplace, "run");
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["step"]), (&"finished".into(), &steps.into()));
    assert_eq!(events.iter().filter(|event| event["event"] == "started").count(), 2);
}
