//! Overwriting tensors where they lie.
//!
//! Launches that a GPU repeats ([`recording`](super::recording)) find their inputs and leave their results in fixed
//! places. So what changes from one repetition to the next has to go back to its place.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use super::launch::Launch;
use super::pack::Tensors;

/// Flat tensors with the numbers of `values`: on GPUs, `targets` with these numbers, also for everyone else who holds
/// them. Targets and values share no memory, unless a value lies in its target's place already. Tensors that lie side by
/// side in both lists need one launch together. On the CPU, the values themselves.
///
/// # Panics
/// If the lists or two lengths differ.
pub fn overwrite(targets: Vec<Tensor<1>>, values: Vec<Tensor<1>>) -> Vec<Tensor<1>> {
    overwrite_with(targets, values, Launch::default())
}

/// [`overwrite`] with a choice of launch.
///
/// # Panics
/// As [`overwrite`].
pub fn overwrite_with(targets: Vec<Tensor<1>>, values: Vec<Tensor<1>>, launch: Launch) -> Vec<Tensor<1>> {
    let lengths = |tensors: &[Tensor<1>]| tensors.iter().map(|tensor| tensor.dims()[0]).collect::<Vec<_>>();
    assert_eq!(lengths(&targets), lengths(&values), "overwrite: a value for each target");
    if targets.is_empty() {
        return targets;
    }
    let raw = |tensors: Vec<Tensor<1>>| Tensors(tensors.into_iter().map(Tensor::into_dispatch).collect());
    let overwritten = <Dispatch as OverwriteOps>::overwrite(raw(targets), raw(values), launch);
    overwritten.into_iter().map(Tensor::from_dispatch).collect()
}

/// Overwriting on each backend.
#[backend_extension(Cube, Flex)]
pub trait OverwriteOps: Backend {
    /// [`overwrite`](fn@overwrite).
    fn overwrite(
        #[extension_type] targets: Tensors<Self>,
        #[extension_type] values: Tensors<Self>,
        launch: Launch,
    ) -> Vec<FloatTensor<Self>>;
}
