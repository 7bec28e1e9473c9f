//! Convolution on the GPU, as implicit matrix products.

mod bias;
mod channel_sum;
mod fold;
mod geometry;
mod plan;
mod simple;
mod tiled;
mod variants;

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

pub use variants::variants;

use crate::kernels::conv2d::{Conv2dGradients, Conv2dOps, ConvShape};
use crate::kernels::launch::Launch;
use geometry::Geometry;

impl Conv2dOps for CubeBackend {
    fn conv2d(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, shape: ConvShape, launch: Launch) -> CubeTensor {
        let geometry = Geometry::new(x.shape().dims(), weight.shape().dims(), shape);
        let [x, weight, bias] = [x, weight, bias].map(into_contiguous);
        if shape.enlarge {
            input_gradient(&geometry, &x, &fold::fold(&weight, launch), Some(&bias), launch)
        } else {
            forward(&geometry, &x, &weight, Some(&bias), launch)
        }
    }
}

impl Conv2dGradients for CubeBackend {
    fn input_gradient(
        x: [usize; 4],
        weight: CubeTensor,
        gradient: CubeTensor,
        shape: ConvShape,
        launch: Launch,
    ) -> CubeTensor {
        let geometry = Geometry::new(x, weight.shape().dims(), shape);
        let [weight, gradient] = [weight, gradient].map(into_contiguous);
        if shape.enlarge {
            forward(&geometry, &gradient, &fold::fold(&weight, launch), None, launch)
        } else {
            input_gradient(&geometry, &gradient, &weight, None, launch)
        }
    }

    fn parameter_gradients(
        x: CubeTensor,
        weight: CubeTensor,
        gradient: CubeTensor,
        shape: ConvShape,
        launch: Launch,
    ) -> [CubeTensor; 2] {
        let geometry = Geometry::new(x.shape().dims(), weight.shape().dims(), shape);
        let [x, gradient] = [x, gradient].map(into_contiguous);
        if shape.enlarge {
            let [folded, _] = parameter_gradients(&geometry, &gradient, &x, launch);
            [fold::unfold(&folded, &weight, launch), channel_sum::channel_sum(&gradient, launch)]
        } else {
            parameter_gradients(&geometry, &x, &gradient, launch)
        }
    }
}

fn forward(
    geometry: &Geometry,
    x: &CubeTensor,
    weight: &CubeTensor,
    bias: Option<&CubeTensor>,
    launch: Launch,
) -> CubeTensor {
    match plan::forward(geometry, launch.class()) {
        Some(tiling) => tiled::forward(geometry, tiling, [x, weight], bias, launch),
        None => simple::forward(geometry, x, weight, bias, launch),
    }
}

fn input_gradient(
    geometry: &Geometry,
    y: &CubeTensor,
    weight: &CubeTensor,
    bias: Option<&CubeTensor>,
    launch: Launch,
) -> CubeTensor {
    match plan::input_gradient(geometry, launch.class()) {
        Some(tiling) => tiled::input_gradient(geometry, tiling, [y, weight], bias, launch),
        None => simple::input_gradient(geometry, y, weight, bias, launch),
    }
}

fn parameter_gradients(geometry: &Geometry, x: &CubeTensor, y: &CubeTensor, launch: Launch) -> [CubeTensor; 2] {
    match plan::weight_gradient(geometry, launch.class()) {
        Some(tiling) => tiled::parameter_gradients(geometry, tiling, [x, y], launch),
        None => simple::parameter_gradients(geometry, x, y, launch),
    }
}
