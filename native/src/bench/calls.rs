//! Counts the dispatches that reach the GPU. It counts them in wgpu, so ours and stock's count alike.

use std::sync::atomic::{AtomicU64, Ordering};

use log::{LevelFilter, Log, Metadata, Record};

static COUNTER: Counter = Counter(AtomicU64::new(0));

/// Counts wgpu's messages about dispatches.
struct Counter(AtomicU64);

impl Log for Counter {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.target().starts_with("wgpu_core::command::compute")
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) && record.args().to_string().starts_with("ComputePass::dispatch") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {}
}

/// Calls `work` and counts its dispatches. `work` must wait for the device before it returns.
pub fn count<R>(work: impl FnOnce() -> R) -> (R, u64) {
    // It fails if a logger is already set; the program sets only this one.
    let _ = log::set_logger(&COUNTER);
    let before = COUNTER.0.load(Ordering::Relaxed);
    log::set_max_level(LevelFilter::Trace);
    let result = work();
    log::set_max_level(LevelFilter::Off);
    (result, COUNTER.0.load(Ordering::Relaxed) - before)
}
