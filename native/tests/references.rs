//! The reference reports in `docs/repro`: they agree, and their page shows what a comparison of them says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;

use common::Workplace;

/// The report that the others are compared with.
const REFERENCE: &str = "cpu.json.gz";

#[test]
fn the_page_of_reference_reports_has_the_tables_of_their_comparison() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/repro");
    let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut reports: Vec<String> = names.filter(|name| name.ends_with(".json.gz")).collect();
    // The reference first, the others by name, as `.ci/references` does.
    reports.sort_by_key(|name| (name != REFERENCE, name.clone()));
    assert!(reports.first().is_some_and(|name| name == REFERENCE) && reports.len() > 1, "{reports:?}");
    let workplace = Workplace::new();
    let output = workplace.command("repro compare --markdown").args(&reports).current_dir(&folder).output().unwrap();
    let tables = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "they do not agree:\n{tables}{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(folder.join("README.md")).unwrap().replace('\r', "");
    let (_, found) = page.split_once("below this line. -->").unwrap();
    assert!(found.trim() == tables.trim(), "docs/repro/README.md is out of date: run .ci/references");
}
