//! GPU memory, counted at the WebGPU calls themselves: it must not grow while a page trains for hours, and a reset frees
//! it. Steps that are repeated need no new sets of buffers.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("gpu_memory_stays_flat", |visit| stays_flat(visit, 200)).within_s(900).with_devtools(),
    Test::new("gpu_memory_stays_flat_over_5000_steps", |visit| stays_flat(visit, 5_000))
        .within_s(4_000)
        .with_devtools()
        .only_long(),
];

/// Wraps the page's worker in one that counts.
const COUNTING_WORKER: &str = "globalThis.Worker = class extends Worker {
    constructor(_, options) { super('/fixtures/counting-worker.js', options); }
};";

/// From this step on, memory must not grow, and steps are repeated.
const SETTLED: u64 = 100;

/// Most sets of buffers that a repeated step may make: its images and its figures take 30. A step that launches anew
/// makes one for each launch, far more than a hundred.
const FEW: u64 = 60;

/// One visit does it all, because the browser compiles the kernels for a minute.
fn stays_flat(visit: &mut Visit, steps: u64) -> Result<()> {
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": COUNTING_WORKER }))?;
    visit.open(&format!("device=gpu&labels=none&artificial-labels=2&batch=2&seed=5&steps={}", steps + 1000))?;
    visit.train()?;
    // The reports of a step belong to it, and are done when the next step is.
    visit.wait_for_step(SETTLED + 1)?;
    let (settled, first_sets, start) = (most_bytes(visit)?, sets_of_buffers(visit)?, Instant::now());
    visit.wait_for_step(steps)?;
    let (last, last_sets, elapsed) = (most_bytes(visit)?, sets_of_buffers(visit)?, start.elapsed());
    let count = steps - SETTLED;
    let ms_per_step = elapsed.as_secs_f64() * 1000.0 / count as f64;
    let sets = (last_sets - first_sets) / count;
    visit.notes.push(format!("{} MB at step {SETTLED} and {steps}", settled / 1_000_000));
    visit.notes.push(format!("{ms_per_step:.0} ms and {sets} sets of buffers per step"));
    ensure!(last <= settled, "{settled} bytes of buffers by step {SETTLED}, {last} by step {steps}");
    ensure!(sets <= FEW, "{sets} sets of buffers per step: steps are not repeated");
    a_reset_frees_it(visit)
}

/// A reset must free this run's buffers: the next run may have other sizes, for which they are useless.
fn a_reset_frees_it(visit: &mut Visit) -> Result<()> {
    let before = held_bytes(visit)?;
    visit.page.click("#reset")?;
    visit.wait_for_status("idle")?;
    let after = held_bytes(visit)?;
    visit.notes.push(format!("{} MB, after a reset {} MB", before / 1_000_000, after / 1_000_000));
    ensure!(after < before / 4, "{after} bytes are held after a reset, {before} before it");
    Ok(())
}

/// Bytes in buffers, after the browser has collected what the page dropped.
fn held_bytes(visit: &mut Visit) -> Result<u64> {
    let held = "gc({ type: 'major', execution: 'async' })
        .then(() => new Promise(resolve => setTimeout(resolve, 100)))
        .then(() => gpuMemory.live - gpuMemory.dropped)";
    visit.page.devtools()?.evaluate_in_worker(held)?.as_u64().context("nothing was counted")
}

fn sets_of_buffers(visit: &mut Visit) -> Result<u64> {
    visit.page.devtools()?.evaluate_in_worker("gpuMemory.sets")?.as_u64().context("nothing was counted")
}

/// The highest number of bytes in buffers so far.
fn most_bytes(visit: &mut Visit) -> Result<u64> {
    let counted = visit.page.devtools()?.evaluate_in_worker("gpuMemory")?;
    let most = counted["most"].as_u64().context("nothing was counted")?;
    ensure!(most > 0 && counted["made"].as_u64() > Some(0), "no buffer was made: {counted}");
    Ok(most)
}
