//! Reports in JSON for the page: a report's own facts, and comparisons of two.

use serde_json::{Value, json};
use slgan::repro::compare::{NamedReport, Pair, Row, RunParting, Verdict, compare_files, described, rows};
use slgan::repro::report::Backend;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::sentence::sentence;

/// Reads a report from the bytes of its file, which may be compressed with gzip.
///
/// Returns JSON: `suite`, `about` (its environment in a line), `backend` (`cpu` or `wgpu`), `results` (how many results
/// of operations it has), `outside` (how many of them are further from float64 than rounding explains) and `repeats`
/// (whether every run was the same when it was made again).
///
/// # Errors
/// If it is no usable report; names it, and the field if there is one.
#[wasm_bindgen]
pub fn read_report(name: &str, file: &[u8]) -> Result<String, JsError> {
    let NamedReport { report, .. } = NamedReport::read(name, file).map_err(sentence)?;
    let facts = json!({
        "suite": report.suite,
        "about": described(&report.environment),
        "backend": if report.environment.device.backend == Backend::Cpu { "cpu" } else { "wgpu" },
        "results": report.kernels.results.len(),
        "outside": report.outside().count(),
        "repeats": report.repeats(),
    });
    Ok(facts.to_string())
}

/// Compares a report with a reference.
///
/// Returns JSON: `verdict`, `sentence`, `causes`, `layers`, `partings` (places in words), `differences` of the
/// environments that can change bits, and `rows` that are not identical.
///
/// # Errors
/// If one is no usable report, or they are of two suites; names the report.
#[wasm_bindgen]
pub fn compare_reports(reference_name: &str, reference: Vec<u8>, name: &str, file: Vec<u8>) -> Result<String, JsError> {
    let files = [(reference_name.to_owned(), reference), (name.to_owned(), file)];
    let comparison = compare_files(&files).map_err(sentence)?;
    let pair = comparison.pairs.first().expect("two reports make one pair");
    Ok(in_short(pair).to_string())
}

fn in_short(pair: &Pair) -> Value {
    let differing = rows(&pair.items).into_iter().filter(|row| row.verdict != Verdict::Identical);
    json!({
        "verdict": pair.verdict,
        "sentence": pair.sentence,
        "causes": pair.causes,
        "layers": pair.layers,
        "partings": pair.partings.iter().map(RunParting::place).collect::<Vec<_>>(),
        "differences": pair.differences.iter().filter(|difference| difference.bears).collect::<Vec<_>>(),
        "rows": differing.map(|row| row_in_short(&row)).collect::<Vec<_>>(),
    })
}

/// A row; `share` is the farthest distance as a share of what rounding explains, and null if one of them is missing.
fn row_in_short(row: &Row) -> Value {
    let all = row.counts.all();
    json!({
        "layer": row.layer,
        "name": row.full_name(),
        "verdict": row.verdict.name(),
        "differ": all - row.counts.identical,
        "all": all,
        "share": row.measure.map(|measure| measure.share()),
        "first": row.first,
    })
}
