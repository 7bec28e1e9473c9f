//! Strict runs have the same bits in the page and in the program, wherever they begin and end.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::native;
use super::saving::{checkpoint, finished, go_on_to, unpack};
use super::test::Test;
use super::visit::Visit;

pub const TESTS: &[Test] = &[
    Test::new("the_strict_cpu_trains_as_the_program", |visit| has_the_bits_of_the_program(visit, "cpu"))
        .with_program()
        .within_s(900),
    Test::new("strict_webgpu_trains_as_the_program", |visit| has_the_bits_of_the_program(visit, "gpu"))
        .on_webgpu()
        .with_program()
        .only_long()
        .within_s(3_600),
];

/// Steps after which a run moves, and at its end.
const HALF: u64 = 2;
const ALL: u64 = 4;

fn has_the_bits_of_the_program(visit: &mut Visit, device: &str) -> Result<()> {
    let native = visit.folder().join("native");
    let place = native.to_str().context("no UTF-8")?.to_owned();
    let settings =
        ["--data", "glyphs", "--labels", "0.1", "--batch", "4", "--seed", "5", "--device", "cpu", "--strict"];
    let every = format!("report.checkpoint_every={HALF}");
    let reports =
        ["--keep", "0", "--set", "report.evaluate_every=0", "--set", "report.sample_every=0", "--set", &every];
    let (half, all) = (HALF.to_string(), ALL.to_string());
    native::slgan(&[&["train", "--out", &place, "--steps", &all][..], &settings, &reports].concat())?;

    // Begun in the page, ended by the program.
    visit.open(&format!("device={device}&data=glyphs&labels=0.1&batch=4&seed=5&strict=true&steps={half}"))?;
    visit.train()?;
    visit.wait_for("the end", finished())?;
    let saved = visit.page.save_with("#save-run")?;
    let run = unpack(&saved, &visit.folder().join("begun-here"))?;
    same_tensors(&native, &run, HALF)?;
    let run_place = run.to_str().context("no UTF-8")?.to_owned();
    native::slgan(&["train", "--resume", "--out", &run_place, "--steps", &all, "--device", "cpu"])?;
    same_tensors(&native, &run, ALL)?;

    // Begun by the program, ended in the page.
    visit.open(&format!("device={device}"))?;
    visit.page.choose_files("#load-run", &checkpoint(&native, HALF))?;
    go_on_to(visit, HALF, ALL)?;
    ensure!(
        visit.page.evaluate("document.querySelector('#strict').value")? == "true",
        "the page forgets that it is strict"
    );
    let saved = visit.page.save_with("#save-run")?;
    let run = unpack(&saved, &visit.folder().join("ended-here"))?;
    same_tensors(&native, &run, ALL)
}

fn same_tensors(native: &Path, page: &Path, step: u64) -> Result<()> {
    let [native, page] = [native, page].map(|run| checkpoint(run, step)).map(|[_, tensors]| fs::read(tensors));
    ensure!(native? == page?, "the tensors of step {step} differ");
    Ok(())
}
