//! Counts the calls that reach wgpu, so ours and stock's count alike.

use std::ops::Sub;
use std::sync::atomic::{AtomicU64, Ordering};

use log::{LevelFilter, Log, Metadata, Record};
use serde::Serialize;

/// Numbers of calls.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Launches of kernels.
    pub dispatches: u64,
    /// Command buffers handed to the device.
    pub submissions: u64,
    /// Writes of the host into the device's memory.
    pub uploads: u64,
    /// Sets of buffers for a launch.
    pub bind_groups: u64,
    /// Buffers that are allocated.
    pub allocations: u64,
}

/// How wgpu's messages about each kind of call begin, in the order of the counters.
const MESSAGES: [&str; 5] = [
    "ComputePass::dispatch",
    "Queue::submit returned",
    "Queue::write_buffer",
    "Device::create_bind_group ->",
    "Device::create_buffer(",
];

static COUNTER: Counter = Counter([const { AtomicU64::new(0) }; MESSAGES.len()]);

struct Counter([AtomicU64; MESSAGES.len()]);

impl Log for Counter {
    fn enabled(&self, metadata: &Metadata) -> bool {
        metadata.target().starts_with("wgpu_core::")
    }

    fn log(&self, record: &Record) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        if let Some(kind) = MESSAGES.iter().position(|message| text.starts_with(message)) {
            self.0[kind].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {}
}

impl Calls {
    /// All that were counted since the program started.
    pub fn so_far() -> Self {
        let [dispatches, submissions, uploads, bind_groups, allocations] =
            [0, 1, 2, 3, 4].map(|kind: usize| COUNTER.0[kind].load(Ordering::Relaxed));
        Self { dispatches, submissions, uploads, bind_groups, allocations }
    }
}

impl Sub for Calls {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            dispatches: self.dispatches - other.dispatches,
            submissions: self.submissions - other.submissions,
            uploads: self.uploads - other.uploads,
            bind_groups: self.bind_groups - other.bind_groups,
            allocations: self.allocations - other.allocations,
        }
    }
}

/// Calls `work` and counts its calls of wgpu. `work` must wait for the device before it returns.
pub fn count<R>(work: impl FnOnce() -> R) -> (R, Calls) {
    // It fails if a logger is already set; the program sets only this one.
    let _ = log::set_logger(&COUNTER);
    let before = Calls::so_far();
    log::set_max_level(LevelFilter::Trace);
    let result = work();
    log::set_max_level(LevelFilter::Off);
    (result, Calls::so_far() - before)
}
