//! Winograd's convolution F(2x2, 3x3), for GPUs (Lavin and Gray, 2016, "Fast Algorithms for Convolutional Neural
//! Networks"): four multiplications per pixel and pair of channels instead of nine.
//!
//! The gradient of the input is such a convolution too, with turned kernels.

use burn_wgpu::CubeTensor;

use super::finish::{Constants, Finish};
use super::geometry::Geometry;
use super::parts::Parts;
use super::plan::{SHORTEST_SHARE, wanted};
use super::tiled::{added, partial};
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

/// Fewest channels, in and out, and pixels along an axis. With fewer, the transforms take too much of the time.
const FEWEST_CHANNELS: usize = 64;
const FEWEST_PIXELS: usize = 8;

/// Outputs of a workgroup, and 2x2 squares of pixels.
const TILE: usize = 32;

/// Channels in a step of the sum.
const DEPTH: usize = 4;

/// Multiplications per pixel and pair of channels.
const PRODUCTS: usize = 4;

/// Pixels in a vector.
const VECTOR: usize = 4;

/// Elements of the transformed kernels.
const ELEMENTS_OF_KERNEL: usize = 16;

/// A convolution, or the gradient of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Winograd {
    batch: usize,
    /// Channels in and out; of a gradient, those of the convolution the other way round.
    inputs: usize,
    outputs: usize,
    side: [usize; 2],
    /// Whether it is the gradient of the input.
    turns: bool,
    /// Shares of the sum over the channels.
    pub slices: usize,
}

/// The forward pass of a convolution in parts of the batch; none if it has other kernels.
pub fn forward(geometry: &Geometry, parts: usize, launch: Launch) -> Option<Winograd> {
    Winograd::plan(geometry, false, parts, launch)
}

/// The gradient of the input; none if it has other kernels.
pub fn input_gradient(geometry: &Geometry, parts: usize, launch: Launch) -> Option<Winograd> {
    Winograd::plan(geometry, true, parts, launch)
}

/// Whether a convolution can be Winograd's. The kernels load and store four pixels of a row at a time.
pub fn fits(geometry: &Geometry) -> bool {
    let [_, width] = geometry.input;
    geometry.kernel == 3 && geometry.stride == 1 && width.is_multiple_of(VECTOR)
}

impl Winograd {
    fn plan(geometry: &Geometry, turns: bool, parts: usize, launch: Launch) -> Option<Self> {
        let Geometry { batch, inputs, outputs, input: side, .. } = *geometry;
        let is_large = inputs.min(outputs) >= FEWEST_CHANNELS && side.into_iter().all(|pixels| pixels >= FEWEST_PIXELS);
        let is_chosen = launch.class() == DeviceClass::DiscreteWinograd && (is_large || launch.transforms_small());
        if !is_chosen || !fits(geometry) {
            return None;
        }
        let wanted = wanted(launch.class())?;
        let [inputs, outputs] = if turns { [outputs, inputs] } else { [inputs, outputs] };
        let whole = Self { batch, inputs, outputs, side, turns, slices: 1 };
        let longest = (inputs * PRODUCTS / SHORTEST_SHARE).min(inputs.div_ceil(DEPTH));
        let slices = wanted.div_ceil(whole.tiles()).min(longest).max(1);
        // Parts have so much to do that they need no shares of the sum.
        Some(if parts > 1 { whole } else { Self { slices, ..whole } })
    }

    /// The shape of the result.
    fn dims(self) -> [usize; 4] {
        [self.batch, self.outputs, self.side[0], self.side[1]]
    }

    fn tiles(self) -> usize {
        let [height, width] = self.side;
        let squares = self.batch * height.div_ceil(2) * width.div_ceil(2);
        self.outputs.div_ceil(TILE) * squares.div_ceil(TILE)
    }

    /// The kernel.
    pub fn shader(self, finish: Constants) -> Shader {
        let [height, width] = self.side;
        shader!("conv2d_winograd").with(&finish).with(&[
            ("BATCH", self.batch),
            ("INPUTS", self.inputs),
            ("OUTPUTS", self.outputs),
            ("HEIGHT", height),
            ("WIDTH", width),
            ("SLICES", self.slices),
        ])
    }

    /// Transformed weights: inputs by outputs, each filled up to whole tiles.
    fn matrix(self) -> [usize; 2] {
        [self.inputs.next_multiple_of(DEPTH), self.outputs.next_multiple_of(TILE)]
    }

    /// The kernel that transforms the weights.
    pub fn weights_shader(self) -> Shader {
        let [rows, columns] = self.matrix();
        let [inputs, outputs] = if self.turns { [self.outputs, self.inputs] } else { [self.inputs, self.outputs] };
        shader!("conv2d_winograd_weights").with(&[
            ("INPUTS", inputs),
            ("OUTPUTS", outputs),
            ("TURNS", usize::from(self.turns)),
            ("K", rows),
            ("M", columns),
        ])
    }

    /// `[16, inputs, outputs]`, from the weights as parameters hold them.
    fn transformed(self, weight: &CubeTensor, launch: Launch) -> CubeTensor {
        let [rows, columns] = self.matrix();
        let transformed = launch.output(weight, [ELEMENTS_OF_KERNEL, rows, columns]);
        self.weights_shader().launch(launch.elementwise(rows * columns), &[weight, &transformed], &[]);
        transformed
    }

