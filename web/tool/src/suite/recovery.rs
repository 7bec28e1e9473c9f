//! Accidents during training: a lost device or a dead worker costs some steps, but changes none.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::test::Test;
use super::training::SMALL;
use super::visit::{Losses, Visit};

pub const TESTS: &[Test] = &[
    // In strict arithmetic, the CPU computes the same: the browser need not compile the kernels a third time.
    Test::new("a_lost_device_changes_no_loss", |visit| {
        survives(visit, ["gpu", "cpu"], "strict=true", |visit| {
            visit.page.devtools()?.evaluate_in_worker("slganDevice.destroy()").map(drop)
        })
    })
    .on_webgpu()
    .with_devtools()
    .within_s(900),
    Test::new("a_crashed_worker_changes_no_loss", |visit| {
        let crash = "setTimeout(() => { throw new Error('This test crashes the worker.') })";
        survives(visit, ["cpu", "cpu"], "", |visit| visit.page.devtools()?.evaluate_in_worker(crash).map(drop))
    })
    .with_devtools(),
    Test::new("a_silent_worker_changes_no_loss", |visit| {
        survives(visit, ["cpu", "cpu"], "", |visit| visit.page.evaluate("slganPage.worker.terminate()").map(drop))
    })
    .long_elsewhere()
    .within_s(600),
    Test::new("an_abandoned_run_is_not_lost", an_abandoned_run_is_not_lost).with_devtools(),
    Test::new("a_worker_that_keeps_dying_is_given_up", a_worker_that_keeps_dying_is_given_up).with_devtools(),
    Test::new("used_up_memory_is_reported", used_up_memory_is_reported).with_devtools(),
    Test::new("files_too_large_for_the_memory_are_reported", files_too_large_for_the_memory_are_reported)
        .within_s(900)
        .only_long(),
];

/// Steps after the accident.
const AFTER: u64 = 4;

/// The page keeps its first checkpoint after some seconds.
const KEPT: &str = "slganPage.events.some(event => event.event === 'checkpoint')";

/// Waits until the page has the figures of a step or of a later one.
fn wait_for_figures(visit: &mut Visit, step: u64) -> Result<()> {
    let is_there = format!("slganPage.events.some(event => event.event === 'step' && event.step >= {step})");
    visit.wait_for(&format!("the figures of step {step}"), &is_there).map(drop)
}

/// Runs twice with one seed, first on one device with an accident, then on another without, and compares.
fn survives(
    visit: &mut Visit,
    [device, other]: [&str; 2],
    settings: &str,
    accident: impl Fn(&mut Visit) -> Result<()>,
) -> Result<()> {
    visit.open(&format!("device={device}&{SMALL}&{settings}&steps=1000"))?;
    visit.train()?;
    visit.wait_for("a checkpoint", KEPT)?;
    accident(visit)?;
    let old = visit.step()?;
    wait_for_figures(visit, old + AFTER)?;
    let recovered = visit.events("recovered")?;
    let again = recovered.first().and_then(|event| event["step"].as_u64()).context("nothing was recovered")?;
    ensure!(again > 0 && again <= old, "after the accident at step {old}, it continued from step {again}");
    let survived = visit.losses()?;
    let last = *survived.keys().next_back().context("no losses")?;
    ensure!(last > old, "no step after the accident at {old} was reported");

    visit.open(&format!("device={other}&{SMALL}&{settings}&steps=1000"))?;
    visit.train()?;
    wait_for_figures(visit, last)?;
    compare(&survived, &visit.losses()?, old)?;
    visit.notes.push(format!("accident at step {old}, continued from {again}, equal until {last}"));
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

/// Makes every worker die at the operation that `window.deadly` names.
const MORTAL_WORKER: &str = "globalThis.Worker = class extends Worker {
    postMessage(message) {
        const die = () => this.dispatchEvent(new ErrorEvent('error', { message: 'a death that this test made' }));
        if (message.op === window.deadly) setTimeout(die);
        else super.postMessage(message);
    }
};";

/// Keeps what the page says of its workers: one notice may follow another at once.
const KEEP_NOTICES: &str = "(() => {
    const notice = document.querySelector('#notice');
    window.notices = [];
    new MutationObserver(() => window.notices.push(notice.textContent)).observe(notice, { childList: true });
})()";

/// The page gives up after three deaths. The kept run can still be saved, and continues once the cause is gone.
fn an_abandoned_run_is_not_lost(visit: &mut Visit) -> Result<()> {
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": MORTAL_WORKER }))?;
    visit.open(&format!("device=cpu&{SMALL}&steps=1000"))?;
    visit.train()?;
    visit.wait_for("a checkpoint", KEPT)?;
    visit.page.evaluate("window.deadly = 'train', slganPage.worker.dispatchEvent(new ErrorEvent('error'))")?;
    let words = visit.wait_for_error()?;
    ensure!(words.contains("3 times in a row"), "the page says: {words}");
    visit.wait_for_status_beside_error("paused")?;
    let old = visit.step()?;

    let saved = visit.page.save_with("#save-run")?;
    ensure!(fs::metadata(&saved)?.len() > 100_000, "the saved run is too small");
    visit.page.evaluate("window.deadly = null")?;
    visit.train()?;
    visit.wait_for_step(old + AFTER)
}

/// Also without a run, and although the worker answers other requests in between.
fn a_worker_that_keeps_dying_is_given_up(visit: &mut Visit) -> Result<()> {
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": MORTAL_WORKER }))?;
    visit.open(&format!("device=cpu&{SMALL}"))?;
    visit.wait_for_picture("#grid")?;
    visit.page.evaluate(KEEP_NOTICES)?;
    visit.page.evaluate("window.deadly = 'map'")?;
    visit.page.click("#tab-explore")?;
    visit.page.set("#noise", "7")?;
    let words = visit.wait_for_error()?;
    ensure!(words.contains("3 times in a row"), "the page says: {words}");
    let notices = visit.page.evaluate("window.notices.filter(words => /started again/.test(words)).length")?;
    ensure!(notices == 2, "{notices} notices of a new worker, expected 2");
    visit.page.evaluate("window.deadly = null")?;
    visit.page.click("#tab-train")?;
    visit.train()?;
    visit.wait_for_step(2)
}

/// After a death by lack of memory, the message is about memory, and training continues from the checkpoint.
fn used_up_memory_is_reported(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}&steps=1000"))?;
    visit.train()?;
    visit.wait_for_step(2)?;
    visit.page.devtools()?.evaluate_in_worker("slganOutOfMemory()")?;
    let old = visit.step()?;
    visit.wait_for("the cause", "/not enough memory/.test(document.querySelector('#notice').textContent)")?;
    visit.wait_for_step(old + AFTER)
}

/// The module can have at most 4 GiB, less than these files.
fn files_too_large_for_the_memory_are_reported(visit: &mut Visit) -> Result<()> {
    const BYTES: u64 = 1_500_000_000;
    visit.open(&format!("device=cpu&data=mnist&{SMALL}"))?;
    let names = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"];
    let paths = names.map(|name| visit.folder().join(name));
    for path in &paths {
        fs::File::create(path)?.set_len(BYTES)?;
    }
    visit.page.choose_files("#files", &paths)?;
    visit.train()?;
    let words = visit.wait_for_error()?;
    ensure!(words.contains("not enough memory"), "the page says: {words}");
    visit.page.set("#data", "glyphs")?;
    visit.train()?;
    visit.wait_for_step(2)
}
