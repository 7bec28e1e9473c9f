//! A device that fails while it computes: a driver is reset, a card is unplugged, memory runs out.
//!
//! Some of this is an error of the next read. The rest are panics of wgpu and cubecl, most of them in their threads; then
//! nobody answers a read that is under way, and it would wait forever. So the program hears these panics, and waits for
//! a device only as long as there was none.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::pin::pin;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use burn_std::{RuntimeKind, set_runtime_kind};

/// How long a program whose device has failed may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a device says when it fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    /// What wgpu or cubecl says, in one line.
    pub fn reason(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the device failed: {}", self.0)
    }
}

impl std::error::Error for Fault {}

/// The first fault, and who waits for the device meanwhile.
struct Heard {
    fault: Option<Fault>,
    waiting: Option<Waker>,
}

static HEARD: Mutex<Heard> = Mutex::new(Heard { fault: None, waiting: None });

/// Waits for work on a device, but not for one that has failed.
///
/// # Errors
/// If the device fails before the work is done.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Fault> {
    listen();
    let mut work = pin!(work);
    let raced = poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Ok(done)),
        Poll::Pending => fault_or_wait(context.waker()).map_or(Poll::Pending, |fault| Poll::Ready(Err(fault))),
    });
    caught(|| pollster::block_on(raced))?
}

/// Does work that may panic because its device fails.
///
/// # Errors
/// If the device fails; other panics go on.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| fault().unwrap_or_else(|| resume_unwind(panic)))
}

/// The device's fault, if it has failed.
pub fn fault() -> Option<Fault> {
    heard().fault.clone()
}

/// From now on, hears the panics of wgpu and cubecl instead of printing them.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        wait_in_reads();
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| if is_of_a_device(info) { hear(info) } else { usual(info) }));
    });
}

/// Prepares the whole program: reads wait for the device, and a fault ends the process if it does not end soon, because
/// a driver may hang whoever frees its memory.
pub fn prepare() {
    wait_in_reads();
    LEAVES.store(true, Ordering::Relaxed);
}

/// Otherwise a read returns at once, and waits, or panics, where its bytes are first used.
fn wait_in_reads() {
    set_runtime_kind(RuntimeKind::Async);
}

static LEAVES: AtomicBool = AtomicBool::new(false);

fn leave_later(fault: Fault) {
    let leave = move || {
        thread::sleep(PATIENCE);
        say!("error: {fault}; it does not let the program end");
        process::exit(1);
    };
    // Without a thread, the program ends as soon as it can.
    drop(thread::Builder::new().spawn(leave));
}

fn heard() -> MutexGuard<'static, Heard> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fault_or_wait(waker: &Waker) -> Option<Fault> {
    let mut heard = heard();
    heard.waiting = Some(waker.clone());
    heard.fault.clone()
}

fn hear(info: &PanicHookInfo) {
    let fault = Fault(plain(info.payload_as_str().unwrap_or("it stopped without a reason")));
    let (is_first, waiting) = {
        let mut heard = heard();
        let is_first = heard.fault.is_none();
        heard.fault.get_or_insert_with(|| fault.clone());
        (is_first, heard.waiting.take())
    };
    waiting.into_iter().for_each(Waker::wake);
    if is_first && LEAVES.load(Ordering::Relaxed) {
        leave_later(fault);
    }
}

fn is_of_a_device(info: &PanicHookInfo) -> bool {
    info.location().is_some_and(|location| is_library_of_devices(location.file()))
}

/// Whether a source file belongs to wgpu or cubecl, whose folders are named after crate and version.
fn is_library_of_devices(file: &str) -> bool {
    file.split(['/', '\\']).any(|part| part.starts_with("wgpu-") || part.starts_with("cubecl-"))
}

/// A message of wgpu or burn in one line: without the names of levels, and backtraces that are not there.
pub fn plain(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let says = |line: &&str| {
        let is_frame = ["Caused by:", "Backtrace:", "No backtrace available", "Asked at:"].contains(line);
        !line.is_empty() && !is_frame
    };
    let mut lines: Vec<&str> = lines.filter(says).collect();
    lines.dedup();
    lines.join(": ")
}

#[cfg(test)]
pub mod testing {
    //! Faults in tests, which share a process.

    /// Forgets the fault that a test has made.
    pub fn forget() {
        super::heard().fault = None;
    }
}
