//! Starting Chromium with its own profile.

use std::fs;
use std::time::Instant;

use anyhow::Result;

use crate::browser::engine::CHROMIUM;
use crate::browser::process::Process;

/// Options for every test. The page is our own, and root cannot have a sandbox.
const FLAGS: [&str; 9] = [
    "--headless",
    "--hide-scrollbars",
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    // Memory tests collect garbage themselves.
    "--js-flags=--expose-gc",
];

/// A WebGPU adapter in software, which every machine has.
const WEBGPU: [&str; 3] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-unsafe-swiftshader"];

/// A browser without WebGPU.
const NO_WEBGPU: [&str; 1] = ["--disable-features=WebGPU"];

/// Starts Chromium. Returns it with the port and the path of its socket.
///
/// # Errors
/// If it does not start in time.
pub fn start(webgpu: bool, deadline: Instant) -> Result<(Process, u16, String)> {
    let mut process = Process::start(&CHROMIUM, |command, folder| {
        command.args(FLAGS).args(if webgpu { &WEBGPU[..] } else { &NO_WEBGPU[..] });
        command.arg(format!("--user-data-dir={}", folder.display())).arg("about:blank");
        Ok(())
    })?;
    let (port, path) = process.wait_for(deadline, |folder| {
        let announced = fs::read_to_string(folder.join("DevToolsActivePort")).ok()?;
        let (port, path) = announced.split_once('\n')?;
        Some((port.parse().ok()?, Some(path.trim().to_owned()).filter(|path| !path.is_empty())?))
    })?;
    Ok((process, port, path))
}
