//! What may be wrong with a browser or a file: the page says so in a sentence, and goes on working.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::training::SMALL;
use super::{Test, Visit};
use crate::places;

pub const TESTS: &[Test] = &[
    Test::new("without_webgpu_the_cpu_trains", without_webgpu_the_cpu_trains).without_webgpu(),
    Test::new("without_webgpu_its_choice_is_refused", without_webgpu_its_choice_is_refused).without_webgpu(),
    Test::new("a_corrupt_bundle_is_refused", a_corrupt_bundle_is_refused),
    Test::new("a_corrupt_run_is_refused", a_corrupt_run_is_refused),
    Test::new("a_picture_that_is_none_is_refused", a_picture_that_is_none_is_refused),
    Test::new("data_without_files_are_asked_for", data_without_files_are_asked_for),
];

fn without_webgpu_the_cpu_trains(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("{SMALL}&steps=1000"))?;
    let adapter = "navigator.gpu ? navigator.gpu.requestAdapter().then(adapter => adapter !== null) : false";
    ensure!(visit.page.evaluate(adapter)? == false, "this browser has WebGPU after all");
    ensure!(visit.page.evaluate("document.querySelector('#device').dataset.backend")? == "cpu", "not on the CPU");
    let words = visit.page.evaluate("document.body.innerText")?;
    let says_so = words.as_str().is_some_and(|words| words.contains("the CPU") && words.contains("WebGPU"));
    ensure!(says_so, "the page does not say that the CPU stands in for WebGPU: {words}");
    visit.train()?;
    visit.wait_for_step(3)
}

fn without_webgpu_its_choice_is_refused(visit: &mut Visit) -> Result<()> {
    visit.page.navigate(&format!("{}/?device=gpu", visit.origin))?;
    let words = visit.wait_for_error()?;
    ensure!(words.contains("WebGPU"), "the error does not name WebGPU: {words}");
    Ok(())
}

/// Damaged copies of the served bundle, and a file that is none.
fn bad_bundles(visit: &Visit) -> Result<Vec<PathBuf>> {
    let good = fs::read(places::dist().join("digits.slgan")).context("digits.slgan")?;
    let mut flipped = good.clone();
    flipped[..16].iter_mut().for_each(|byte| *byte ^= 0x55);
    let mut renamed = good.clone();
    // A letter of the metadata, so that the file's structure stays whole.
    let at = good.windows(7).position(|window| window == b"\"slgan\"").context("no metadata")?;
    renamed[at + 1] = b'x';
    let contents = [
        ("truncated", good[..good.len() / 2].to_vec()),
        ("flipped", flipped),
        ("renamed", renamed),
        ("empty", Vec::new()),
    ];
    let write = |(name, bytes): (&str, Vec<u8>)| {
        let path = visit.folder().join(format!("{name}.slgan"));
        fs::write(&path, bytes)?;
        Ok(path)
    };
    contents.into_iter().map(write).collect()
}

fn a_corrupt_bundle_is_refused(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&view=explore&{SMALL}"))?;
    visit.wait_for_picture("#rows")?;
    for bundle in bad_bundles(visit)? {
        refused(visit, "#load-bundle", bundle)?;
    }
    still_works(visit)
}

fn a_corrupt_run_is_refused(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}"))?;
    for (name, bytes) in [("none.tar", &b"this is no archive"[..]), ("empty.tar", &[0; 1024]), ("state.json", b"{}")] {
        let path = visit.folder().join(name);
        fs::write(&path, bytes)?;
        refused(visit, "#load-run", path)?;
    }
    still_works(visit)
}

fn a_picture_that_is_none_is_refused(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&view=label&{SMALL}"))?;
    let path = visit.folder().join("broken.png");
    fs::write(&path, b"\x89PNG\r\n\x1a\nand then nothing of the kind")?;
    refused(visit, "#picture", path)?;
    still_works(visit)
}

fn data_without_files_are_asked_for(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu&data=mnist")?;
    visit.train()?;
    let words = visit.wait_for_error()?;
    visit.notes.push(words);
    Ok(())
}

/// Chooses a bad file, for which the page must have a sentence.
fn refused(visit: &mut Visit, input: &str, path: PathBuf) -> Result<()> {
    let name = path.display().to_string();
    // An error of before must not be taken for this one.
    visit.page.evaluate("document.querySelector('#error').textContent = ''")?;
    visit.page.choose_files(input, &[path])?;
    let words = visit.wait_for_error().with_context(|| name.clone())?;
    let is_sentence = words.len() > 15 && words.contains(' ') && !words.contains("unreachable");
    ensure!(is_sentence, "{name}: no sentence: {words}");
    Ok(())
}

/// Training still starts, and takes the error away.
fn still_works(visit: &mut Visit) -> Result<()> {
    visit.page.click("#tab-train")?;
    visit.train()?;
    visit.page.wait_for("the error to go", "!document.querySelector('#error:not([hidden])')?.textContent.trim()")?;
    visit.wait_for_step(2)
}
