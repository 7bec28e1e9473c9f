//! Screenshots of every view for people to look at, and the checks that a program can do.

use std::fs;

use anyhow::{Result, ensure};
use serde_json::json;

use super::comparing;
use super::test::Test;
use super::training::SMALL;
use super::visit::Visit;
use crate::browser::{Engine, Window};

pub const TESTS: &[Test] = &[Test::new("every_view_fits_its_window", every_view_fits_its_window).within_s(600)];

/// The views, by the ends of their ids.
pub const VIEWS: [&str; 4] = ["train", "explore", "label", "compare"];

/// A desktop and a phone: width and height in CSS pixels, and whether it is a mobile device.
pub const WINDOWS: [Window; 2] = [(1280, 900, false), (390, 844, true)];

fn every_view_fits_its_window(visit: &mut Visit) -> Result<()> {
    let engine = visit.page.engine;
    if let Ok(devtools) = visit.page.devtools() {
        // The page reads this when it loads.
        devtools.emulate_media("prefers-reduced-motion", "reduce")?;
    }
    fill(visit)?;
    for window in WINDOWS {
        let width = visit.page.resize(window)?;
        for (view, scheme) in VIEWS.iter().flat_map(|view| schemes(engine).iter().map(move |scheme| (view, scheme))) {
            if let Ok(devtools) = visit.page.devtools() {
                devtools.emulate_media("prefers-color-scheme", scheme)?;
            }
            look(visit, view, &format!("{engine}-{view}-{}-{scheme}", window.0), width)?;
        }
    }
    visit.notes.push(visit.screenshots.display().to_string());
    Ok(())
}

/// The colour schemes that a visitor may prefer: without DevTools, a browser keeps to its own.
fn schemes(engine: Engine) -> &'static [&'static str] {
    if engine.has_devtools() { &["light", "dark"] } else { &["light"] }
}

/// Fills every view: a finished run, a prediction for a drawing, and a report with its comparisons.
pub fn fill(visit: &mut Visit) -> Result<()> {
    visit.open(&format!("device=cpu&{SMALL}&steps=40"))?;
    visit.train()?;
    visit.wait_for("the end", "slganPage.events.some(event => event.event === 'finished')")?;
    visit.page.click("#tab-label")?;
    visit.page.drag("#draw", &[(0.3, 0.25), (0.5, 0.25), (0.7, 0.25), (0.6, 0.5), (0.5, 0.8)])?;
    visit.wait_for("a prediction", "document.querySelector('#predictions [data-label]')")?;
    comparing::show_reference(visit)
}

fn look(visit: &mut Visit, view: &str, name: &str, width: u32) -> Result<()> {
    visit.page.click(&format!("#tab-{view}"))?;
    if view == "explore" {
        visit.wait_for_picture("#rows")?;
    }
    visit.page.evaluate("scrollTo(0, 0), new Promise(resolve => setTimeout(resolve, 300))")?;
    fs::write(visit.screenshots.join(format!("{name}.png")), visit.page.screenshot(true)?)?;
    let needed = visit.page.evaluate("document.documentElement.scrollWidth")?;
    ensure!(needed.as_u64() <= Some(u64::from(width)), "{name}: {needed} pixels wide in a window of {width}");
    let visible = "[...document.querySelectorAll('[role=tabpanel]')]
        .filter(view => view.checkVisibility()).map(view => view.id)";
    let shown = visit.page.evaluate(visible)?;
    ensure!(shown == json!([format!("view-{view}")]), "{name}: {shown} are shown");
    Ok(())
}
