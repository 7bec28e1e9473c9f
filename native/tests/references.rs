//! The reference reports in `docs/repro`: they agree, and their page shows what a comparison of them says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use slgan::kernels::class::DeviceClass;
use slgan::repro::compare::{NamedReport, Verdict, compare_files};
use slgan::repro::report::Backend;

use common::Workplace;

/// The report that the others are compared with.
const REFERENCE: &str = "cpu.json.gz";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/repro")
}

/// The names of the reports: the reference first, the others by name, as `.ci/references` has them.
fn names() -> Vec<String> {
    let names = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".json.gz")).collect();
    names.sort_by_key(|name| (name != REFERENCE, name.clone()));
    assert!(names.first().is_some_and(|name| name == REFERENCE) && names.len() > 1, "{names:?}");
    names
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

#[test]
fn the_page_of_reference_reports_has_the_tables_of_their_comparison() {
    let workplace = Workplace::new();
    let output = workplace.command("repro compare --markdown").args(names()).current_dir(folder()).output().unwrap();
    let tables = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "they do not agree:\n{tables}{}", String::from_utf8_lossy(&output.stderr));
    let page = fs::read_to_string(folder().join("README.md")).unwrap().replace('\r', "");
    let (_, found) = page.split_once("below this line. -->").unwrap();
    assert!(found.trim() == tables.trim(), "docs/repro/README.md is out of date: run .ci/references");
}

#[test]
fn references_are_of_the_cpu_a_software_adapter_and_a_real_gpu_and_right_on_their_own() {
    let mut kinds = Vec::new();
    for name in names() {
        let NamedReport { report, .. } = NamedReport::read(&name, &bytes(&name)).unwrap();
        assert_eq!(report.suite, "standard-1", "{name}");
        assert!(report.is_good(), "{name}: its device does not agree with float64 or with itself");
        kinds.push((report.environment.device.backend, report.environment.device.class));
    }
    for kind in [
        (Backend::Cpu, DeviceClass::Software),
        (Backend::Wgpu, DeviceClass::Software),
        (Backend::Wgpu, DeviceClass::Discrete),
    ] {
        assert!(kinds.contains(&kind), "no {kind:?}");
    }
}

/// The page takes each of them as a reference in its turn.
#[test]
fn every_reference_can_be_the_first() {
    let files: Vec<_> = names().into_iter().map(|name| (name.clone(), bytes(&name))).collect();
    for first in 1..files.len() {
        let mut files = files.clone();
        files.swap(0, first);
        for pair in compare_files(&files).unwrap().pairs {
            assert_ne!(pair.verdict, Verdict::Outside, "{} beside {}: {}", pair.name, files[0].0, pair.sentence);
        }
    }
}
