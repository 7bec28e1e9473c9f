//! Files, and what is wrong with them.

use crate::repro::compare::samples::report;
use crate::repro::compare::{COMPARISON_SCHEMA, Comparison, compare_files};
use crate::repro::report::{Number, Report};
use crate::train::seal;

/// Compares the sample, `a.json`, with another file, `b.json`.
fn compared(other: Vec<u8>) -> Result<Comparison, String> {
    let files = [("a.json".to_owned(), report().to_file()), ("b.json".to_owned(), other)];
    compare_files(&files).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(other: Vec<u8>, parts: &[&str]) {
    let message = compared(other).expect_err("it should not be comparable");
    assert!(message.starts_with("b.json: ") && parts.iter().all(|part| message.contains(part)), "{message}");
}

fn changed(change: impl FnOnce(&mut Report)) -> Vec<u8> {
    let mut other = report();
    change(&mut other);
    other.to_file()
}

#[test]
fn a_comparison_survives_json() {
    let comparison = compared(changed(|report| report.exact[0].sha256 = "0".into())).unwrap();
    assert_eq!((comparison.schema.as_str(), comparison.suite.as_str()), (COMPARISON_SCHEMA, "standard-1"));
    assert!(!comparison.good && comparison.reports.len() == 2 && comparison.pairs.len() == 1);
    assert_eq!(comparison.reports[1].about, "CPU, x86_64, slgan 0.1.0");
    let text = serde_json::to_string(&comparison).unwrap();
    assert_eq!(serde_json::from_str::<Comparison>(&text).unwrap(), comparison);
}

#[test]
fn one_report_is_too_few() {
    let error = compare_files(&[("a.json".to_owned(), report().to_file())]).unwrap_err().to_string();
    assert_eq!(error, "expected at least two reports, found 1");
}

#[test]
fn a_bad_file_is_told_as_what_it_is() {
    let file = report().to_file();
    refused(file[..file.len() / 2].to_vec(), &["cut short"]);
    refused(b"hello".to_vec(), &["not a report"]);
    let text = String::from_utf8(file).unwrap();
    refused(text.replacen("\"count\":6", "\"count\":7", 1).into_bytes(), &["edited by hand"]);
    refused(changed(|report| report.schema = "slgan-repro-9".into()), &["schema: expected", "slgan-repro-9"]);
    refused(changed(|report| report.suite = "brief-1".into()), &["suite: expected `standard-1`", "`brief-1`"]);
}

#[test]
fn a_field_with_an_impossible_value_is_named() {
    refused(
        changed(|report| report.training[0].course.images.png = "iVBO".into()),
        &["training[few labels].course.images.png: expected a PNG", "`iVBO`"],
    );
    refused(
        changed(|report| {
            let number = Number { bits: "12".into() };
            report.training[0].course.steps[1].losses.generator = Some(number);
        }),
        &["training[few labels].course.steps[step 2].losses.bits", "hexadecimal", "`12`"],
    );
    refused(changed(|report| report.exact[1].name = "random words".into()), &["exact: expected names that differ"]);
    refused(
        changed(|report| report.training[1].course.steps[2].step = 1),
        &["training[all labels].course.steps", "step 1 after step 2"],
    );
}

/// Whoever computes another seal can change what they like; then the values speak.
#[test]
fn a_sealed_edit_is_compared() {
    let text = String::from_utf8(report().to_file()).unwrap();
    let start = text.rfind("\"seal\":\"").unwrap() + 8;
    let seal = &text[start..start + 64];
    let mut file =
        text.replacen("\"count\":6", "\"count\":7", 1).replace(seal, seal::BLANK).trim_end().as_bytes().to_vec();
    let length = file.len();
    seal::close(&mut file, length);
    let comparison = compared(file).unwrap();
    assert_eq!(comparison.pairs[0].first_outside().map(|item| item.note.as_str()), Some("6 and 7 numbers"));
}
