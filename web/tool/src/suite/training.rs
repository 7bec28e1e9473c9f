//! Training in the browser, from the first picture to the last event.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("the_first_picture_is_there_soon", the_first_picture_is_there_soon).with_devtools(),
    Test::new("webgpu_trains", |visit| trains(visit, "gpu", "webgpu")).on_webgpu().within_s(600),
    Test::new("the_cpu_trains", |visit| trains(visit, "cpu", "cpu")),
];

/// A run that is small enough for a software adapter.
pub const SMALL: &str = "labels=none&batch=4&seed=5";

const STEPS: u64 = 4;

/// The longest wait for the first generated picture, once the browser has cached the page. It takes less than two seconds
/// on two idle cores; here other tests may share them.
const FIRST_PICTURE_LIMIT_MS: f64 = 6000.0;

/// Looks for a visible canvas with generated pictures, and keeps the time since the page was requested.
const WATCH_FOR_PICTURE: &str = "
    const colours = canvas => {
        const copy = new OffscreenCanvas(64, 64).getContext('2d');
        copy.drawImage(canvas, 0, 0, 64, 64);
        return new Set(new Int32Array(copy.getImageData(0, 0, 64, 64).data.buffer)).size;
    };
    const shows = canvas => canvas.width > 0 && canvas.checkVisibility() && colours(canvas) > 50;
    const look = () => {
        const canvas = [...document.querySelectorAll('#grid, #rows, #strip, #map-image')].find(shows);
        if (canvas) window.firstPicture = { id: canvas.id, ms: performance.now() };
        else requestAnimationFrame(look);
    };
    if (window === window.top) requestAnimationFrame(look);";

/// Keeps what the page says of its progress.
const KEEP_WORDS: &str = "(() => {
    const progress = document.querySelector('#progress-words');
    window.words = [];
    new MutationObserver(() => window.words.push(progress.textContent)).observe(progress, { childList: true });
})()";

fn the_first_picture_is_there_soon(visit: &mut Visit) -> Result<()> {
    let script = serde_json::json!({ "source": WATCH_FOR_PICTURE });
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &script)?;
    for load in ["cold", "warm"] {
        visit.open("")?;
        let picture = visit.wait_for("a picture", "window.firstPicture")?;
        let ms = picture["ms"].as_f64().context("no time")?;
        visit.notes.push(format!("{load} {ms:.0} ms, {}", picture["id"]));
        // The first load also fills the browser's caches, so the limit is only for the second.
        ensure!(load == "cold" || ms <= FIRST_PICTURE_LIMIT_MS, "the first picture appeared after {ms:.0} ms");
    }
    Ok(())
}

fn trains(visit: &mut Visit, device: &str, backend: &str) -> Result<()> {
    visit.open(&format!("device={device}&{SMALL}&steps={STEPS}"))?;
    let used = visit.page.evaluate("document.querySelector('#device').dataset.backend")?;
    ensure!(used == backend, "trained on {used}");
    ensure!(!visit.text("#device")?.is_empty(), "#device does not say what computes");
    visit.page.evaluate(KEEP_WORDS)?;
    visit.train()?;
    visit.wait_for("a first grid", "slganPage.events.some(event => event.event === 'samples')")?;
    let first = visit.canvas("#grid")?;
    visit.wait_for("the end", "slganPage.events.some(event => event.event === 'finished')")?;
    visit.wait_for("a last grid", &format!("document.querySelector('#grid').dataset.step === '{STEPS}'"))?;
    let last = visit.canvas("#grid")?;
    ensure!(first.1 > 50 && last.1 > 50, "a grid of {} colours, then of {}", first.1, last.1);
    ensure!(first.0 != last.0, "the grid did not change");
    let words = visit.page.evaluate("window.words.join('; ')")?;
    let words = words.as_str().context("no words")?;
    let (compiling, data) = (words.find("compiling the kernels"), words.rfind("with a manual label"));
    ensure!(compiling.is_some() == (backend == "webgpu") && data > compiling, "the page said: {words}");
    check_events(visit)
}

fn check_events(visit: &mut Visit) -> Result<()> {
    let started = visit.events("started")?;
    ensure!(started.len() == 1 && started[0]["seed"] == 5 && started[0]["step"] == 0, "started: {started:?}");
    let losses = visit.losses()?;
    ensure!(losses.contains_key(&STEPS), "the last step was not reported: {losses:?}");
    let all_finite = losses.values().flatten().all(|loss| loss.is_some_and(f64::is_finite));
    ensure!(all_finite, "a loss is not a number: {losses:?}");
    let numbers = |events: Vec<Value>| events.iter().filter_map(|event| event["step"].as_u64()).collect::<Vec<_>>();
    let samples = numbers(visit.events("samples")?);
    ensure!(samples.first() == Some(&0) && samples.last() == Some(&STEPS), "samples at {samples:?}");
    let finished = numbers(visit.events("finished")?);
    ensure!(finished == [STEPS], "finished at {finished:?}");
    visit.wait_for("an accuracy-coverage curve", "document.querySelector('#coverage-chart path.c0[d^=M]') !== null")?;
    let legend = visit.text("#coverage-legend")?;
    ensure!(legend.contains("of all") && legend.contains('%'), "the curve's legend: {legend}");
    Ok(())
}
