//! The browser engines that the page is tested in.

use std::fmt;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::programs;

/// A browser engine, by the browser that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// Blink: Chromium, driven over its DevTools protocol.
    Chromium,
    /// Gecko: Firefox, driven over its own form of WebDriver, Marionette.
    Firefox,
    /// WebKit: GTK's small browser, driven over WebDriver on a display that nobody sees. It has no WebGPU.
    Webkit,
}

impl Engine {
    /// Looks for the engine's programs.
    ///
    /// # Errors
    /// If one is missing, with the command that installs it.
    pub fn find(self) -> Result<()> {
        let (programs, packages): (&[&[&str]], _) = match self {
            Self::Chromium => (&[&CHROMIUM], "chromium"),
            Self::Firefox => (&[&FIREFOX], "firefox-esr"),
            Self::Webkit => (&[&WEBKIT, &DISPLAY], "webkit2gtk-driver xvfb"),
        };
        match programs.iter().find(|names| programs::find(names).is_none()) {
            Some(names) => bail!("found no {}; on Debian: apt-get install {packages}", names.join(", no ")),
            None => Ok(()),
        }
    }

    /// Whether tests can use WebGPU in it.
    pub fn has_webgpu(self) -> bool {
        self != Self::Webkit
    }

    /// Whether tests can use its DevTools protocol.
    pub fn has_devtools(self) -> bool {
        self == Self::Chromium
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        })
    }
}

/// Names of programs; of each list, one is enough.
pub const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
pub const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];
pub const WEBKIT: [&str; 1] = ["WebKitWebDriver"];
pub const DISPLAY: [&str; 1] = ["Xvfb"];
