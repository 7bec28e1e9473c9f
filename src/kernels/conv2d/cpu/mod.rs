//! Convolution on the CPU.

mod matrix;
mod mirror;
mod patches;
mod strict;
mod weight_sums;
mod window;

use std::borrow::Cow;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::conv2d::residual::added;
use crate::kernels::conv2d::{Addend, Conv2dAddOps, Conv2dGradients, Conv2dOps, ConvShape, Leaks};
use crate::kernels::host::elementwise::map;
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::strict::settled;
use crate::kernels::host::sums::sum;
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;
use crate::kernels::leaky_relu::{LeakyReluGradients, LeakyReluOps};
use mirror::Mirror;
use patches::{patch_products, scattered_products};
use weight_sums::weight_sums;
use window::Window;

impl Conv2dOps for Flex {
    /// A pass of its own applies the leaky ReLU: it costs little beside the products of matrices.
    fn conv2d(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        shape: ConvShape,
        leaks: Leaks,
        launch: Launch,
    ) -> FlexTensor {
        if launch.is_strict() {
            return map(strict_sums(x, weight, bias, shape, leaks, launch), settled);
        }
        let convolution = Convolution::new(x.layout().shape().dims(), &weight, shape);
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let kernel = convolution.kernel(elements(&weight));
        let products = if convolution.is_mirrored() { scattered_products } else { patch_products };
        let y = products(&convolution.window, &kernel, elements(&x), elements(&bias));
        let y = tensor(y, convolution.output_dims);
        if leaks.after { Self::leaky_relu(y, launch) } else { y }
    }
}

impl Conv2dAddOps for Flex {
    fn conv2d_add(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        addend: FlexTensor,
        form: Addend,
        shape: ConvShape,
        launch: Launch,
    ) -> FlexTensor {
        if launch.is_strict() && !matches!(form, Addend::Enlarged(_)) {
            // The kernel adds before it writes.
            let sums = strict_sums(x, weight, bias, shape, Leaks::default(), launch);
            return map(added::<Self>(sums, addend, form, launch), settled);
        }
        added::<Self>(Self::conv2d(x, weight, bias, shape, Leaks::default(), launch), addend, form, launch)
    }
}

impl Conv2dGradients for Flex {
    fn input_gradient(
        x: [usize; 4],
        values: Option<FlexTensor>,
        weight: FlexTensor,
        gradient: FlexTensor,
        shape: ConvShape,
        launch: Launch,
    ) -> FlexTensor {
        let x_gradient = if launch.is_strict() {
            strict::input_gradient(x, weight, gradient, shape)
        } else {
            plain_input_gradient(x, &weight, gradient, shape)
        };
        let before = match values {
            Some(values) => Self::leaky_relu_gradient(values, x_gradient, launch),
            None => x_gradient,
        };
        if launch.is_strict() { map(before, settled) } else { before }
    }

    fn parameter_gradients(
        x: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        shape: ConvShape,
        launch: Launch,
    ) -> [FlexTensor; 2] {
        if launch.is_strict() {
            return strict::parameter_gradients(x, &weight, gradient, shape);
        }
        let convolution = Convolution::new(x.layout().shape().dims(), &weight, shape);
        let [x, gradient] = [x, gradient].map(contiguous);
        let (seen, other) = (elements(&x), elements(&gradient));
        let weight_gradient = match &convolution.mirror {
            None => weight_sums(&convolution.window, seen, other),
            Some(mirror) => mirror.kernel_gradient(&weight_sums(&convolution.window, other, seen)),
        };
        [tensor(weight_gradient, weight.layout().shape().clone()), channel_sums(&gradient)]
    }
}

/// A convolution in strict arithmetic behind a leaky ReLU, if there is one, not yet settled.
fn strict_sums(
    x: FlexTensor,
    weight: FlexTensor,
    bias: FlexTensor,
    shape: ConvShape,
    leaks: Leaks,
    launch: Launch,
) -> FlexTensor {
    let y = strict::convolved(x, weight, elements(&contiguous(bias)), shape);
    if leaks.after { Flex::leaky_relu(y, launch) } else { y }
}

fn plain_input_gradient(x: [usize; 4], weight: &FlexTensor, gradient: FlexTensor, shape: ConvShape) -> FlexTensor {
    let convolution = Convolution::new(x, weight, shape);
    let [weight, gradient] = [weight.clone(), gradient].map(contiguous);
    let kernel = convolution.kernel(elements(&weight));
    let products = if convolution.is_mirrored() { patch_products } else { scattered_products };
    let no_bias = vec![0.0; x[1]];
    tensor(products(&convolution.window, &kernel, elements(&gradient), &no_bias), x)
}

/// How to compute a convolution. A window moves over one of its sides, and a matrix maps what the window sees to the
/// channels of the other side.
///
/// Patches are copies, and fewer are better, so the window moves over the side with fewer channels: the input or, if
/// the stride allows it, the output. If the input is enlarged, the window always moves over the output, and no enlarged
/// copy is needed.
struct Convolution {
    window: Window,
    /// Present if the window moves over the output.
    mirror: Option<Mirror>,
    output_dims: [usize; 4],
}

impl Convolution {
    /// A convolution of `x` `[batch, in, height, width]` with `weight` `[out, in, size, size]`.
    ///
    /// # Panics
    /// If channels do not match, or an enlarging kernel has an even size.
    fn new(x: [usize; 4], weight: &FlexTensor, ConvShape { stride, enlarge }: ConvShape) -> Self {
        let [batch, inputs, height, width] = x;
        let [outputs, weight_inputs, size, _] = weight.layout().shape().dims();
        assert_eq!(inputs, weight_inputs, "conv2d: the input's channels and the weight's must match");
        assert!(!enlarge || size % 2 == 1 && stride == 1, "conv2d: enlarging goes with odd kernels, stride 1");
        let scale = if enlarge { 2 } else { 1 };
        let padding = (size - 1) / 2;
        let input = [height, width];
        let output = input.map(|side| (scale * side + 2 * padding - size) / stride + 1);
        let output_dims = [batch, outputs, output[0], output[1]];
        if enlarge || stride == 1 && size > 1 && outputs < inputs {
            let mirror = Mirror { outputs, inputs, size, scale };
            let window = Window::new(outputs, output, mirror.mirrored_size(), size - 1 - padding, scale, input);
            return Self { window, mirror: Some(mirror), output_dims };
        }
        Self { window: Window::new(inputs, input, size, padding, stride, output), mirror: None, output_dims }
    }

    fn is_mirrored(&self) -> bool {
        self.mirror.is_some()
    }

    /// The matrix, `[channels of the other side, window.patch_len()]`.
    fn kernel<'a>(&self, weight: &'a [f32]) -> Cow<'a, [f32]> {
        match &self.mirror {
            None => Cow::Borrowed(weight),
            Some(mirror) => Cow::Owned(mirror.mirrored(weight)),
        }
    }
}

/// The sum of each channel, `[channels]`.
fn channel_sums(x: &FlexTensor) -> FlexTensor {
    let [batch, channels, height, width] = x.layout().shape().dims();
    let x = elements(x);
    let plane = |image: usize, channel: usize| &x[(image * channels + channel) * height * width..][..height * width];
    let mut out = vec![0.0; channels];
    for_each_piece(&mut out, 1, |channel, out| {
        out[0] = (0..batch).map(|image| sum(plane(image, channel))).sum();
    });
    tensor(out, [channels])
}
