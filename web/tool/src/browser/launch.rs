//! Starting a new browser with its own profile, and ending it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::programs;

/// Names of the browsers that these tests are for.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

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

/// A running browser. Dropping it ends it and removes its profile.
#[derive(Debug)]
pub struct Process {
    child: Child,
    profile: TempDir,
}

impl Process {
    /// Starts a browser.
    ///
    /// # Errors
    /// If there is none, with the command that installs one, or if it does not start.
    pub fn start(webgpu: bool) -> Result<Self> {
        let program = find()?;
        let profile = TempDir::with_prefix("slgan-browser-")?;
        let child = Command::new(&program)
            .args(FLAGS)
            .args(if webgpu { &WEBGPU[..] } else { &NO_WEBGPU[..] })
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(profile.path().join("stderr"))?)
            .spawn()
            .with_context(|| program.display().to_string())?;
        Ok(Self { child, profile })
    }

    /// Port and path of the browser's socket, once it is there.
    ///
    /// # Errors
    /// If it is not there in time.
    pub fn address(&mut self, deadline: Instant) -> Result<(u16, String)> {
        while Instant::now() < deadline {
            let announced = fs::read_to_string(self.profile.path().join("DevToolsActivePort")).unwrap_or_default();
            if let Some((port, path)) = announced.split_once('\n')
                && !path.is_empty()
            {
                return Ok((port.parse()?, path.trim().to_owned()));
            }
            if self.child.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let words = fs::read_to_string(self.profile.path().join("stderr")).unwrap_or_default();
        bail!("the browser did not start: {}", words.trim())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already, and nobody is left to report to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn find() -> Result<PathBuf> {
    let message = format!("found none of {}; on Debian: apt-get install chromium", NAMES.join(", "));
    programs::find(&NAMES).context(message)
}
