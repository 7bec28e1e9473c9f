//! Launches that a GPU repeats.
//!
//! A launch costs the host much more than writing it into a queue once everything about it is known: its pipeline, its
//! buffers, its sizes. So work that is always the same is recorded once, and then repeated. The launches of a recording
//! always use the same memory: its inputs are refilled before it is repeated, and its results stay where they are.
//!
//! The runtime writes the launches into its queue one by one, with no object of the driver behind them, so this works on
//! every GPU, also in browsers. The CPU backend has no queue.

use std::cell::{Cell, RefCell};
use std::fmt;

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::cubecl::client::{Client, Graph};
use burn::cubecl::server::ServerError;
use burn::tensor::Tensor;
use burn_wgpu::CubeTensor;

use super::class::DeviceClass;
use super::conv2d::gpu::{launched, most_submitted};
use super::host::is_cpu;
use super::launch::Launch;

#[cfg(feature = "checks")]
thread_local! {
    static REFUSES: Cell<bool> = const { Cell::new(false) };
}

/// Makes the device refuse the next recording of this thread, by an upload in it: for tests.
#[cfg(feature = "checks")]
pub fn refuse_next() {
    REFUSES.set(true);
}

/// Work that a device cannot record or repeat.
#[derive(Debug, thiserror::Error)]
#[error("the device could not {action} launches: {reason}")]
pub struct RecordingError {
    action: &'static str,
    reason: String,
}

impl RecordingError {
    fn of(action: &'static str) -> impl Fn(ServerError) -> Self {
        move |error| Self { action, reason: format!("{error:?}") }
    }
}

/// Where the launches of a GPU are recorded.
pub struct Recorder {
    client: Client,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl Recorder {
    /// The recorder of the device that holds a tensor, on this thread; none on the CPU.
    pub fn of(tensor: &Tensor<1>) -> Option<Self> {
        if is_cpu(&tensor.device()) {
            return None;
        }
        let found = RefCell::new(None);
        <Dispatch as QueueOps>::client(tensor.clone().into_dispatch(), &found);
        found.into_inner().map(|client| Self { client })
    }

    /// Prepares the device for [`Self::record`]. What is launched between the two is done as usual. It has to be the
    /// same work, so that all its memory is there: nothing is allocated while launches are recorded.
    ///
    /// # Errors
    /// If launches are recorded already.
    pub fn prepare(&self) -> Result<(), RecordingError> {
        self.client.graph_prepare().map_err(RecordingError::of("prepare to record"))
    }

    /// Takes back [`Self::prepare`].
    pub fn give_up(&self) {
        // Without a recording, ending it fails, and takes the preparation back.
        let _ = self.client.stop_capture();
    }

    /// Calls `work`, whose launches are not done but recorded. It must neither read from the device nor upload to it.
    ///
    /// # Errors
    /// If it does, or needs memory that is not there. Then no tensor that its launches write may be used any more.
    pub fn record<R>(&self, work: impl FnOnce() -> R) -> Result<(R, Recording), RecordingError> {
        self.client.start_capture().map_err(RecordingError::of("begin to record"))?;
        let result = work();
        #[cfg(feature = "checks")]
        if REFUSES.take() {
            self.client.create_from_slice(&[0; 4]);
        }
        let graph = self.client.stop_capture().map_err(RecordingError::of("record"))?;
        Ok((result, Recording { graph }))
    }
}

/// Calls `work`. Returns its result, and whether what it launches is little enough to be repeated on devices of a class: a
/// repetition is not submitted in pieces as large work is ([`conv2d`](super::conv2d)), so it may have no more than one.
pub fn is_little<R>(class: DeviceClass, work: impl FnOnce() -> R) -> (R, bool) {
    let before = launched();
    let result = work();
    let most = most_submitted(Launch::of(class)).unwrap_or(u64::MAX);
    (result, launched() - before <= most)
}

/// Launches to repeat. While it lives, nothing else gets the memory that they use.
pub struct Recording {
    graph: Graph,
}

impl fmt::Debug for Recording {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recording").finish_non_exhaustive()
    }
}

impl Recording {
    /// Does the recorded launches again, after everything that this thread has launched before.
    ///
    /// # Safety
    /// The tensors that existed before the recording and that its launches use must still exist, and only the thread
    /// that recorded them may use them.
    ///
    /// # Errors
    /// If the device has failed.
    pub unsafe fn repeat(&self) -> Result<(), RecordingError> {
        // SAFETY: the caller promises what the runtime demands.
        unsafe { self.graph.replay() }.map_err(RecordingError::of("repeat"))
    }
}

/// Where a tensor lies in a GPU's memory: an allocation, and a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    allocation: usize,
    start: u64,
}

/// Where a tensor lies; none on the CPU.
pub fn place(tensor: &Tensor<1>) -> Option<Place> {
    if is_cpu(&tensor.device()) {
        return None;
    }
    let found = Cell::new(None);
    <Dispatch as QueueOps>::place(tensor.clone().into_dispatch(), &found);
    found.into_inner()
}

/// The queue and the memory behind a tensor. Both functions return the tensor, and what they find in `found`.
#[backend_extension(Cube)]
pub trait QueueOps: Backend {
    /// The client of the tensor's device.
    fn client(tensor: FloatTensor<Self>, found: &RefCell<Option<Client>>) -> FloatTensor<Self>;

    /// The tensor's place.
    fn place(tensor: FloatTensor<Self>, found: &Cell<Option<Place>>) -> FloatTensor<Self>;
}

impl QueueOps for CubeBackend {
    fn client(tensor: CubeTensor, found: &RefCell<Option<Client>>) -> CubeTensor {
        found.replace(Some(tensor.client.clone()));
        tensor
    }

    fn place(tensor: CubeTensor, found: &Cell<Option<Place>>) -> CubeTensor {
        let allocation = tensor.handle.memory.descriptor().id.value;
        found.set(Some(Place { allocation, start: tensor.handle.offset_start.unwrap_or(0) }));
        tensor
    }
}
