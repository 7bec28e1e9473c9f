//! The view Compare: the suite on this device, reports of others, and what the page says about them.
//!
//! Two tests run the suite, the brief one. The others use the reference reports.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::failures::refused;
use super::native;
use super::test::Test;
use super::visit::Visit;
use crate::browser::Engine;
use crate::places;

pub const TESTS: &[Test] = &[
    Test::new("a_dropped_report_is_compared_with_every_reference", a_dropped_report_is_compared_with_every_reference),
    Test::new("a_damaged_report_is_refused", a_damaged_report_is_refused),
    Test::new("a_report_with_another_number_is_not_the_same", a_report_with_another_number_is_not_the_same),
    Test::new("the_suite_runs_on_the_cpu", |visit| the_suite_runs(visit, "cpu")).with_program().within_s(1_200),
    Test::new("the_suite_runs_on_webgpu", |visit| the_suite_runs(visit, "gpu"))
        .on_webgpu()
        .with_program()
        .only_long()
        .within_s(3_600),
];

/// The reference report that all others agree with.
const REFERENCE: &str = "cpu.json.gz";

/// A reference report of a real GPU, and how the page calls that.
const GPU: &str = "nvidia-h200";
const GPU_WORDS: &str = "NVIDIA H200 (discrete GPU, vulkan)";

fn open(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu&view=compare&suite=brief")
}

fn reference() -> PathBuf {
    places::references().join(REFERENCE)
}

/// Chooses the reference report, and waits for the verdict on it.
///
/// # Errors
/// If the page has none.
pub fn show_reference(visit: &mut Visit) -> Result<()> {
    visit.page.choose_files("#repro-files", &[reference()])?;
    verdict(visit).map(drop)
}

/// Waits for the verdict on the newest report, and returns it.
fn verdict(visit: &mut Visit) -> Result<String> {
    let settled = "document.querySelector('#repro-result:not([aria-busy=true]) #repro-verdict[data-verdict]')";
    let verdict = visit.wait_for("a verdict", &format!("{settled}?.dataset.verdict"))?;
    Ok(verdict.as_str().context("no verdict")?.to_owned())
}

/// The comparisons that the page shows: name, verdict and words of each.
fn comparisons(visit: &mut Visit) -> Result<Vec<Value>> {
    let read = "[...document.querySelectorAll('#repro-comparisons > li')]
        .map(entry => ({ ...entry.dataset, text: entry.textContent }))";
    let found = visit.page.evaluate(read)?.as_array().context("no comparisons")?.clone();
    let shown = visit.text("#view-compare")?;
    let unfilled = ["undefined", "null", "NaN", "[object"].into_iter().find(|word| shown.contains(word));
    ensure!(unfilled.is_none(), "the view says {unfilled:?}: {shown}");
    Ok(found)
}

fn a_dropped_report_is_compared_with_every_reference(visit: &mut Visit) -> Result<()> {
    open(visit)?;
    visit.page.drop_files("#repro-drop", &[reference()])?;
    let total = verdict(visit)?;
    ensure!(total != "outside" && total != "none", "the reference reports do not agree: {total}");
    let words = visit.text("#repro-explained")?;
    ensure!(words.starts_with(&format!("The device of “{REFERENCE}” computes the same as ")), "the page says: {words}");
    ensure!(
        visit.text("#repro-alone")?.starts_with("On its own, the device passes"),
        "{}",
        visit.text("#repro-alone")?
    );
    let (found, served) =
        (comparisons(visit)?, visit.page.evaluate("fetch('/repro/reports.json').then(a => a.json())")?);
    let served = served.as_array().context("no list of reports")?;
    visit.notes.push(format!("{} references, {total}", served.len()));
    ensure!(!served.is_empty() && found.len() == served.len(), "{} of {} are compared", found.len(), served.len());
    let own = found.iter().find(|entry| entry["name"] == "the reference cpu").context("the reference is missing")?;
    ensure!(own["verdict"] == "identical", "a report differs from itself: {own}");
    let gpu = found.iter().find(|entry| entry["name"] == format!("the reference {GPU}")).context("no real GPU")?;
    ensure!(gpu["text"].as_str().is_some_and(|text| text.starts_with(GPU_WORDS)), "not {GPU_WORDS}: {gpu}");

    // The same file again has another name, and is compared with the first as well.
    visit.page.drop_files("#repro-drop", &[reference()])?;
    let name = format!("{REFERENCE} (2)");
    visit.wait_for(
        "the second report",
        &format!("document.querySelector('#repro-subject').value === {}", json!(name)),
    )?;
    visit.wait_for(
        "one comparison more",
        &format!("document.querySelectorAll('#repro-comparisons > li').length === {}", served.len() + 1),
    )?;
    let last = comparisons(visit)?.pop().context("no comparison")?;
    ensure!(last["name"] == REFERENCE && last["verdict"] == "identical", "{last}");
    Ok(())
}

fn a_damaged_report_is_refused(visit: &mut Visit) -> Result<()> {
    open(visit)?;
    let good = fs::read(reference())?;
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    for (name, bytes, part) in [
        ("cut.json.gz", good[..good.len() / 2].to_vec(), "cut short"),
        ("flipped.json.gz", flipped, "damaged"),
        ("cut.json", b"{\"schema\":".to_vec(), "cut short"),
        ("other.json", b"{\"name\": 1}".to_vec(), "not a report"),
        ("picture.json", b"\x89PNG\r\n\x1a\n".to_vec(), "not a report"),
    ] {
        let path = visit.folder().join(name);
        fs::write(&path, bytes)?;
        let words = refused(visit, "#repro-files", path)?;
        ensure!(words.starts_with(name) && words.contains(part), "{name}: {words}");
    }
    let shown = visit.page.evaluate("document.querySelectorAll('#repro-subject option').length")?;
    ensure!(shown == 0, "a damaged report can be chosen");
    show_reference(visit)
}

