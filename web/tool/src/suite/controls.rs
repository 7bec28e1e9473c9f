//! Controlling a run: pause, single steps, reset, and values that change during training.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::test::Test;
use super::training::SMALL;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("a_run_pauses_steps_and_continues", a_run_pauses_steps_and_continues),
    Test::new("a_reset_run_repeats_its_losses", a_reset_run_repeats_its_losses),
    Test::new("a_control_takes_effect_at_the_next_step", a_control_takes_effect_at_the_next_step),
];

/// Longer than any step on the CPU.
const WHILE: Duration = Duration::from_secs(1);

fn a_run_pauses_steps_and_continues(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}&steps=1000"))?;
    visit.train()?;
    visit.wait_for_step(2)?;
    visit.page.click("#pause")?;
    visit.wait_for_status("paused")?;
    let paused_at = visit.step()?;
    thread::sleep(WHILE);
    ensure!(visit.step()? == paused_at, "a paused run continued from step {paused_at} to {}", visit.step()?);

    visit.page.click("#step")?;
    visit.wait_for_step(paused_at + 1)?;
    thread::sleep(WHILE);
    ensure!(visit.step()? == paused_at + 1, "one step led from {paused_at} to {}", visit.step()?);
    let has_figures = visit.losses()?.contains_key(&(paused_at + 1));
    ensure!(has_figures, "the page has no figures of a single step");

    visit.train()?;
    visit.wait_for_step(paused_at + 4)
}

fn a_reset_run_repeats_its_losses(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}&steps=1000"))?;
    visit.train()?;
    visit.wait_for_step(4)?;
    let first = visit.losses()?;
    visit.page.click("#reset")?;
    visit.wait_for("step 0", "document.querySelector('#step-count').textContent.trim() === '0'")?;
    ensure!(visit.losses()?.is_empty(), "a reset run still has steps");
    visit.train()?;
    visit.wait_for_step(4)?;
    let second = visit.losses()?;
    let common: Vec<u64> = first.keys().copied().filter(|step| second.contains_key(step)).collect();
    ensure!(common.len() >= 3, "the two runs have only the steps {common:?} in common");
    let differing = common.iter().find(|step| first.get(step) != second.get(step));
    ensure!(differing.is_none(), "two runs of one seed differ at step {differing:?}: {first:?} and {second:?}");
    Ok(())
}

/// With two artificial labels, the more probable one always has a probability of at least one half.
const TWO_LABELS: &str = "artificial-labels=2";

fn a_control_takes_effect_at_the_next_step(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}&{TWO_LABELS}&steps=1000"))?;
    visit.train()?;
    visit.wait_for_step(3)?;
    let before = coverage(visit)?;
    visit.page.set("#tau", "0.5")?;
    visit.wait_for("the new threshold", "Number(slganPage.facts.settings['gate.tau']) === 0.5")?;
    let changed_at = visit.step()?;
    visit.wait_for_step(changed_at + 2)?;
    let after = coverage(visit)?;
    ensure!(before.values().any(|share| *share < 1.0), "all images passed the default threshold: {before:?}");
    let (_, first) = after.range(changed_at + 2..).next().context("no step was reported after the change")?;
    ensure!(*first == 1.0, "after the threshold fell to one half, before step {changed_at}: {after:?}");
    Ok(())
}

/// The share of images that passed the gate, by step.
fn coverage(visit: &mut Visit) -> Result<BTreeMap<u64, f64>> {
    let coverage = |event: &Value| Some((event["step"].as_u64()?, event["gate_coverage"].as_f64()?));
    Ok(visit.events("step")?.iter().filter_map(coverage).collect())
}
