//! Sums of rows on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::CubeTensor;

use crate::kernels::conv2d::Conv2dGradients;
use crate::kernels::launch::Launch;
use crate::kernels::linear::{PIXEL, WeightedRowsOps};

impl WeightedRowsOps for CubeBackend {
    /// They are the gradient of the input of a convolution whose kernel is the table.
    fn weighted_rows(weights: CubeTensor, table: CubeTensor, launch: Launch) -> CubeTensor {
        let (batch, features) = (weights.shape()[0], table.shape()[1]);
        Self::input_gradient([batch, features, 1, 1], None, table, weights, PIXEL, launch)
    }
}
