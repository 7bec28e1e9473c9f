//! Convolution on the GPU, as implicit matrix products.

mod bounds;
mod channel_sum;
mod finish;
mod fold;
mod geometry;
mod parts;
mod plan;
mod simple;
mod sums;
mod tiled;
mod variants;
mod weights;
mod winograd;

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

pub use bounds::most_submitted;
pub use geometry::Geometry;
pub use parts::launched;
#[cfg(feature = "checks")]
pub use plan::distinct_classes;
pub use simple::slices;
pub use variants::variants;
#[cfg(feature = "checks")]
pub use winograd::fits as fits_winograd;

use crate::kernels::conv2d::residual::added;
use crate::kernels::conv2d::{Addend, Conv2dAddOps, Conv2dGradients, Conv2dOps, ConvShape, Leaks};
use crate::kernels::launch::Launch;
use finish::{Epilogue, Finish};
use parts::Parts;
use sums::Partial;
use weights::{Order, Weights};

impl Conv2dOps for CubeBackend {
    fn conv2d(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        shape: ConvShape,
        leaks: Leaks,
        launch: Launch,
    ) -> CubeTensor {
        let bias = into_contiguous(bias);
        let epilogue = if leaks.after { Epilogue::LeakyRelu } else { Epilogue::None };
        convolved(x, weight, Finish { bias: Some(&bias), epilogue, other: None }, shape, launch)
    }
}

impl Conv2dAddOps for CubeBackend {
    fn conv2d_add(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        addend: CubeTensor,
        form: Addend,
        shape: ConvShape,
        launch: Launch,
    ) -> CubeTensor {
        let geometry = Geometry::new(x.shape().dims(), weight.shape().dims(), shape);
        let Some(epilogue) = Epilogue::adding(form, &geometry, launch) else {
            return added::<Self>(Self::conv2d(x, weight, bias, shape, Leaks::default(), launch), addend, form, launch);
        };
        let [bias, addend] = [bias, addend].map(into_contiguous);
        let finish = Finish { bias: Some(&bias), epilogue, other: Some(&addend) };
        convolved(x, weight, finish, shape, launch)
    }
}

/// A convolution in the forward direction.
fn convolved(x: CubeTensor, weight: CubeTensor, finish: Finish, shape: ConvShape, launch: Launch) -> CubeTensor {
    let geometry = Geometry::new(x.shape().dims(), weight.shape().dims(), shape);
    let [x, weight] = [x, weight].map(into_contiguous);
    let weights = Weights { parameter: &weight, enlarges: shape.enlarge };
    if shape.enlarge {
        input_gradient(&geometry, &x, weights, finish, launch)
    } else {
        forward(&geometry, &x, weights, finish, launch)
    }
}

impl Conv2dGradients for CubeBackend {
    fn input_gradient(
        x: [usize; 4],
        values: Option<CubeTensor>,
        weight: CubeTensor,
        gradient: CubeTensor,
        shape: ConvShape,
        launch: Launch,
    ) -> CubeTensor {
        let geometry = Geometry::new(x, weight.shape().dims(), shape);
        let [weight, gradient] = [weight, gradient].map(into_contiguous);
        let weights = Weights { parameter: &weight, enlarges: shape.enlarge };
        let values = values.map(into_contiguous);
        let finish = Finish::slopes(values.as_ref());
        if shape.enlarge {
            forward(&geometry, &gradient, weights, finish, launch)
        } else {
            input_gradient(&geometry, &gradient, weights, finish, launch)
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
            let folded = partial_gradients(&geometry, &gradient, &x, launch);
            let shares = channel_sum::channel_sum(&gradient, launch);
            sums::views(&fold::unfold(folded, &geometry, &shares, launch), weight.shape().dims())
        } else {
            let partial = partial_gradients(&geometry, &x, &gradient, launch);
            sums::views(&partial.added(&geometry, launch), weight.shape().dims())
        }
    }
}

fn forward(geometry: &Geometry, x: &CubeTensor, weights: Weights, finish: Finish, launch: Launch) -> CubeTensor {
    let parts = Parts::of(geometry, launch);
    if let Some(winograd) = winograd::forward(geometry, parts.count, launch) {
        return winograd.convolved(parts, x, weights.parameter, finish, launch);
    }
    match plan::forward(geometry, parts.count, launch.class()) {
        Some(tiling) => tiled::forward(geometry, parts, tiling, x, weights, finish, launch),
        None => simple::forward(geometry, x, &weights.ordered(Order::Taps, launch), finish, launch),
    }
}

fn input_gradient(geometry: &Geometry, y: &CubeTensor, weights: Weights, finish: Finish, launch: Launch) -> CubeTensor {
    let parts = Parts::of(geometry, launch);
    if let Some(winograd) = winograd::input_gradient(geometry, parts.count, launch) {
        return winograd.convolved(parts, y, weights.parameter, finish, launch);
    }
    match plan::input_gradient(geometry, parts.count, launch.class()) {
        Some(tiling) => tiled::input_gradient(geometry, parts, tiling, y, weights, finish, launch),
        None => simple::input_gradient(geometry, y, &weights.ordered(Order::Taps, launch), finish, launch),
    }
}

/// Partial sums of the gradients of weights and bias.
fn partial_gradients(geometry: &Geometry, x: &CubeTensor, y: &CubeTensor, launch: Launch) -> Partial {
    let parts = Parts::of(geometry, launch);
    match plan::weight_gradient(geometry, parts.count, launch.class()) {
        Some(tiling) => tiled::parameter_gradients(geometry, parts, tiling, [x, y], launch),
        None => simple::parameter_gradients(geometry, x, y, launch),
    }
}
