//! Problems with a browser or a file: the page reports them in a sentence, and still works.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::test::Test;
use super::training::SMALL;
use super::visit::Visit;
use crate::places;

pub const TESTS: &[Test] = &[
    Test::new("no_error_of_the_page_escapes_the_tests", no_error_of_the_page_escapes_the_tests),
    Test::new("without_webgpu_the_cpu_trains", without_webgpu_the_cpu_trains).without_webgpu(),
    Test::new("without_webgpu_the_gpu_is_refused", without_webgpu_the_gpu_is_refused).without_webgpu(),
    Test::new("a_corrupt_bundle_is_refused", a_corrupt_bundle_is_refused),
    Test::new("a_corrupt_run_is_refused", a_corrupt_run_is_refused),
    Test::new("a_refused_replacement_keeps_the_run", a_refused_replacement_keeps_the_run),
    Test::new("a_broken_picture_is_refused", a_broken_picture_is_refused),
    Test::new("missing_files_are_requested", missing_files_are_requested),
];

/// Every other test fails if the page has an error, so errors must be seen in every engine.
fn no_error_of_the_page_escapes_the_tests(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu")?;
    for (words, act) in [
        ("made by this test", "window.console.error('made by this test')"),
        ("nothing.png", "document.body.append(Object.assign(document.createElement('img'), { src: 'nothing.png' }))"),
    ] {
        visit.page.evaluate(&format!("({act}, 0)"))?;
        while !visit.page.problems().iter().any(|problem| problem.contains(words)) {
            visit.page.rest(words)?;
            visit.page.evaluate("0")?;
        }
        visit.page.problems().clear();
    }
    Ok(())
}

fn without_webgpu_the_cpu_trains(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("{SMALL}&steps=1000"))?;
    let adapter = "navigator.gpu ? navigator.gpu.requestAdapter().then(adapter => adapter !== null) : false";
    ensure!(visit.page.evaluate(adapter)? == false, "this browser has WebGPU");
    ensure!(visit.page.evaluate("document.querySelector('#device').dataset.backend")? == "cpu", "not on the CPU");
    let words = visit.page.evaluate("document.body.innerText")?;
    let says_so = words.as_str().is_some_and(|words| words.contains("the CPU") && words.contains("WebGPU"));
    ensure!(says_so, "the page does not say that the CPU stands in for WebGPU: {words}");
    visit.train()?;
    visit.wait_for_step(3)
}

fn without_webgpu_the_gpu_is_refused(visit: &mut Visit) -> Result<()> {
    visit.page.navigate(&format!("{}/?device=gpu", visit.origin))?;
    let words = visit.wait_for_error()?;
    ensure!(words.contains("WebGPU"), "the error does not name WebGPU: {words}");
    Ok(())
}

/// Damaged copies of the served bundle, and a file that is not a bundle.
fn bad_bundles(visit: &Visit) -> Result<Vec<PathBuf>> {
    let good = fs::read(places::dist().join("digits.slgan")).context("digits.slgan")?;
    let mut flipped = good.clone();
    flipped[..16].iter_mut().for_each(|byte| *byte ^= 0x55);
    let mut renamed = good.clone();
    // A letter of the metadata, so that the file's structure stays intact.
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

/// Whatever the page refuses, the previous run stays and can continue.
fn a_refused_replacement_keeps_the_run(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}&steps=1000"))?;
    visit.train()?;
    visit.wait_for_step(3)?;
    let saved = visit.page.save_with("#save-run")?;
    let damaged = visit.folder().join("damaged.tar");
    fs::write(&damaged, damage_tensors(&fs::read(saved)?)?)?;
    let old = visit.step()?;
    refused(visit, "#load-run", damaged)?;
    goes_on(visit, old)?;

    visit.page.set("#data", "mnist")?;
    let old = visit.step()?;
    visit.page.evaluate("document.querySelector('#error').textContent = ''")?;
    visit.page.click("#apply")?;
    let words = visit.wait_for_error()?;
    ensure!(words.contains("Choose the files first"), "the page says: {words}");
    visit.page.evaluate("document.querySelector('#error-close').click()")?;
    visit.wait_for_step(old + 2)
}

/// Truncates the tensors in a saved run, but keeps the archive's structure intact.
fn damage_tensors(archive: &[u8]) -> Result<Vec<u8>> {
    let mut damaged = tar::Builder::new(Vec::new());
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let (mut header, path) = (entry.header().clone(), entry.path()?.into_owned());
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        if path.extension().is_some_and(|ending| ending == "safetensors") {
            bytes.truncate(bytes.len() / 2);
        }
        header.set_size(bytes.len() as u64);
        damaged.append_data(&mut header, path, &bytes[..])?;
    }
    Ok(damaged.into_inner()?)
}

/// The run still exists, is paused, and continues from its last step.
fn goes_on(visit: &mut Visit, old: u64) -> Result<()> {
    visit.wait_for_status_beside_error("paused")?;
    let step = visit.step()?;
    ensure!(step >= old, "the run fell back from step {old} to {step}");
    visit.train()?;
    visit.wait_for_step(step + 2)
}

fn a_broken_picture_is_refused(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&view=label&{SMALL}"))?;
    let path = visit.folder().join("broken.png");
    fs::write(&path, b"\x89PNG\r\n\x1a\nand then nothing of the kind")?;
    refused(visit, "#picture", path)?;
    still_works(visit)
}

fn missing_files_are_requested(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu&data=mnist")?;
    visit.train()?;
    let words = visit.wait_for_error()?;
    ensure!(words.contains("Choose the files first"), "the page says: {words}");
    Ok(())
}

/// Chooses a bad file; the page must show a sentence, which is returned.
pub fn refused(visit: &mut Visit, input: &str, path: PathBuf) -> Result<String> {
    let name = path.display().to_string();
    // Do not mistake an earlier error for this one.
    visit.page.evaluate("document.querySelector('#error').textContent = ''")?;
    visit.page.choose_files(input, &[path])?;
    let words = visit.wait_for_error().with_context(|| name.clone())?;
    let is_sentence = words.len() > 15 && words.contains(' ') && !words.contains("unreachable");
    ensure!(is_sentence, "{name}: no sentence: {words}");
    Ok(words)
}

/// Training still starts, and removes the error.
pub fn still_works(visit: &mut Visit) -> Result<()> {
    visit.page.click("#tab-train")?;
    visit.train()?;
    visit.page.wait_for("the error to go", "!document.querySelector('#error:not([hidden])')?.textContent.trim()")?;
    visit.wait_for_step(2)
}
