//! Runs that move: saved in one place and continued in another, natively and in the page.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::native;
use super::test::Test;
use super::training::SMALL;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("a_saved_run_continues_in_the_native_program", a_saved_run_continues_in_the_native_program)
        .with_program()
        .within_s(600),
    Test::new("a_native_run_continues_in_the_page", a_native_run_continues_in_the_page).with_program().within_s(600),
    Test::new("a_saved_run_continues_in_another_visit", |visit| goes_on_in_another_visit(visit, "cpu")),
    Test::new("a_run_saved_on_webgpu_continues_in_another_visit", |visit| goes_on_in_another_visit(visit, "gpu"))
        .on_webgpu()
        .only_long()
        .within_s(600),
    Test::new("a_saved_grid_is_the_shown_picture", a_saved_grid_is_the_shown_picture),
    Test::new("a_saved_bundle_is_loaded_back", a_saved_bundle_is_loaded_back),
    Test::new("scripts_get_a_checkpoint", scripts_get_a_checkpoint),
];

/// Steps after which a run moves, and at its end.
const HALF: u64 = 3;
const ALL: u64 = 6;

/// Whether a run has ended, as an expression in the page.
pub fn finished() -> &'static str {
    "slganPage.events.some(event => event.event === 'finished')"
}

/// Trains on the CPU until a run of `steps` steps is finished.
fn train(visit: &mut Visit, steps: u64) -> Result<()> {
    train_on(visit, "cpu", steps)
}

fn train_on(visit: &mut Visit, device: &str, steps: u64) -> Result<()> {
    visit.open(&format!("device={device}&{SMALL}&steps={steps}"))?;
    visit.train()?;
    visit.wait_for("the end", finished()).map(drop)
}

/// Continues a run that was loaded at half-time, to its end.
fn go_on(visit: &mut Visit) -> Result<()> {
    go_on_to(visit, HALF, ALL)
}

/// Continues a run that was loaded after a number of steps, up to another number.
///
/// # Errors
/// If the page shows an error, or none of this comes in time.
pub fn go_on_to(visit: &mut Visit, step: u64, steps: u64) -> Result<()> {
    visit.wait_for(
        "the loaded run",
        &format!("document.querySelector('#step-count').textContent.trim() === '{step}'"),
    )?;
    visit.page.set("#steps", &steps.to_string())?;
    visit.train()?;
    visit.wait_for_step(steps)?;
    visit.wait_for("the end", finished()).map(drop)
}

fn a_saved_run_continues_in_the_native_program(visit: &mut Visit) -> Result<()> {
    train(visit, HALF)?;
    let tar = visit.page.save_with("#save-run")?;
    let run = unpack(&tar, &visit.folder().join("run"))?;
    let all = ALL.to_string();
    let place = run.to_str().context("no UTF-8")?;
    native::slgan(&["train", "--resume", "--out", place, "--steps", &all, "--device", "cpu"])?;
    let continued = native::losses(&run)?;
    ensure!(continued.keys().any(|step| *step == ALL), "the native run did not reach step {ALL}: {continued:?}");

    train(visit, ALL)?;
    let uninterrupted = visit.losses()?;
    let common: Vec<u64> = continued.keys().copied().filter(|step| *step > HALF).collect();
    native::ensure_close(&continued, &uninterrupted, common)
}

/// Unpacks a saved run, and returns the folder with the configuration.
///
/// # Errors
/// If it is no run, or the folder cannot be made.
pub fn unpack(tar: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir(folder)?;
    tar::Archive::new(fs::File::open(tar)?).unpack(folder)?;
    let inner = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut candidates = std::iter::once(folder.to_owned()).chain(inner);
    candidates.find(|candidate| candidate.join("config.toml").is_file()).context("the saved run has no config.toml")
}

