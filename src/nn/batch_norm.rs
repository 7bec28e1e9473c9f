//! Batch normalisation with ReLU. Its statistics are part of the state.

use burn::module::{Module, Param};
use burn::tensor::{Tensor, activation};

use super::initializer::Initializer;
use crate::kernels::batch_norm::{EPSILON, batch_norm_relu_with};
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::linear::weighted_rows;
use crate::onnx::{Scope, Value};

/// Batch normalisation (Ioffe & Szegedy 2015) with ReLU. It is conditional if it has a row of parameters per label.
///
/// `mean` and `variance` hold the statistics of the last training batch. The moving average of the generator averages
/// them over time like any weight.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// `[rows, channels]`, where `rows` is 1 or the number of labels.
    scale: Param<Tensor<2>>,
    /// `[rows, channels]`.
    shift: Param<Tensor<2>>,
    /// `[channels]`.
    mean: Param<Tensor<1>>,
    /// `[channels]`.
    variance: Param<Tensor<1>>,
    /// The class of the device, which decides the kernels.
    #[module(skip)]
    class: DeviceClass,
}

/// Whether a parameter of this name is a statistic of a normalisation.
pub(super) fn is_statistic(name: &str) -> bool {
    let field = name.rsplit('.').next();
    field.is_some_and(|field| ["mean", "variance"].contains(&field))
}

/// Which statistics a normalisation uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistics {
    /// The statistics of this batch, which it then keeps.
    Batch,
    /// The kept statistics: every image is independent of the others in its batch.
    Kept,
}

impl BatchNorm {
    /// A normalisation of `channels` channels with `rows` rows of parameters.
    pub fn new(channels: usize, rows: usize, init: &Initializer) -> Self {
        Self {
            scale: init.ones([rows, channels]),
            shift: init.zeros([rows, channels]),
            mean: init.constant(Tensor::zeros([channels], init.device())),
            variance: init.constant(Tensor::ones([channels], init.device())),
            class: init.class(),
        }
    }

    /// `[batch, channels, height, width]` to the same shape. `labels` is `[batch, rows]`, and unused if `rows` is 1.
    pub fn forward(&mut self, x: Tensor<4>, labels: &Tensor<2>, statistics: Statistics) -> Tensor<4> {
        let (scale, shift) = (self.rows_of(&self.scale, labels), self.rows_of(&self.shift, labels));
        match statistics {
            Statistics::Batch => {
                let (y, mean, variance) = batch_norm_relu_with(x, scale, shift, Launch::of(self.class));
                self.mean = keep(&self.mean, mean);
                self.variance = keep(&self.variance, variance);
                y
            }
            Statistics::Kept => {
                let [rows, channels] = scale.dims();
                let scale = scale / (self.variance.val() + EPSILON).sqrt().unsqueeze();
                let shift = shift - self.mean.val().unsqueeze() * scale.clone();
                activation::relu(x * scale.reshape([rows, channels, 1, 1]) + shift.reshape([rows, channels, 1, 1]))
            }
        }
    }

    /// [`Self::forward`] with the kept statistics, for ONNX. `labels` are there if it is conditional.
    ///
    /// The statistics are folded into the tables, because the sums of rows are linear in them.
    pub fn describe(&self, x: &Value, labels: Option<&Value>, scope: &mut Scope) -> Value {
        let scale = self.scale.val() / (self.variance.val() + EPSILON).sqrt().unsqueeze();
        let shift = self.shift.val() - self.mean.val().unsqueeze() * scale.clone();
        let [scale, shift] =
            [("scale", scale), ("shift", shift)].map(|(name, table)| scope.channels(name, table, labels));
        let scaled = scope.multiply(x, &scale);
        let shifted = scope.add(&scaled, &shift);
        scope.relu(&shifted)
    }

    fn rows_of(&self, table: &Param<Tensor<2>>, labels: &Tensor<2>) -> Tensor<2> {
        match table.dims()[0] {
            1 => table.val(),
            _ => weighted_rows(labels.clone(), table.val(), Launch::of(self.class)),
        }
    }
}

/// Replaces a constant, on its device.
fn keep<const D: usize>(param: &Param<Tensor<D>>, value: Tensor<D>) -> Param<Tensor<D>> {
    param.clone().map(|old| if old.is_autodiff() { value.autodiff() } else { value })
}
