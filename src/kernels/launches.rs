//! A list of the kernels that a piece of work launches, for models of its cost, and how many were compiled.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn_wgpu::CubeTensor;

/// A launch of a kernel of `shaders/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launched {
    /// The kernel's name.
    pub name: &'static str,
    /// The values of its constants.
    pub constants: Vec<(&'static str, u32)>,
    /// Workgroups along x, y and z.
    pub groups: [usize; 3],
    /// The sizes of its buffers in bytes, in the order of the bindings.
    pub bytes: Vec<u64>,
}

thread_local! {
    /// The launches, and where the convolutions have submitted what was queued: one list after another.
    static LISTS: RefCell<Option<Vec<Vec<Launched>>>> = const { RefCell::new(None) };
}

/// Kernels that were given to a compiler.
static COMPILED: AtomicUsize = AtomicUsize::new(0);

/// How many kernels this process has given to a compiler so far, one for each set of constants. Most of them belong to
/// the first step; a driver may take minutes for them, so a shell can show that something happens.
pub fn compiled() -> usize {
    COMPILED.load(Ordering::Relaxed)
}

/// Counts a kernel that a compiler asks for.
pub(super) fn compile() {
    COMPILED.fetch_add(1, Ordering::Relaxed);
}

/// Calls `work`, and lists what this thread launches meanwhile.
pub fn listed<R>(work: impl FnOnce() -> R) -> (R, Vec<Launched>) {
    let (result, submissions) = submitted(work);
    (result, submissions.concat())
}

/// The same, with a list for each submission. The runtime submits more often than that, after some launches and before
/// each upload.
pub fn submitted<R>(work: impl FnOnce() -> R) -> (R, Vec<Vec<Launched>>) {
    LISTS.set(Some(vec![Vec::new()]));
    let result = work();
    (result, LISTS.take().unwrap_or_default())
}

/// Begins the list of the next submission.
pub(super) fn submit() {
    LISTS.with_borrow_mut(|lists| lists.iter_mut().for_each(|lists| lists.push(Vec::new())));
}

/// Adds a launch to the list, if there is one.
pub(super) fn record(
    name: &'static str,
    constants: &[(&'static str, u32)],
    groups: [usize; 3],
    buffers: &[&CubeTensor],
) {
    LISTS.with_borrow_mut(|lists| {
        if let Some(list) = lists.as_mut().and_then(|lists| lists.last_mut()) {
            let bytes = buffers.iter().map(|tensor| tensor.handle.size_in_used()).collect();
            list.push(Launched { name, constants: constants.to_vec(), groups, bytes });
        }
    });
}

impl Launched {
    /// The value of a constant.
    pub fn constant(&self, name: &str) -> Option<u64> {
        // A later value replaces an earlier one.
        self.constants.iter().rev().find(|(constant, _)| *constant == name).map(|&(_, value)| value.into())
    }
}
