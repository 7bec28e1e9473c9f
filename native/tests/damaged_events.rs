//! Damage in `events.jsonl` is found before a run goes on, and stays without effect on checkpoints.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::{READERS, RESUME, Workplace};
use serde_json::Value;

const EVENTS: &str = "run/events.jsonl";

/// The lines with their ends.
fn lines(workplace: &Workplace) -> Vec<String> {
    let text = String::from_utf8(workplace.read(EVENTS)).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

fn write(workplace: &Workplace, lines: &[String]) {
    workplace.write(EVENTS, lines.concat().as_bytes());
}

/// The number of the first line, from 1, that is an event of a kind.
fn number_of(lines: &[String], event: &str) -> usize {
    let is_it = |line: &String| serde_json::from_str::<Value>(line).unwrap()["event"] == event;
    1 + lines.iter().position(is_it).unwrap_or_else(|| panic!("no {event}"))
}

/// Changes a digit of the first number with a name.
fn with_another_digit(line: &str, name: &str) -> String {
    let key = format!("\"{name}\":");
    let place = line.find(&key).unwrap() + key.len();
    let place = place + line[place..].find(|letter: char| letter.is_ascii_digit()).unwrap();
    let digit = if &line[place..=place] == "7" { "3" } else { "7" };
    format!("{}{digit}{}", &line[..place], &line[place + 1..])
}

/// Makes the events those of an older version, which wrote no seals.
fn unsealed(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.split_once(",\"seal\":").unwrap().0.to_owned() + "}\n").collect()
}

/// Neither `--resume` nor `report` accepts the events, and both name file and line. Only a report that has another name is
/// made, without them.
#[track_caller]
fn is_found(workplace: &Workplace, line: usize) {
    let damage = format!("run/events.jsonl: line {line} is damaged: ");
    for command in [RESUME, "report run"] {
        workplace.refuses(command, 1, &[&damage, "rename this file", "slgan report run --out"]);
    }
    let output = workplace.command("report run --out left.html").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(&damage) && error.contains("left.html was made without"), "{error}");
    let html = String::from_utf8(workplace.read("left.html")).unwrap();
    assert!(html.contains("<h2>Damaged events</h2>") && html.contains(&format!("<li>Line {line}: ")));
}

/// The run goes on, and its events are whole afterwards.
#[track_caller]
fn goes_on(workplace: &Workplace) -> String {
    let (_, notes) = workplace.run(RESUME);
    assert!(workplace.path("run/checkpoints/step-00000004").is_dir());
    workplace.run("report run");
    notes
}

#[test]
fn a_changed_digit_is_found() {
    let workplace = Workplace::with_run();
    let whole = lines(&workplace);
    for (event, name) in [("started", "seed"), ("step", "d_loss"), ("step", "step"), ("finished", "seconds")] {
        let line = number_of(&whole, event);
        let mut changed = whole.clone();
        changed[line - 1] = with_another_digit(&whole[line - 1], name);
        assert!(serde_json::from_str::<Value>(&changed[line - 1]).is_ok());
        write(&workplace, &changed);
        is_found(&workplace, line);
    }
    write(&workplace, &whole);
    goes_on(&workplace);
}

#[test]
fn lines_that_are_missing_swapped_or_no_events_are_found() {
    let workplace = Workplace::with_run();
    let whole = lines(&workplace);
    let line = number_of(&whole, "step");
    assert!(whole.len() > line + 1, "more events follow");

    let mut removed = whole.clone();
    removed.remove(line - 1);
    write(&workplace, &removed);
    is_found(&workplace, line);

    let mut swapped = whole.clone();
    swapped.swap(line - 1, line);
    write(&workplace, &swapped);
    is_found(&workplace, line);

    let mut spoilt = whole.clone();
    spoilt[line - 1] = whole[line - 1].replacen("\"event\":\"step\"", "\"event\":\"st", 1);
    write(&workplace, &spoilt);
    is_found(&workplace, line);

    let mut foreign = whole.clone();
    foreign.extend(unsealed(&whole[line - 1..line]));
    write(&workplace, &foreign);
    is_found(&workplace, whole.len() + 1);
}

#[test]
fn checkpoints_do_not_depend_on_events() {
    let workplace = Workplace::with_run();
    workplace.write(EVENTS, b"\xff\n{\n");
    is_found(&workplace, 1);
    READERS.iter().for_each(|line| drop(workplace.run(line)));

    // The way out that the message names.
    fs::rename(workplace.path(EVENTS), workplace.path("run/damaged-events.jsonl")).unwrap();
    let notes = goes_on(&workplace);
    assert!(notes.contains("warning: run/events.jsonl ends at step 0, before the checkpoint of step 2"), "{notes}");
    assert_eq!(workplace.read("run/damaged-events.jsonl"), b"\xff\n{\n");
    let whole = lines(&workplace);
    assert_eq!((number_of(&whole, "started"), number_of(&whole, "finished")), (1, whole.len()));
}

#[test]
fn a_run_of_an_older_version_goes_on_and_is_protected_from_then_on() {
    let workplace = Workplace::with_run();
    let older = unsealed(&lines(&workplace));
    write(&workplace, &older);
    workplace.run("report run");
    goes_on(&workplace);

    let whole = lines(&workplace);
    assert_eq!(whole[..older.len()], older, "nothing is written again");
    let mut changed = whole.clone();
    changed[1] = with_another_digit(&whole[1], "step");
    write(&workplace, &changed);
    is_found(&workplace, older.len() + 1);

    let mut spoilt = older;
    spoilt[1] = "{\"event\":\"st\n".to_owned();
    write(&workplace, &spoilt);
    is_found(&workplace, 2);
}

#[test]
fn a_kill_at_any_event_is_no_damage() {
    let whole = Workplace::with_run();
    let all = lines(&whole);
    // Between the event of a step and its checkpoint, within the line after it, and within the last one. The first case
    // is no kill but half a copy: events are on the disk before their checkpoint.
    let line = number_of(&all, "step");
    for (kept, rest) in [(line - 1, 0), (line, 0), (line, 20), (all.len() - 1, 7)] {
        let workplace = Workplace::with_run();
        let events = all[..kept].concat() + all.get(kept).map_or("", |line| &line[..rest]);
        workplace.write(EVENTS, events.as_bytes());
        let notes = goes_on(&workplace);
        assert_eq!(notes.contains("before the checkpoint of step 2"), kept < line, "{kept} lines: {notes}");
        assert_eq!(lines(&workplace)[..kept], all[..kept]);
        assert_eq!(number_of(&lines(&workplace)[kept..], "started"), 1);
    }
}
