//! The kernels in the browser's own compiler, and their checks against float64 on what the browser has.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Test, Visit};

pub const TESTS: &[Test] = &[
    Test::new("every_shader_compiles", every_shader_compiles).within_s(180),
    Test::new("the_kernels_are_right_on_webgpu", |visit| kernels_are_right(visit, "gpu")).within_s(300),
    Test::new("the_kernels_are_right_on_the_cpu", |visit| kernels_are_right(visit, "cpu")).within_s(180),
];

/// Fewer variants of shaders, or fewer results to compare, would mean that most were not found.
const LEAST_SHADERS: usize = 30;
const LEAST_RESULTS: u64 = 300;

fn open(visit: &mut Visit) -> Result<()> {
    let address = format!("{}/fixtures/kernels.html", visit.origin);
    visit.page.navigate(&address)?;
    visit.page.wait_for("the tests' own page", "window.kernels").map(drop)
}

fn every_shader_compiles(visit: &mut Visit) -> Result<()> {
    open(visit)?;
    let outcome = visit.page.evaluate("kernels.compileShaders()")?;
    let failures = lines(&outcome["failures"])?;
    let names = outcome["names"].as_array().context("no names")?.len();
    visit.notes.push(format!("{names} shaders, {} variants", outcome["variants"]));
    ensure!(failures.is_empty(), "{} of {} fail\n{}", failures.len(), outcome["variants"], failures.join("\n"));
    ensure!(names > LEAST_SHADERS, "only {names} shaders were found");
    Ok(())
}

fn kernels_are_right(visit: &mut Visit, device: &str) -> Result<()> {
    open(visit)?;
    let outcome = visit.page.evaluate(&format!("kernels.check('{device}')"))?;
    let backend = if device == "gpu" { "webgpu" } else { "cpu" };
    ensure!(outcome["device"]["backend"] == backend, "checked on {}", outcome["device"]);
    let failures = lines(&outcome["failed"])?;
    let compared = outcome["compared"].as_u64().context("nothing was compared")?;
    visit.notes.push(format!("{compared} results compared"));
    ensure!(failures.is_empty(), "{} of {compared} are wrong\n{}", failures.len(), failures.join("\n"));
    ensure!(compared > LEAST_RESULTS, "only {compared} results were compared");
    Ok(())
}

fn lines(list: &Value) -> Result<Vec<String>> {
    let list = list.as_array().context("no list of failures")?;
    Ok(list.iter().map(|line| line.as_str().map_or_else(|| line.to_string(), str::to_owned)).collect())
}
