//! The kernels in the browser's own compiler, and their checks against float64 on the browser's devices.
//!
//! The native program gives the numbers of variants and of results by name: the page must have them all.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::native;
use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("every_shader_compiles", |visit| shaders_compile(visit, false))
        .on_webgpu()
        .long_elsewhere()
        .with_program()
        .within_s(2_400),
    Test::new("every_variant_has_a_pipeline", |visit| shaders_compile(visit, true))
        .on_webgpu()
        .only_long()
        .with_program()
        .within_s(2_400),
    Test::new("the_kernels_are_right_on_webgpu", |visit| kernels_are_right(visit, "gpu"))
        .on_webgpu()
        .long_elsewhere()
        .with_program()
        .within_s(2_400),
    // The view Compare checks the chosen cases on the CPU in each engine; these are all.
    Test::new("the_kernels_are_right_on_the_cpu", |visit| kernels_are_right(visit, "cpu"))
        .only_long()
        .with_program()
        .within_s(900),
];

/// Counts by name: variants by shader, or results by operation.
type Counts = BTreeMap<String, u64>;

/// The prefix of shaders that belong to the program's bench, not to the library.
const BENCH: &str = "ceiling";

fn open(visit: &mut Visit) -> Result<()> {
    let address = format!("{}/fixtures/kernels.html", visit.origin);
    visit.page.navigate(&address)?;
    visit.page.wait_for("the tests' own page", "window.kernels").map(drop)
}

fn shaders_compile(visit: &mut Visit, all_pipelines: bool) -> Result<()> {
    open(visit)?;
    let outcome = visit.page.evaluate(&format!("kernels.compileShaders({all_pipelines})"))?;
    let (failures, found) = (lines(&outcome["failures"])?, counts(&outcome["variants"])?);
    let all = total(&found);
    visit.notes.push(format!("{} shaders, {all} variants", found.len()));
    ensure!(failures.is_empty(), "{} of {all} fail\n{}", failures.len(), failures.join("\n"));
    ensure_same("variants", &found, &native_variants()?)
}

fn kernels_are_right(visit: &mut Visit, device: &str) -> Result<()> {
    open(visit)?;
    let outcome = visit.page.evaluate(&format!("kernels.check('{device}')"))?;
    let backend = if device == "gpu" { "webgpu" } else { "cpu" };
    ensure!(outcome["device"]["backend"] == backend, "checked on {}", outcome["device"]);
    let (failures, found) = (lines(&outcome["failed"])?, counts(&outcome["operations"])?);
    let all = total(&found);
    visit.notes.push(format!("{all} results compared"));
    ensure!(failures.is_empty(), "{} of {all} are wrong\n{}", failures.len(), failures.join("\n"));
    let native = native_results()?;
    if device == "cpu" {
        return ensure_same("results", &found, &native);
    }
    // WebGPU has fewer cases, and of every operation some. Overwriting is part of the recorded steps, which are tested.
    let missing: Vec<&String> =
        native.keys().filter(|name| !found.contains_key(*name) && *name != "overwrite").collect();
    ensure!(missing.is_empty() && all > 400, "{all} results, and none of {missing:?}");
    Ok(())
}

/// The variants of the library's shaders.
fn native_variants() -> Result<Counts> {
    let report = native::json(&["devices", "--shaders", "--json"])?;
    let kernels = report["kernels"].as_object().context("no kernels")?.iter();
    let library = kernels.filter(|(name, _)| !name.starts_with(BENCH));
    library.map(|(name, kernel)| entry(name, &kernel["variants"])).collect()
}

/// The numbers of compared results on the CPU.
fn native_results() -> Result<Counts> {
    let report = native::json(&["devices", "--check", "--device", "cpu", "--json"])?;
    let operations = report["operations"].as_array().context("no operations")?.iter();
    operations.map(|operation| entry(operation["name"].as_str().context("no name")?, &operation["results"])).collect()
}

fn ensure_same(what: &str, found: &Counts, expected: &Counts) -> Result<()> {
    ensure!(total(expected) > 0, "the native program has no {what}");
    let names: BTreeSet<&String> = found.keys().chain(expected.keys()).collect();
    let count = |counts: &Counts, name: &str| counts.get(name).copied().unwrap_or(0);
    let differs = |name: &&String| count(found, name) != count(expected, name);
    let line = |name: &String| format!("{name}: {}, natively {}", count(found, name), count(expected, name));
    let differences: Vec<String> = names.into_iter().filter(differs).map(line).collect();
    ensure!(differences.is_empty(), "the native program has other numbers of {what}\n{}", differences.join("\n"));
    Ok(())
}

fn total(counts: &Counts) -> u64 {
    counts.values().sum()
}

fn counts(object: &Value) -> Result<Counts> {
    object.as_object().context("no counts by name")?.iter().map(|(name, count)| entry(name, count)).collect()
}

fn entry(name: &str, count: &Value) -> Result<(String, u64)> {
    Ok((name.to_owned(), count.as_u64().with_context(|| format!("{name}: no count"))?))
}

fn lines(list: &Value) -> Result<Vec<String>> {
    let list = list.as_array().context("no list of failures")?;
    Ok(list.iter().map(|line| line.as_str().map_or_else(|| line.to_string(), str::to_owned)).collect())
}
