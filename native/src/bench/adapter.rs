//! The GPU for the tests of the benchmarks.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, OnceLock};

use crate::device::{Opened, adapters, open};

/// The GPU, for one test at a time, because the count of dispatches covers the whole process. None if there is no GPU
/// and the tests do not require one.
pub fn gpu() -> Option<MutexGuard<'static, Opened>> {
    static GPU: OnceLock<Option<Mutex<Opened>>> = OnceLock::new();
    let gpu = GPU.get_or_init(|| (!adapters().is_empty()).then(|| Mutex::new(open("gpu").expect("a GPU that opens"))));
    let is_required = std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_some();
    assert!(gpu.is_some() || !is_required, "an adapter is required and none was found");
    if gpu.is_none() {
        // Not `eprintln`, because the test harness hides its output if a test passes.
        std::io::stderr().write_all(b"skipped: no adapter\n").expect("standard error is open");
    }
    gpu.as_ref().map(|gpu| gpu.lock().expect("no other test has failed"))
}
