//! Several tensors in one buffer, so that one launch can do the same to all of them.
//!
//! A GPU waits for the host if each of a network's many small tensors needs a launch of its own. So tensors that are
//! always treated alike lie in one buffer, and who needs a single one gets a view of it, without a copy.

#[cfg(feature = "checks")]
pub(super) mod check;
pub(super) mod cpu;
pub(super) mod gpu;
mod packing;
mod tensors;

pub use packing::Packing;
pub use tensors::Tensors;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::launch::Launch;
use crate::kernels::view;

/// Where tensors lie in a buffer that they share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The first element of each tensor.
    offsets: Vec<usize>,
    /// The number of elements of each tensor.
    counts: Vec<usize>,
}

impl Places {
    /// Places for tensors of so many elements, in this order, with gaps where views require them.
    pub fn new(counts: &[usize]) -> Self {
        let mut end = 0usize;
        let start_of = |count: &usize| {
            let start = view::aligned(end);
            end = start + count;
            start
        };
        Self { offsets: counts.iter().map(start_of).collect(), counts: counts.to_vec() }
    }

    /// The first element of each tensor.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The number of elements of each tensor.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Elements of the buffer. A single tensor fills it.
    pub fn total(&self) -> usize {
        self.offsets.last().zip(self.counts.last()).map_or(0, |(offset, count)| offset + count)
    }
}

/// Flat tensors in one buffer `[total]`, with zeros in the gaps. Where tensors already lie side by side in a buffer, as
/// views of it, the gaps between them hold what they held; if all do, that buffer is the result.
///
/// # Panics
/// If there is no tensor, or the tensors do not have as many elements as their places.
pub fn pack(tensors: Vec<Tensor<1>>, places: &Places) -> Tensor<1> {
    pack_with(tensors, places, Launch::default())
}

/// [`pack`] with a choice of launch.
///
/// # Panics
/// As [`pack`].
pub fn pack_with(tensors: Vec<Tensor<1>>, places: &Places, launch: Launch) -> Tensor<1> {
    let counts = tensors.iter().map(|tensor| tensor.dims()[0]);
    assert!(!tensors.is_empty() && counts.eq(places.counts.iter().copied()), "pack: a place for each tensor");
    let tensors = Tensors(tensors.into_iter().map(Tensor::into_dispatch).collect());
    Tensor::from_dispatch(<Dispatch as PackOps>::pack(tensors, places, launch))
}

/// Views of the tensors in a buffer. They keep all of it in memory.
///
/// # Panics
/// If the buffer has another length than the places.
pub fn unpack(packed: Tensor<1>, places: &Places) -> Vec<Tensor<1>> {
    assert_eq!(packed.dims(), [places.total()], "unpack: the buffer must have the length of all places");
    let views = <Dispatch as PackOps>::unpack(packed.into_dispatch(), places);
    views.into_iter().map(Tensor::from_dispatch).collect()
}

/// Shared buffers on each backend.
#[backend_extension(Cube, Flex)]
pub trait PackOps: Backend {
    /// [`pack`](fn@pack).
    fn pack(#[extension_type] tensors: Tensors<Self>, places: &Places, launch: Launch) -> FloatTensor<Self>;

    /// [`unpack`](fn@unpack).
    fn unpack(packed: FloatTensor<Self>, places: &Places) -> Vec<FloatTensor<Self>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_aligned_and_end_with_the_last_tensor() {
        let places = Places::new(&[1, 64, 65, 3]);
        assert_eq!(places.offsets(), [0, 64, 128, 256]);
        assert_eq!(places.total(), 259);
        assert_eq!(Places::new(&[7]).total(), 7);
    }
}
