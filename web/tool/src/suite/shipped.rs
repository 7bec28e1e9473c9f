//! Checks on the shipped files.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::test::Test;
use super::visit::Visit;
use crate::places;
use crate::serve::CONTENT_SECURITY_POLICY;

pub const TESTS: &[Test] = &[
    Test::new("the_shipped_module_has_no_checks", the_shipped_module_has_no_checks),
    Test::new("the_page_needs_no_other_host_and_nothing_inline", the_page_needs_no_other_host_and_nothing_inline),
];

const CHECKS: [&str; 2] = ["run_checks", "shaders"];

fn the_shipped_module_has_no_checks(_: &mut Visit) -> Result<()> {
    let exported = |folder: std::path::PathBuf| -> Result<BTreeSet<String>> {
        let path = folder.join("slgan.js");
        let script = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let functions = script.lines().filter_map(|line| line.strip_prefix("export function ")?.split('(').next());
        Ok(functions.map(str::to_owned).collect())
    };
    let (page, checks) = (exported(places::dist())?, exported(places::dist_checks())?);
    ensure!(page.contains("open") && checks.contains("open"), "slgan.js exports its functions in another form now");
    for name in CHECKS {
        ensure!(checks.contains(name) && !page.contains(name), "{name}: only for tests, but the page exports {page:?}");
    }
    Ok(())
}

fn the_page_needs_no_other_host_and_nothing_inline(visit: &mut Visit) -> Result<()> {
    visit.open("device=cpu")?;
    let policy = "document.querySelector('meta[http-equiv=Content-Security-Policy]').content";
    let policy = visit.page.evaluate(policy)?;
    ensure!(policy == CONTENT_SECURITY_POLICY, "index.html and the server have different policies: {policy}");
    let loaded = visit.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")?;
    let loaded = loaded.as_array().context("no list of what the page loads")?;
    let is_own = |name: &Value| {
        name.as_str().is_some_and(|name| [&*visit.origin, "data:", "blob:"].iter().any(|start| name.starts_with(start)))
    };
    let others: Vec<&Value> = loaded.iter().filter(|name| !is_own(name)).collect();
    ensure!(loaded.len() > others.len(), "the browser does not say what the page loads");
    ensure!(others.is_empty(), "the page loads {others:?}");
    Ok(())
}
