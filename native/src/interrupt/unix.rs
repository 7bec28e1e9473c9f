//! Signals of Unix.

use std::mem::MaybeUninit;
use std::process::Child;
use std::{io, ptr, thread};

use libc::c_int;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::signal::Signal;

/// Calls `request` for every signal, in a thread of its own.
///
/// # Errors
/// If the system refuses the handlers or the thread.
pub fn listen(request: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    let heard: Vec<c_int> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&number| !is_ignored(number)).collect();
    let mut signals = Signals::new(heard)?;
    let each = move || signals.forever().for_each(|number| request(request_of(number)));
    thread::Builder::new().name("signals".into()).spawn(each).map(drop)
}

/// Asks a child to save and stop. It must not have been waited for to its end.
pub fn ask_to_stop(child: &Child) {
    let Ok(id) = libc::pid_t::try_from(child.id()) else { return };
    // SAFETY: the call only sends a signal, and until somebody waits for the child, its number belongs to no other.
    unsafe { libc::kill(id, SIGTERM) };
}

fn request_of(number: c_int) -> Signal {
    match number {
        SIGTERM => Signal::TERMINATE,
        SIGHUP => Signal::HANG_UP,
        _ => Signal::CTRL_C,
    }
}

/// Whether the caller has this process ignore a signal: `nohup` does with SIGHUP, and scripts with the SIGINT of what
/// they start in the background.
fn is_ignored(number: c_int) -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action, the call only writes the present one to `action`, for which zeros are valid too.
    unsafe {
        libc::sigaction(number, ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}
