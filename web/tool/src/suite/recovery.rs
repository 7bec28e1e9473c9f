//! Accidents under way: a lost device or a dead worker costs some steps, and changes none.

use anyhow::{Context, Result, ensure};

use super::training::SMALL;
use super::visit::Losses;
use super::{Test, Visit};

pub const TESTS: &[Test] = &[
    Test::new("a_lost_device_changes_no_loss", |visit| {
        survives(visit, "gpu", |visit| visit.page.evaluate_in_worker("slganDevice.destroy()").map(drop))
    })
    .within_s(300),
    Test::new("a_crashed_worker_changes_no_loss", |visit| {
        let crash = "setTimeout(() => { throw new Error('This test crashes the worker.') })";
        survives(visit, "cpu", |visit| visit.page.evaluate_in_worker(crash).map(drop))
    }),
    Test::new("a_silent_worker_changes_no_loss", |visit| {
        survives(visit, "cpu", |visit| visit.page.evaluate("slganPage.worker.terminate()").map(drop))
    })
    .within_s(120),
];

/// Steps before the accident, and after it.
const BEFORE: u64 = 3;
const AFTER: u64 = 4;

/// Runs twice with one seed, the second time with an accident, and compares.
fn survives(visit: &mut Visit, device: &str, accident: impl Fn(&mut Visit) -> Result<()>) -> Result<()> {
    let query = format!("device={device}&{SMALL}&steps=1000");
    visit.open(&query)?;
    visit.train()?;
    visit.wait_for_step(BEFORE)?;
    accident(visit)?;
    let old = visit.step()?;
    visit.wait_for_step(old + AFTER)?;
    let survived = visit.losses()?;
    let last = *survived.keys().next_back().context("no losses")?;
    ensure!(last > old, "no step after the accident at {old} was told");

    visit.open(&query)?;
    visit.train()?;
    visit.wait_for_step(last)?;
    compare(&survived, &visit.losses()?, old)?;
    visit.notes.push(format!("accident at step {old}, equal until {last}"));
    Ok(())
}

fn compare(survived: &Losses, uninterrupted: &Losses, accident: u64) -> Result<()> {
    let common = survived.iter().filter_map(|(step, losses)| Some((*step, losses, uninterrupted.get(step)?)));
    let mut later = 0;
    for (step, losses, expected) in common {
        ensure!(losses == expected, "step {step}, accident at {accident}: {losses:?}, not {expected:?}");
        later += usize::from(step > accident);
    }
    ensure!(later > 0, "the two runs have no step after the accident in common");
    Ok(())
}