    /// Convolves `x` with weights as parameters hold them. Both are contiguous.
    pub fn convolved(
        self,
        parts: Parts,
        x: &CubeTensor,
        weight: &CubeTensor,
        finish: Finish,
        launch: Launch,
    ) -> CubeTensor {
        let sums = partial(x, self.dims(), self.slices, launch);
        let (weight, first) = (self.transformed(weight, launch), finish.of_products(self.slices));
        let [bias, other] = [first.bound_bias(x, launch), first.bound_other(x, launch)];
        let part = Self { batch: parts.geometry.batch, ..self };
        let [columns, rows] = launch.spread(part.tiles());
        parts.each(x, launch, |number| {
            let [x, sums] = [x, &sums].map(|tensor| parts.of_tensor(tensor, number));
            let other = first.part_of(&other, &parts, number);
            let shader = part.shader(first.constants());
            shader.launch([columns, rows, self.slices], &[&x, &weight, &bias, &other, &sums], &[]);
        });
        added(sums, self.dims(), self.slices, finish, launch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv2d::ConvShape;

    fn geometry(x: [usize; 4], weight: [usize; 4], stride: usize, enlarge: bool) -> Geometry {
        Geometry::new(x, weight, ConvShape { stride, enlarge })
    }

    /// Whether the forward pass and the gradient of the input are Winograd's.
    fn transforms(geometry: &Geometry, launch: Launch) -> bool {
        let [one, other] = [forward(geometry, 1, launch), input_gradient(geometry, 1, launch)];
        assert_eq!(one.is_some(), other.is_some());
        one.is_some()
    }

    #[test]
    fn only_a_class_that_is_asked_for_transforms() {
        let large = geometry([64, 256, 32, 32], [256, 256, 3, 3], 1, false);
        for class in DeviceClass::FOUND {
            assert!(!transforms(&large, Launch::of(class)));
            assert!(!transforms(&large, Launch::of(class).transforming_small()));
        }
        assert!(transforms(&large, Launch::of(DeviceClass::DiscreteWinograd)));
    }

    #[test]
    fn only_large_layers_of_3x3_kernels_are_transformed() {
        let launch = Launch::of(DeviceClass::DiscreteWinograd);
        for (x, weight, stride, enlarge) in [
            ([64, 256, 32, 32], [256, 256, 1, 1], 1, false),
            ([64, 256, 32, 32], [256, 256, 3, 3], 2, false),
            ([64, 256, 16, 16], [256, 256, 3, 3], 1, true),
            ([64, 256, 16, 14], [256, 256, 3, 3], 1, false),
        ] {
            let other = geometry(x, weight, stride, enlarge);
            assert!(!fits(&other) && !transforms(&other, launch.transforming_small()), "{other:?}");
        }
        for (x, weight, expected) in [
            ([64, 64, 8, 8], [64, 64, 3, 3], true),
            ([64, 64, 9, 8], [70, 64, 3, 3], true),
            ([64, 63, 8, 8], [64, 63, 3, 3], false),
            ([64, 64, 32, 32], [3, 64, 3, 3], false),
            ([64, 256, 4, 4], [256, 256, 3, 3], false),
        ] {
            let layer = geometry(x, weight, 1, false);
            assert_eq!(transforms(&layer, launch), expected, "{layer:?}");
            assert!(transforms(&layer, launch.transforming_small()), "{layer:?}");
        }
    }

    /// A plan that changes gives other bits, so it must not change by accident.
    #[test]
    fn shares_keep_a_gpu_busy() {
        let launch = Launch::of(DeviceClass::DiscreteWinograd);
        let plans = |x, weight| {
            let geometry = geometry(x, weight, 1, false);
            [forward(&geometry, 1, launch), input_gradient(&geometry, 1, launch)]
                .map(|plan| plan.map(|plan| (plan.tiles(), plan.slices)))
        };
        assert_eq!(plans([64, 256, 32, 32], [256, 256, 3, 3]), [Some((4_096, 1)); 2]);
        assert_eq!(plans([64, 256, 8, 8], [256, 256, 3, 3]), [Some((256, 2)); 2]);
        assert_eq!(plans([64, 64, 8, 8], [64, 64, 3, 3]), [Some((64, 4)); 2]);
        assert_eq!(plans([64, 64, 8, 8], [128, 64, 3, 3]), [Some((128, 4)), Some((64, 8))]);
        let large = geometry([64, 64, 8, 8], [64, 64, 3, 3], 1, false);
        assert_eq!(forward(&large, 2, launch).map(|plan| plan.slices), Some(1));
    }

    /// What the kernel demands.
    #[test]
    fn every_share_has_a_step() {
        let launch = Launch::of(DeviceClass::DiscreteWinograd).transforming_small();
        for (inputs, outputs) in [(1, 1), (3, 70), (4, 5), (17, 2), (64, 64), (300, 1), (2_048, 3)] {
            let layer = geometry([2, inputs, 5, 4], [outputs, inputs, 3, 3], 1, false);
            for plan in [forward(&layer, 1, launch), input_gradient(&layer, 1, launch)] {
                let Winograd { inputs, slices, .. } = plan.expect("it fits");
                assert!((1..=inputs.div_ceil(DEPTH)).contains(&slices), "{inputs}: {slices}");
            }
        }
    }
}