fn a_native_run_continues_in_the_page(visit: &mut Visit) -> Result<()> {
    let run = visit.folder().join("run");
    let (place, all, every) =
        (run.to_str().context("no UTF-8")?, ALL.to_string(), format!("report.checkpoint_every={HALF}"));
    let small = ["--data", "glyphs", "--labels", "none", "--batch", "4", "--seed", "5", "--device", "cpu"];
    let reports = ["--keep", "0", "--set", "report.log_every=1", "--set", &every];
    let long = ["--set", "report.evaluate_every=0", "--set", "report.sample_every=0"];
    native::slgan(&[&["train", "--out", place, "--steps", &all][..], &small, &reports, &long].concat())?;
    let files = checkpoint(&run, HALF);
    visit.open("device=cpu")?;
    visit.page.choose_files("#load-run", &files)?;
    go_on(visit)?;
    let losses = visit.losses()?;
    ensure!(losses.contains_key(&ALL), "the last step is not in the log: {losses:?}");
    native::ensure_close(&losses, &native::losses(&run)?, losses.keys().copied())
}

/// The files of a run's checkpoint: the header and the tensors.
pub fn checkpoint(run: &Path, step: u64) -> [PathBuf; 2] {
    ["state.json", "state.safetensors"].map(|name| run.join(format!("checkpoints/step-{step:08}")).join(name))
}

fn goes_on_in_another_visit(visit: &mut Visit, device: &str) -> Result<()> {
    train_on(visit, device, ALL)?;
    let uninterrupted = visit.losses()?;
    train_on(visit, device, HALF)?;
    let tar = visit.page.save_with("#save-run")?;
    visit.open(&format!("device={device}"))?;
    visit.page.choose_files("#load-run", &[tar])?;
    go_on(visit)?;
    let continued = visit.losses()?;
    for losses in [&continued, &uninterrupted] {
        ensure!(losses.contains_key(&ALL), "the last step was not reported: {losses:?}");
    }
    for (step, losses) in continued {
        let expected = uninterrupted.get(&step);
        ensure!(expected.is_none_or(|expected| *expected == losses), "step {step}: {losses:?}, not {expected:?}");
    }
    Ok(())
}

fn a_saved_grid_is_the_shown_picture(visit: &mut Visit) -> Result<()> {
    train(visit, HALF)?;
    let saved = visit.page.save_with("#save-grid")?;
    let saved = image::open(&saved)?.into_rgba8();
    // The same checksum as for the pixels of a canvas.
    let add = |sum: i32, pixel: &image::Rgba<u8>| sum.wrapping_mul(31).wrapping_add(i32::from_le_bytes(pixel.0));
    let checksum = saved.pixels().fold(0, add);
    let (shown, colours) = visit.canvas("#grid")?;
    ensure!(colours > 50, "a grid of {colours} colours");
    ensure!(i64::from(checksum) == shown, "the saved picture differs from the grid");
    Ok(())
}

fn a_saved_bundle_is_loaded_back(visit: &mut Visit) -> Result<()> {
    train(visit, HALF)?;
    let bundle = visit.page.save_with("#save-bundle")?;
    let len = fs::metadata(&bundle)?.len();
    visit.open("device=cpu&view=explore")?;
    visit.wait_for_picture("#rows")?;
    let served = visit.canvas("#rows")?;
    visit.page.choose_files("#load-bundle", &[bundle])?;
    visit.wait_for("the loaded model", "document.querySelector('#model-source').value === 'loaded'")?;
    visit.wait_for_other_picture("#rows", served)?;
    visit.notes.push(format!("{len} bytes"));
    Ok(())
}

fn scripts_get_a_checkpoint(visit: &mut Visit) -> Result<()> {
    train(visit, HALF)?;
    let look = "slganPage.checkpoint().then(({ header, tensors }) =>
        [JSON.parse(new TextDecoder().decode(header)).step, tensors.length])";
    let checkpoint = visit.page.evaluate(look)?;
    ensure!(checkpoint[0] == HALF, "a checkpoint of step {}", checkpoint[0]);
    ensure!(checkpoint[1].as_u64() > Some(100_000), "tensors of {} bytes", checkpoint[1]);
    Ok(())
}
