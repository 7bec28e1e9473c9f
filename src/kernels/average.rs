//! Exponential moving averages.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use super::stock;

/// `decay * average + (1 - decay) * value`, of plain tensors of any one shape.
///
/// # Panics
/// If the shapes differ.
pub fn average<const D: usize>(average: Tensor<D>, value: Tensor<D>, decay: f64) -> Tensor<D> {
    assert_eq!(average.dims(), value.dims(), "average: both are of one shape");
    if !stock::is_chosen() {
        // A tensor for the reason that Adam's numbers are one: decays are ramped up, step by step.
        let decay = Tensor::<1>::from_floats([decay as f32], &value.device()).into_dispatch();
        let [average, value] = [average, value].map(Tensor::into_dispatch);
        return Tensor::from_dispatch(<Dispatch as AverageOps>::move_average(average, value, decay));
    }
    average * decay + value * (1.0 - decay)
}

/// Moving averages on each backend.
#[backend_extension(Cube, Flex)]
pub trait AverageOps: Backend {
    /// [`average`], with a decay `[1]`.
    fn move_average(
        average: FloatTensor<Self>,
        value: FloatTensor<Self>,
        decay: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}
