//! Events of a Windows console.

use std::process::Child;
use std::sync::OnceLock;
use std::{io, thread};

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

use super::signal::Signal;

static REQUEST: OnceLock<Box<dyn Fn(Signal) + Send + Sync>> = OnceLock::new();

/// Does nothing: what the console sends, it sends to the children too.
pub fn ask_to_stop(_child: &Child) {}

/// Calls `request` for every event, in a thread that the system starts for it.
///
/// # Errors
/// If the system refuses the handler.
pub fn listen(request: impl Fn(Signal) + Send + Sync + 'static) -> io::Result<()> {
    let _ = REQUEST.set(Box::new(request));
    // SAFETY: the handler is a function, which lives as long as the process.
    match unsafe { SetConsoleCtrlHandler(Some(handle), 1) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

unsafe extern "system" fn handle(event: u32) -> BOOL {
    let is_pressed = matches!(event, CTRL_C_EVENT | CTRL_BREAK_EVENT);
    if let Some(request) = REQUEST.get() {
        request(if is_pressed { Signal::CTRL_C } else { Signal::TERMINATE });
    }
    // When the handler of a closed console or a shutdown returns, the system ends the process. Until then it leaves
    // some seconds for saving.
    while !is_pressed {
        thread::park();
    }
    1
}
