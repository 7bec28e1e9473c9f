//! GPU memory, counted at the WebGPU calls themselves: it must not grow while a page trains for hours. And sets of
//! buffers, which steps that are repeated need no more.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("gpu_memory_stays_flat", |visit| stays_flat(visit, 300)).within_s(900).with_devtools(),
    Test::new("webgpu_repeats_steps", webgpu_repeats_steps).within_s(600).with_devtools(),
    Test::new("a_reset_frees_gpu_memory", a_reset_frees_gpu_memory).within_s(600).with_devtools(),
    Test::new("gpu_memory_stays_flat_over_5000_steps", |visit| stays_flat(visit, 5_000))
        .within_s(4_000)
        .with_devtools()
        .only_long(),
];

/// Wraps the page's worker in one that counts.
const COUNTING_WORKER: &str = "globalThis.Worker = class extends Worker {
    constructor(_, options) { super('/fixtures/counting-worker.js', options); }
};";

/// From this step on, memory must not grow.
const SETTLED: u64 = 100;

/// The smallest sizes.
const SMALLEST: &str = "device=gpu&labels=none&artificial-labels=2&batch=2&seed=5";

/// A reset must free this run's buffers: the next run may have other sizes, for which they are useless.
fn a_reset_frees_gpu_memory(visit: &mut Visit) -> Result<()> {
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": COUNTING_WORKER }))?;
    visit.open(&format!("{SMALLEST}&steps=1000"))?;
    visit.train()?;
    visit.wait_for_step(3)?;
    // The browser collects what the page dropped.
    let held = "gc({ type: 'major', execution: 'async' })
        .then(() => new Promise(resolve => setTimeout(resolve, 100)))
        .then(() => gpuMemory.live - gpuMemory.dropped)";
    let before = visit.page.devtools()?.evaluate_in_worker(held)?.as_u64().context("nothing was counted")?;
    visit.page.click("#reset")?;
    visit.wait_for_status("idle")?;
    let after = visit.page.devtools()?.evaluate_in_worker(held)?.as_u64().context("nothing was counted")?;
    visit.notes.push(format!("{} MB, then {} MB", before / 1_000_000, after / 1_000_000));
    ensure!(after < before / 4, "{after} bytes are held after a reset, {before} before it");
    Ok(())
}

/// A step that launches anew makes a set of buffers for each of its launches.
fn webgpu_repeats_steps(visit: &mut Visit) -> Result<()> {
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": COUNTING_WORKER }))?;
    visit.open(&format!("{SMALLEST}&steps=1000"))?;
    visit.train()?;
    visit.wait_for_step(1)?;
    let mut seen = vec![sets_of_buffers(visit)?];
    for step in [3, 30, 60] {
        visit.wait_for_step(step)?;
        seen.push(sets_of_buffers(visit)?);
    }
    visit.notes.push(format!("{seen:?}"));
    Ok(())
}

fn sets_of_buffers(visit: &mut Visit) -> Result<u64> {
    visit.page.devtools()?.evaluate_in_worker("gpuMemory.sets")?.as_u64().context("nothing was counted")
}

fn stays_flat(visit: &mut Visit, steps: u64) -> Result<()> {
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": COUNTING_WORKER }))?;
    visit.open(&format!("{SMALLEST}&steps={}", steps + 1000))?;
    visit.train()?;
    // The reports of a step belong to it, and are done when the next step is.
    visit.wait_for_step(SETTLED + 1)?;
    let settled = most_bytes(visit)?;
    let start = Instant::now();
    visit.wait_for_step(steps)?;
    let last = most_bytes(visit)?;
    let ms_per_step = start.elapsed().as_secs_f64() * 1000.0 / (steps - SETTLED) as f64;
    visit.notes.push(format!("{} MB at step {SETTLED} and {steps}, {ms_per_step:.0} ms per step", settled / 1_000_000));
    ensure!(last <= settled, "{settled} bytes of buffers by step {SETTLED}, {last} by step {steps}");
    Ok(())
}

/// The highest number of bytes in buffers so far.
fn most_bytes(visit: &mut Visit) -> Result<u64> {
    let counted = visit.page.devtools()?.evaluate_in_worker("gpuMemory")?;
    let most = counted["most"].as_u64().context("nothing was counted")?;
    ensure!(most > 0 && counted["made"].as_u64() > Some(0), "no buffer was made: {counted}");
    Ok(most)
}