/// Chooses a copy of the reference with another hash for its first exact item, as a file; with `seal`, under a seal that
/// fits, from the browser's own SHA-256. Resolves to the item's name.
const CHANGE: &str = "async (seal) => {
    const stream = (await fetch('/repro/cpu.json.gz')).body.pipeThrough(new DecompressionStream('gzip'));
    const text = (await new Response(stream).text()).trimEnd();
    const report = JSON.parse(text);
    const [item] = report.exact;
    const place = text.lastIndexOf(report.seal);
    const withSeal = (text, seal) => text.slice(0, place) + seal + text.slice(place + 64);
    let changed = text.replace(item.sha256, 'f'.repeat(64));
    if (seal) {
        const blank = new TextEncoder().encode(withSeal(changed, '0'.repeat(64)));
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', blank));
        changed = withSeal(changed, [...digest].map(byte => byte.toString(16).padStart(2, '0')).join(''));
    }
    const transfer = new DataTransfer();
    transfer.items.add(new File([changed], 'changed.json'));
    const input = document.querySelector('#repro-files');
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
    return item.name;
}";

fn a_report_with_another_number_is_not_the_same(visit: &mut Visit) -> Result<()> {
    open(visit)?;
    visit.page.evaluate(&format!("({CHANGE})(false)"))?;
    let words = visit.wait_for_error()?;
    ensure!(words.starts_with("changed.json: edited by hand"), "the page says: {words}");
    let item = visit.page.evaluate(&format!("({CHANGE})(true)"))?;
    let item = item.as_str().context("no item")?;
    ensure!(verdict(visit)? == "outside", "another number is accepted");
    ensure!(visit.text("#repro-verdict")? == "Not the same", "{}", visit.text("#repro-verdict")?);
    let words = visit.text("#repro-explained")?;
    ensure!(words.starts_with("The device of “changed.json” does not compute the same as "), "{words}");
    for entry in comparisons(visit)? {
        let names_item = entry["text"].as_str().is_some_and(|text| text.contains(item));
        ensure!(entry["verdict"] == "outside" && names_item, "{item} is not named: {entry}");
    }
    Ok(())
}

/// Runs a suite on a device of the page, as a visitor does, and saves its report. Returns the file.
///
/// # Errors
/// If the page shows an error, or none of this comes in time.
pub fn make_report(visit: &mut Visit, device: &str, suite: &str) -> Result<PathBuf> {
    visit.open(&format!("device={device}&view=compare&suite={suite}"))?;
    visit.page.click("#repro-run")?;
    visit.wait_for("progress", "document.querySelector('#repro-progress').value > 0")?;
    visit.wait_for("the report", "document.querySelector('#repro-status').textContent === 'done'")?;
    verdict(visit)?;
    visit.page.save_with("#repro-save")
}

/// The brief suite on a device of the page, and on the CPU in the program: the page says about the two what the program
/// says.
fn the_suite_runs(visit: &mut Visit, device: &str) -> Result<()> {
    let native = visit.folder().join("native.json");
    let native_path = native.to_str().context("no UTF-8")?.to_owned();
    native::slgan(&["repro", "run", "--suite", "brief", "--device", "cpu", "--out", &native_path])?;
    let saved = make_report(visit, device, "brief")?;
    let words = visit.text("#repro-alone")?;
    ensure!(words.starts_with("On its own, the device passes"), "{words}");
    check_environment(&saved, visit.page.engine, device)?;

    visit.page.choose_files("#repro-files", &[native])?;
    let name = json!(format!("this device ({})", device.to_uppercase()));
    let other = format!("document.querySelector(`#repro-comparisons > [data-name={name}]`)?.dataset.verdict");
    let found = visit.wait_for("the comparison with the program", &other)?;
    let saved = saved.to_str().context("no UTF-8")?.to_owned();
    let comparison = native::json(&["repro", "compare", &saved, &native_path, "--json"])?;
    let expected = &comparison["pairs"][0]["verdict"];
    ensure!(found == *expected, "the page says {found}, the program {expected}");
    ensure!(found != "outside", "the page and the program differ: {comparison}");
    visit.notes.push(format!("{found} beside the program"));
    comparisons(visit).map(drop)
}

/// Whether a report says where it was made.
fn check_environment(report: &Path, engine: Engine, device: &str) -> Result<()> {
    let name = match engine {
        Engine::Chromium => "Chrom",
        Engine::Firefox => "Firefox",
        Engine::Webkit => "Safari",
    };
    let report: Value = serde_json::from_slice(&fs::read(report)?)?;
    let environment = &report["environment"];
    let is_told = environment["shell"] == "web"
        && environment["device"]["backend"] == if device == "gpu" { "wgpu" } else { "cpu" }
        && environment["system"]["architecture"] == "wasm32"
        && environment["system"]["browser"].as_str().is_some_and(|browser| browser.contains(name));
    ensure!(report["suite"] == "brief-1" && is_told, "the report is from {environment}");
    Ok(())
}
