//! Parts of a batch, each a launch of its own, where a single launch would take too long.

use std::cell::Cell;

use burn::backend::TensorMetadata;
use burn_wgpu::CubeTensor;

use super::bounds;
use super::geometry::Geometry;
use crate::kernels::launch::Launch;
use crate::kernels::launches;
use crate::kernels::view::view;

/// Launches of a convolution's kernel for equal parts of the batch.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// The sizes of a part.
    pub geometry: Geometry,
    pub count: usize,
}

impl Parts {
    /// The parts of a convolution; most have one.
    pub fn of(geometry: &Geometry, launch: Launch) -> Self {
        let count = bounds::parts(geometry, launch);
        Self { geometry: Geometry { batch: geometry.batch / count, ..*geometry }, count }
    }

    /// Calls `launch_part` for each part, with its number. Submits what is queued before it becomes too much at once.
    pub fn each(&self, like: &CubeTensor, launch: Launch, mut launch_part: impl FnMut(usize)) {
        for number in 0..self.count {
            make_room(self.geometry.multiply_adds(), like, launch);
            launch_part(number);
        }
    }

    /// A part of a tensor, in which equal shares of all parts lie one after another. It has one dimension if it is not
    /// the whole.
    pub fn of_tensor(&self, tensor: &CubeTensor, number: usize) -> CubeTensor {
        if self.count == 1 {
            return tensor.clone();
        }
        let elements = tensor.shape().num_elements() / self.count;
        view(tensor, number * elements, [elements])
    }
}

thread_local! {
    /// Multiply-adds of convolutions since the last submission here.
    static QUEUED: Cell<u64> = const { Cell::new(0) };

    /// Multiply-adds of all convolutions so far.
    static LAUNCHED: Cell<u64> = const { Cell::new(0) };
}

/// Multiply-adds of all convolutions that this thread has launched.
pub fn launched() -> u64 {
    LAUNCHED.get()
}

/// Submits what is queued if `multiply_adds` more would be too much for one submission.
fn make_room(multiply_adds: u64, like: &CubeTensor, launch: Launch) {
    LAUNCHED.set(LAUNCHED.get() + multiply_adds);
    let Some(most) = bounds::most_submitted(launch) else { return };
    let queued = QUEUED.get() + multiply_adds;
    if queued <= most {
        QUEUED.set(queued);
        return;
    }
    // What fails here fails again where results are read, with a better message.
    let _ = like.client.flush();
    launches::submit();
    QUEUED.set(multiply_adds);
}
