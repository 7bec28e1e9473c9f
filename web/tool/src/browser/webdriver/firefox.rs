//! Starting Firefox with its own profile.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::marionette::Marionette;
use super::remote::capabilities;
use crate::browser::engine::FIREFOX;
use crate::browser::process::Process;

/// Settings of a new profile: `(name, value)`.
fn settings(webgpu: bool, downloads: &Path) -> [(&'static str, Value); 6] {
    [
        // Any free port.
        ("marionette.port", json!(0)),
        ("browser.download.folderList", json!(2)),
        ("browser.download.dir", json!(downloads)),
        // On Linux, WebGPU is not on yet, and no software adapter is trusted.
        ("dom.webgpu.enabled", json!(webgpu)),
        ("gfx.webgpu.ignore-blocklist", json!(webgpu)),
        // A first start would open a page about privacy.
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
    ]
}

/// Starts Firefox, and connects to it.
///
/// # Errors
/// If it does not start in time.
pub fn start(webgpu: bool, downloads: &Path, deadline: Instant) -> Result<(Marionette, Process)> {
    let mut process = Process::start(&FIREFOX, |command, folder| {
        let line = |(name, value): (&str, Value)| format!("user_pref({}, {value});\n", json!(name));
        let lines: String = settings(webgpu, downloads).into_iter().map(line).collect();
        fs::write(folder.join("user.js"), lines)?;
        command.args(["--headless", "--marionette", "--no-remote", "--profile"]).arg(folder).arg("about:blank");
        command.env("HOME", folder);
        Ok(())
    })?;
    let port = process.wait_for(deadline, |folder| {
        fs::read_to_string(folder.join("MarionetteActivePort")).ok()?.trim().parse().ok()
    })?;
    Ok((Marionette::open(port, &capabilities(), deadline)?, process))
}
