//! Sums of rows on the CPU, in strict arithmetic.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::conv2d::Conv2dGradients;
use crate::kernels::launch::Launch;
use crate::kernels::linear::{PIXEL, WeightedRowsOps};

impl WeightedRowsOps for Flex {
    /// As on GPUs, they are the gradient of the input of a convolution whose kernel is the table.
    fn weighted_rows(weights: FlexTensor, table: FlexTensor, launch: Launch) -> FlexTensor {
        let (batch, features) = (weights.layout().shape()[0], table.layout().shape()[1]);
        Self::input_gradient([batch, features, 1, 1], None, table, weights, PIXEL, launch)
    }
}
