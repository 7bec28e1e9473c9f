//! The GPU for the tests of the benchmarks.

use std::io::Write;
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::device::{Opened, adapters, open};

/// The GPU, for one test at a time.
pub struct Gpu {
    opened: &'static Opened,
    _alone: MutexGuard<'static, ()>,
}

impl Deref for Gpu {
    type Target = Opened;

    fn deref(&self) -> &Opened {
        self.opened
    }
}

/// The GPU. None if there is none and the tests do not require one.
pub fn gpu() -> Option<Gpu> {
    static GPU: OnceLock<Option<Opened>> = OnceLock::new();
    let _alone = alone();
    let gpu = GPU.get_or_init(|| (!adapters().is_empty()).then(|| open("gpu").expect("a GPU that opens")));
    let is_required = std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_some();
    assert!(gpu.is_some() || !is_required, "an adapter is required and none was found");
    if gpu.is_none() {
        // Not `eprintln`, because the test harness hides its output if a test passes.
        std::io::stderr().write_all(b"skipped: no adapter\n").expect("standard error is open");
    }
    gpu.as_ref().map(|opened| Gpu { opened, _alone })
}

/// Held by every test that uses wgpu, because calls are counted for the whole process.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    // A test that failed has left nothing behind.
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
