//! Whether everyone can use the page: axe-core's rules on every view, and use by keyboard only.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::looks::{self, VIEWS, WINDOWS};
use super::test::Test;
use super::training::SMALL;
use super::visit::Visit;
use crate::{places, programs};

pub const TESTS: &[Test] = &[
    Test::new("axe_finds_nothing", axe_finds_nothing).within_s(600).with_devtools(),
    Test::new("the_keyboard_suffices", the_keyboard_suffices),
    Test::new("the_keyboard_starts_and_cancels_the_suite", the_keyboard_starts_and_cancels_the_suite),
];

const AXE_VERSION: &str = "4.14.1";

/// The number of rules that hold, and the violations.
const RUN_AXE: &str = "axe.run(document).then(({ passes, violations }) => ({
    passes: passes.length,
    violations: violations.flatMap(({ id, help, nodes }) =>
        nodes.map(node => `${id}: ${help}: ${node.html} ${node.any.map(check => check.message).join('; ')}`)),
}))";

/// axe-core's script, which npm fetches once into cargo's target folder.
fn axe() -> Result<String> {
    let folder = places::target("web-axe")?;
    let script = folder.join(format!("node_modules/axe-core-{AXE_VERSION}/axe.min.js"));
    if !script.is_file() {
        fs::create_dir_all(&folder)?;
        install_axe(&folder).context("axe-core comes from npm")?;
    }
    fs::read_to_string(&script).with_context(|| script.display().to_string())
}

fn install_axe(folder: &PathBuf) -> Result<()> {
    // Each version has its own name, so that they cannot be confused.
    let package = format!("axe-core-{AXE_VERSION}@npm:axe-core@{AXE_VERSION}");
    let quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];
    programs::output(Command::new("npm").arg("install").args(quiet).arg("--prefix").arg(folder).arg(package)).map(drop)
}

fn axe_finds_nothing(visit: &mut Visit) -> Result<()> {
    let axe = axe()?;
    let mut found = Vec::new();
    looks::fill(visit)?;
    visit.page.evaluate(&format!("{axe}; 0"))?;
    // Everything that can be opened, at both widths.
    visit.page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")?;
    visit.page.evaluate("document.querySelector('#intro').hidden && document.querySelector('#intro-open').click()")?;
    for (window, scheme) in WINDOWS.into_iter().zip(["light", "dark"]).chain(WINDOWS.into_iter().zip(["dark", "light"]))
    {
        visit.page.resize(window)?;
        visit.page.devtools()?.emulate_media("prefers-color-scheme", scheme)?;
        for view in VIEWS {
            visit.page.click(&format!("#tab-{view}"))?;
            let outcome = visit.page.evaluate(RUN_AXE)?;
            ensure!(outcome["passes"].as_u64() > Some(0), "{view}: axe has checked nothing");
            for violation in outcome["violations"].as_array().context("axe has no list of violations")? {
                found.push(format!("{view}, {}, {scheme}: {}", window.0, violation.as_str().unwrap_or_default()));
            }
        }
    }
    ensure!(found.is_empty(), "{} violations\n{}", found.len(), found.join("\n"));
    Ok(())
}

/// Tabs through the page until an element has the focus, which must be visible.
fn tab_to(visit: &mut Visit, id: &str) -> Result<()> {
    const MOST: usize = 20;
    for _ in 0..MOST {
        visit.page.press("Tab")?;
        let seen = "(({ id }, style) => [id, style.outlineStyle !== 'none' || style.boxShadow !== 'none'])(
            document.activeElement, getComputedStyle(document.activeElement))";
        let focus = visit.page.evaluate(seen)?;
        ensure!(focus[1] == true, "the focus on {} is not visible", focus[0]);
        if focus[0] == id {
            return Ok(());
        }
    }
    bail!("Tab did not reach #{id} in {MOST} strokes")
}

/// Starts a run, goes from view to view and moves the point on the map without a pointer.
fn the_keyboard_suffices(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}&steps=1000"))?;
    tab_to(visit, "train")?;
    visit.page.press("Enter")?;
    visit.wait_for_step(2)?;
    visit.page.evaluate("document.querySelector('#tab-train').focus()")?;
    visit.page.press("ArrowRight")?;
    visit.page.press("Enter")?;
    visit.wait_for("the explore view", "document.querySelector('#view-explore').checkVisibility()")?;
    visit.wait_for_picture("#map-image")?;
    let before = visit.canvas("#map-image")?;
    visit.page.evaluate("document.querySelector('#map').focus()")?;
    let focused = visit.page.evaluate("document.activeElement?.id")?;
    ensure!(focused == "map", "the map cannot get the focus; {} has it", json!(focused));
    for _ in 0..4 {
        visit.page.press("ArrowLeft")?;
    }
    visit.wait_for_other_picture("#map-image", before)
}

/// The focus goes from button to button, because one of them can never be used.
fn the_keyboard_starts_and_cancels_the_suite(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu")?;
    visit.page.evaluate("document.querySelector('#tab-train').focus()")?;
    visit.page.press("ArrowLeft")?;
    visit.wait_for("the compare view", "document.querySelector('#view-compare').checkVisibility()")?;
    tab_to(visit, "repro-run")?;
    visit.page.press("Enter")?;
    visit.wait_for("a running suite", "/loading|running/.test(document.querySelector('#repro-status').textContent)")?;
    let focused = visit.page.evaluate("document.activeElement?.id")?;
    ensure!(focused == "repro-cancel", "{focused} has the focus while the suite runs");
    visit.page.press("Enter")?;
    visit.wait_for("the end", "document.querySelector('#repro-status').textContent === 'cancelled'")?;
    let buttons = "[document.activeElement?.id, ...['run', 'cancel', 'save'].map(id => \
                   document.querySelector(`#repro-${id}`).disabled)]";
    let buttons = visit.page.evaluate(buttons)?;
    ensure!(buttons == json!(["repro-run", false, true, true]), "after the end, {buttons}");
    tab_to(visit, "repro-files")
}
