//! Ctrl-C: the first one asks for an orderly end, the second ends the process at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// The exit code after an interrupt, as shells know it (128 + SIGINT).
pub const EXIT_CODE: u8 = 130;

/// Whether the user has asked for an end.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for Ctrl-C and for a request to terminate.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub fn listen() -> Result<Self> {
        let interrupt = Self::default();
        let flag = interrupt.0.clone();
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(EXIT_CODE));
            }
            eprintln!("\nsaving and stopping; once more to stop at once");
        })
        .context("listening for Ctrl-C")?;
        Ok(interrupt)
    }

    /// Whether an end was asked for.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
