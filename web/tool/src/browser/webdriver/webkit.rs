//! Starting WebKit's driver, which starts GTK's small browser, on a display that nobody sees.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use super::http::Http;
use super::remote::capabilities;
use crate::browser::engine::{DISPLAY, WEBKIT};
use crate::browser::process::Process;

/// Starts a display and the driver, and opens a session. The programs are to be ended in this order.
///
/// # Errors
/// If one of them does not start in time.
pub fn start(downloads: &Path, deadline: Instant) -> Result<(Http, Vec<Process>)> {
    let mut display = Process::start(&DISPLAY, |command, _| {
        // It takes a free number, and prints it.
        command.args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]);
        Ok(())
    })?;
    let number: u32 = display.wait_for(deadline, |folder| {
        fs::read_to_string(folder.join("stdout")).ok()?.strip_suffix('\n')?.parse().ok()
    })?;
    // The driver takes only a given port.
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut driver = Process::start(&WEBKIT, |command, home| {
        let config = home.join("config");
        fs::create_dir(&config)?;
        fs::write(config.join("user-dirs.dirs"), format!("XDG_DOWNLOAD_DIR=\"{}\"\n", downloads.display()))?;
        command.arg(format!("--port={port}")).env("DISPLAY", format!(":{number}")).env_remove("WAYLAND_DISPLAY");
        for folder in ["HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
            command.env(folder, home);
        }
        command.env("XDG_CONFIG_HOME", config);
        Ok(())
    })?;
    driver.wait_for(deadline, |_| TcpStream::connect(("127.0.0.1", port)).ok())?;
    Ok((Http::open(port, &capabilities(), deadline)?, vec![driver, display]))
}
