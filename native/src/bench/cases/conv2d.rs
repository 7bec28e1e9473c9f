//! Convolutions and linear layers; the same kernels compute both.

use burn::tensor::Tensor;
use slgan::kernels::conv2d::{ConvShape, conv2d_with};
use slgan::kernels::launch::Launch;
use slgan::kernels::linear::linear_with;
use slgan_stock::{CLASSIFIER_KERNEL, Convolution, ops};

use super::bench::{Bench, Case, Prepare, backward, forward, lifted};

const NAMES: [&str; 3] = ["conv2d_forward", "conv2d_input_gradient", "conv2d_weight_gradient"];

/// The three calls of [`NAMES`]. `run` takes whether the input and the parameters are tracked.
fn passes<const D: usize>(run: impl Fn([bool; 2]) -> Tensor<D> + Clone + 'static) -> [Prepare; 3] {
    let [a, b, c] = [run.clone(), run.clone(), run];
    [forward(move || a([false, false])), backward(move || b([true, false])), backward(move || c([false, true]))]
}

impl Bench {
    pub fn convolutions(&self) -> Vec<Case> {
        self.sizes.convolutions(self.batch).into_iter().flat_map(|each| self.convolution(each)).collect()
    }

    fn convolution(&self, convolution: Convolution) -> Vec<Case> {
        let Convolution { x, weight, stride, enlarge } = convolution;
        let work = work(&convolution);
        let label = (x, weight, stride, if enlarge { "enlarging" } else { "plain" });
        let (values, factors, bias) = (self.draw(x), self.draw(weight), self.draw([weight[0]]));
        let inputs = move |[tracks_input, tracks_weight]: [bool; 2]| {
            let bias: Tensor<1> = lifted(&bias, tracks_weight);
            (lifted(&values, tracks_input), lifted(&factors, tracks_weight), bias)
        };
        let (given, launch) = (inputs.clone(), Launch::of(self.class));
        let ours = move |tracks| {
            let (x, weight, bias) = given(tracks);
            conv2d_with(x, weight, bias, ConvShape { stride, enlarge }, launch)
        };
        let stock = move |tracks| {
            let (x, weight, bias) = inputs(tracks);
            let x = if enlarge { ops::enlargement().forward(x) } else { x };
            ops::conv2d(weight, bias, stride).forward(x)
        };
        let calls = NAMES.into_iter().zip(passes(ours)).zip(passes(stock));
        calls.map(|((name, ours), stock)| self.case(name, label, work, ours, stock)).collect()
    }

    /// The first layer of the generator, and the last layer of the classifier. Stock is `burn::nn::Linear`.
    pub fn linear_layers(&self) -> Vec<Case> {
        let sizes = &self.sizes;
        let first = sizes.generator_widths[0] * sizes.base_size * sizes.base_size;
        [[self.batch, sizes.latent_dim, first], [self.batch, sizes.features(CLASSIFIER_KERNEL), sizes.labels]]
            .into_iter()
            .flat_map(|sizes| self.linear(sizes))
            .collect()
    }

    fn linear(&self, [batch, inputs, outputs]: [usize; 3]) -> Vec<Case> {
        let work = [2 * batch * inputs * outputs, batch * inputs + batch * outputs + inputs * outputs];
        let label = ([batch, inputs], [outputs, inputs], "linear");
        // burn stores the transpose of our weight.
        let (weight, transposed) = (self.draw([outputs, inputs]), self.draw([inputs, outputs]));
        let (x, bias) = (self.draw([batch, inputs]), self.draw([outputs]));
        let others = move |[tracks_input, tracks_weight]: [bool; 2]| {
            let bias: Tensor<1> = lifted(&bias, tracks_weight);
            let x: Tensor<2> = lifted(&x, tracks_input);
            (x, bias)
        };
        let (given, launch) = (others.clone(), Launch::of(self.class));
        let ours = move |tracks: [bool; 2]| {
            let (x, bias) = given(tracks);
            linear_with(x, lifted(&weight, tracks[1]), bias, launch)
        };
        let stock = move |tracks: [bool; 2]| {
            let (x, bias) = others(tracks);
            ops::linear(lifted(&transposed, tracks[1]), bias).forward(x)
        };
        let calls = NAMES.into_iter().zip(passes(ours)).zip(passes(stock));
        calls.map(|((name, ours), stock)| self.case(name, label, work, ours, stock)).collect()
    }
}

/// Floating-point operations, and numbers to move.
fn work(convolution: &Convolution) -> [usize; 2] {
    let Convolution { x: [batch, inputs, height, width], weight: [outputs, _, size, _], stride, enlarge } =
        *convolution;
    // An enlarging convolution works at the input's size, with a kernel of one more row and column.
    let (pixels, taps) = match enlarge {
        true => (height * width, (size + 1) * (size + 1)),
        false => (height.div_ceil(stride) * width.div_ceil(stride), size * size),
    };
    let y_len = batch * outputs * if enlarge { 4 * pixels } else { pixels };
    let numbers = batch * inputs * height * width + y_len + outputs * inputs * size * size;
    [2 * batch * outputs * pixels * inputs * taps, numbers]
}
