//! A run goes on with its data wherever they are now, and with no other data.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::{RESUME, TRAIN, Workplace};

/// A workplace whose data have moved.
fn moved() -> Workplace {
    let workplace = Workplace::with_run();
    fs::create_dir_all(workplace.path("new")).unwrap();
    fs::rename(workplace.path("pictures"), workplace.path("new/pictures")).unwrap();
    workplace
}

fn data_of(workplace: &Workplace, run: &str) -> String {
    let config: toml::Table =
        String::from_utf8(workplace.read(&format!("{run}/config.toml"))).unwrap().parse().unwrap();
    config["data"].as_str().unwrap().to_owned()
}

fn tensors(workplace: &Workplace, run: &str) -> Vec<u8> {
    workplace.read(&format!("{run}/checkpoints/step-00000004/state.safetensors"))
}

#[test]
fn a_flag_names_the_new_place() {
    let whole = Workplace::with_run();
    whole.run(RESUME);
    let workplace = moved();
    workplace.refuses(RESUME, 2, &["data: `pictures` is not there", "run/config.toml", "--data folder:NEW"]);
    workplace.run(&format!("{RESUME} --data folder:new/pictures"));
    assert_eq!(data_of(&workplace, "run"), "folder:new/pictures");
    assert!(tensors(&whole, "run") == tensors(&workplace, "run"), "the run is the same");
    workplace.run("train --device cpu --out run --resume --steps 6");
}

#[test]
fn an_edited_configuration_names_the_new_place() {
    let workplace = moved();
    let config = String::from_utf8(workplace.read("run/config.toml")).unwrap();
    workplace.write("run/config.toml", config.replace("folder:pictures", "folder:new/pictures").as_bytes());
    workplace.run(RESUME);
}

#[test]
fn other_data_are_refused_with_what_differs() {
    let workplace = moved();
    fs::remove_file(workplace.path("new/pictures/a/0.png")).unwrap();
    let line = format!("{RESUME} --data folder:new/pictures");
    workplace.refuses(&line, 2, &["run", "they differ in", "the contents"]);
    fs::rename(workplace.path("new/pictures/a"), workplace.path("new/pictures/c")).unwrap();
    workplace.refuses(&line, 2, &["the classes"]);
    workplace.refuses(&format!("{RESUME} --data glyphs"), 2, &["--resume may change only", "data"]);
    workplace.refuses(&format!("{RESUME} --data folder:nowhere"), 2, &["nowhere"]);
}

#[test]
fn a_run_goes_on_from_any_working_folder() {
    let workplace = Workplace::with_run();
    workplace.write("elsewhere/note", b"");
    let status = |line: &str| workplace.command(line).current_dir(workplace.path("elsewhere")).status().unwrap();
    assert!(status("train --quiet --device cpu --out ../run --resume --steps 4").success());
    assert_eq!(data_of(&workplace, "run"), "folder:pictures");

    // A run that is made elsewhere finds its data again too.
    assert!(status(&format!("{TRAIN} --quiet --data folder:../pictures --steps 2 --out ../other")).success());
    workplace.run("train --out other --resume --steps 3");
    assert!(status(&format!("{TRAIN} --quiet --config ../run/config.toml --steps 2 --out again")).success());
    workplace.run("train --out elsewhere/again --resume --steps 3");
}

#[test]
fn a_project_moves_with_its_data() {
    let workplace = Workplace::with_run();
    fs::create_dir(workplace.path("project")).unwrap();
    for name in ["run", "pictures"] {
        fs::rename(workplace.path(name), workplace.path(&format!("project/{name}"))).unwrap();
    }
    workplace.run("train --device cpu --out project/run --resume --steps 4");
}

#[test]
fn a_run_without_a_checkpoint_takes_the_new_place() {
    let workplace = moved();
    fs::remove_dir_all(workplace.path("run/checkpoints")).unwrap();
    // As after a kill before the first checkpoint.
    workplace.write("run/events.jsonl", b"");
    workplace.run(&format!("{RESUME} --data folder:new/pictures"));
    assert_eq!(data_of(&workplace, "run"), "folder:new/pictures");
}

#[test]
fn a_default_folder_is_found_again() {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    workplace.run(&format!("{TRAIN} --data folder:pictures --steps 2"));
    workplace.run("train --device cpu --data folder:pictures --resume --steps 3");
    assert!(workplace.path("runs/pictures-tiny-0/checkpoints/step-00000003").is_dir());
    // Older versions gave every folder of pictures this name.
    fs::rename(workplace.path("runs/pictures-tiny-0"), workplace.path("runs/folder-tiny-0")).unwrap();
    workplace.run("train --device cpu --data folder:pictures --resume --steps 4");
    assert!(workplace.path("runs/folder-tiny-0/checkpoints/step-00000004").is_dir());
}
