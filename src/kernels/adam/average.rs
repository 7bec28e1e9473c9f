//! Exponential moving averages.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::adam::{AdamStep, DECAY};
use crate::kernels::launch::Launch;
use crate::kernels::upload::upload;

/// `decay * average + (1 - decay) * value`, for plain tensors of one shape.
///
/// # Panics
/// If the shapes differ.
pub fn average<const D: usize>(average: Tensor<D>, value: Tensor<D>, decay: f64) -> Tensor<D> {
    average_with(average, value, decay, Launch::default())
}

/// [`average`](fn@average) with a choice of launch.
///
/// # Panics
/// If the shapes differ.
pub fn average_with<const D: usize>(average: Tensor<D>, value: Tensor<D>, decay: f64, launch: Launch) -> Tensor<D> {
    // A tensor, like Adam's numbers: decays ramp up, so they differ between steps.
    let decay = upload(vec![decay as f32], [1], &value.device());
    moved(average, value, (decay, 0), launch)
}

/// [`average`](fn@average) with a decay `[1]` on the device.
///
/// # Panics
/// If the shapes differ.
pub fn average_by<const D: usize>(average: Tensor<D>, value: Tensor<D>, decay: Tensor<1>, launch: Launch) -> Tensor<D> {
    moved(average, value, (decay, 0), launch)
}

/// [`average`](fn@average) with the decay of an update by Adam.
///
/// # Panics
/// If the shapes differ.
pub fn average_in_step<const D: usize>(average: Tensor<D>, value: Tensor<D>, step: &AdamStep) -> Tensor<D> {
    moved(average, value, (step.numbers.clone(), DECAY), step.launch)
}

fn moved<const D: usize>(
    average: Tensor<D>,
    value: Tensor<D>,
    (numbers, place): (Tensor<1>, usize),
    launch: Launch,
) -> Tensor<D> {
    assert_eq!(average.dims(), value.dims(), "average: the shapes must match");
    let [average, value] = [average, value].map(Tensor::into_dispatch);
    Tensor::from_dispatch(<Dispatch as AverageOps>::average(average, value, numbers.into_dispatch(), place, launch))
}

/// Moving averages on each backend.
#[backend_extension(Cube, Flex)]
pub trait AverageOps: Backend {
    /// [`average`](fn@average), with the decay at a place of `numbers`.
    fn average(
        average: FloatTensor<Self>,
        value: FloatTensor<Self>,
        numbers: FloatTensor<Self>,
        place: usize,
        launch: Launch,
    ) -> FloatTensor<Self>;
}
