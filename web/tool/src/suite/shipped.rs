//! Checks on the shipped files.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::test::Test;
use super::visit::Visit;
use crate::places;
use crate::serve::CONTENT_SECURITY_POLICY;

pub const TESTS: &[Test] = &[
    Test::new("a_first_visit_loads_no_checks", a_first_visit_loads_no_checks).with_devtools(),
    Test::new("the_page_needs_no_other_host_and_nothing_inline", the_page_needs_no_other_host_and_nothing_inline),
];

/// What only the module of the view Compare exports.
const CHECKS: [&str; 4] = ["run_checks", "shaders", "run_suite", "compare_reports"];

/// Records the scripts of the page's workers: each loads its own module.
const RECORD_WORKERS: &str = "globalThis.workerScripts = [];
globalThis.Worker = class extends Worker {
    constructor(script, options) {
        super(script, options);
        workerScripts.push(String(script).split('/').at(-1));
    }
};";

fn a_first_visit_loads_no_checks(visit: &mut Visit) -> Result<()> {
    let exported = |folder: std::path::PathBuf| -> Result<BTreeSet<String>> {
        let path = folder.join("slgan.js");
        let script = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let functions = script.lines().filter_map(|line| line.strip_prefix("export function ")?.split('(').next());
        Ok(functions.map(str::to_owned).collect())
    };
    let (page, checks) = (exported(places::dist())?, exported(places::dist().join("repro"))?);
    ensure!(page.contains("open") && checks.contains("open"), "slgan.js exports its functions in another form now");
    for name in CHECKS {
        let is_apart = checks.contains(name) && !page.contains(name);
        ensure!(is_apart, "{name}: only for Compare, but the first module exports {page:?}");
    }
    visit.page.devtools()?.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": RECORD_WORKERS }))?;
    visit.open("device=cpu&view=compare")?;
    let scripts = visit.page.evaluate("workerScripts")?;
    ensure!(scripts == json!(["worker.js"]), "before anybody compares anything, the page starts {scripts}");
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
