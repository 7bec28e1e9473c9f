//! The weights of a convolution, in the order that its kernels read.

use burn::backend::TensorMetadata;
use burn_wgpu::CubeTensor;

use super::fold;
use super::geometry::Geometry;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

/// The weights as parameters, contiguous: `[outputs, inputs, kernel, kernel]`.
#[derive(Debug, Clone, Copy)]
pub struct Weights<'a> {
    pub parameter: &'a CubeTensor,
    /// Whether the convolution enlarges its input. Then the outputs of the geometry, which is that of the transposed
    /// convolution, are the inputs of the parameter.
    pub enlarges: bool,
}

/// Which weights lie side by side, as the geometry calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The taps of an output and an input, as in parameters.
    Taps,
    /// Those of all outputs, for an input and a tap.
    Outputs,
    /// Those of all inputs, for an output and a tap.
    Inputs,
}

impl Order {
    /// How far apart the weights of neighbouring outputs, inputs and taps lie.
    pub fn sized(self, shader: Shader, geometry: &Geometry) -> Shader {
        let Geometry { outputs, inputs, .. } = *geometry;
        let taps = geometry.taps();
        let [output, input, tap] = match self {
            Self::Taps => [inputs * taps, taps, 1],
            Self::Outputs => [1, outputs, outputs * inputs],
            Self::Inputs => [inputs, 1, outputs * inputs],
        };
        shader.with(&[("W_OUTPUT", output), ("W_INPUT", input), ("W_TAP", tap)])
    }
}

impl Weights<'_> {
    /// The weights in an order.
    pub fn ordered(&self, order: Order, launch: Launch) -> CubeTensor {
        match order {
            Order::Taps if self.enlarges => fold::fold(self.parameter, launch),
            Order::Taps => self.parameter.clone(),
            Order::Outputs | Order::Inputs => self.packed(order, launch),
        }
    }

    fn packed(&self, order: Order, launch: Launch) -> CubeTensor {
        let dims @ [outputs, inputs, kernel, _] = self.parameter.shape().dims();
        let side = kernel + usize::from(self.enlarges);
        let packed = launch.output(self.parameter, [side * side, outputs * inputs]);
        let grid = launch.elementwise(outputs * inputs);
        pack_shader(dims, self.enlarges, order).launch(grid, &[self.parameter, &packed], &[]);
        packed
    }
}

/// The kernel that packs a parameter `[outputs, inputs, kernel, kernel]`.
pub fn pack_shader([outputs, inputs, kernel, _]: [usize; 4], enlarges: bool, order: Order) -> Shader {
    // An enlarging convolution is a transposed one, which swaps inputs and outputs.
    let outputs_first = (order == Order::Outputs) != enlarges;
    let [output, input] = if outputs_first { [1, outputs] } else { [inputs, 1] };
    shader!("conv2d_pack").with(&[
        ("INPUTS", inputs),
        ("OUTPUTS", outputs),
        ("KERNEL", kernel),
        ("FOLDS", usize::from(enlarges)),
        ("P_OUTPUT", output),
        ("P_INPUT", input),
    ])
}
