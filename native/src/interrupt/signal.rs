//! The requests that the program hears.

/// A request to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// Its name for people.
    pub name: &'static str,
    /// The exit code after it, as in shells: 128 and the signal's number.
    pub code: u8,
    /// Whether a person has pressed keys, and may press them again.
    pub pressed: bool,
}

impl Signal {
    /// SIGINT.
    pub const CTRL_C: Self = Self { name: "Ctrl-C", code: 130, pressed: true };
    /// SIGTERM; on Windows, a closed console or a shutdown.
    pub const TERMINATE: Self = Self { name: "SIGTERM", code: 143, pressed: false };
    /// SIGHUP: a closed terminal or connection.
    #[cfg(unix)]
    pub const HANG_UP: Self = Self { name: "SIGHUP", code: 129, pressed: false };
}
