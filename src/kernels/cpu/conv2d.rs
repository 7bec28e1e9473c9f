//! Convolution on the CPU: what the kernel sees of an image as a matrix, times the weights.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::matrix::{Matrix, Output, multiply};
use super::parallel::for_each_piece;
use super::phases::{Phase, Phases};
use super::scratch::with_scratch;
use super::tensor::{contiguous, elements, tensor};
use crate::kernels::conv2d::{Conv2dGradients, Conv2dOps};

/// Images whose weight gradients are added up one after the other. Fixed, so that the order of the sum is.
const IMAGES_PER_SUM: usize = 8;

impl Conv2dOps for Flex {
    fn convolve(x: FlexTensor, weight: FlexTensor, bias: FlexTensor, stride: usize, enlarge: bool) -> FlexTensor {
        let phases = Phases::new(&x, &weight, stride, enlarge);
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let (x, bias) = (elements(&x), elements(&bias));
        let kernels = folded_kernels(&phases, elements(&weight));
        let plane_len = phases.output[0] * phases.output[1];
        let mut out = vec![0.0; phases.batch * phases.output_len()];
        for_each_piece(&mut out, phases.output_len(), |image, out| {
            let image = &x[image * phases.input_len()..][..phases.input_len()];
            for (phase, kernel) in phases.phases.iter().zip(&kernels) {
                forward(&phases, phase, kernel, image, out);
            }
            for (plane, &bias) in out.chunks_exact_mut(plane_len).zip(bias) {
                plane.iter_mut().for_each(|y| *y += bias);
            }
        });
        tensor(out, [phases.batch, phases.outputs, phases.output[0], phases.output[1]])
    }
}

impl Conv2dGradients for Flex {
    fn input_gradient(
        x: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
        enlarge: bool,
    ) -> FlexTensor {
        let phases = Phases::new(&x, &weight, stride, enlarge);
        let [weight, gradient] = [weight, gradient].map(contiguous);
        let gradient = elements(&gradient);
        let kernels = folded_kernels(&phases, elements(&weight));
        let mut out = vec![0.0; phases.batch * phases.input_len()];
        for_each_piece(&mut out, phases.input_len(), |image, out| {
            let gradient = &gradient[image * phases.output_len()..][..phases.output_len()];
            for (phase, kernel) in phases.phases.iter().zip(&kernels) {
                let (len, positions) = (phase.window.patch_len(), phase.window.positions());
                let sizes = [len, phases.outputs, positions];
                with_share(&phases, phase, gradient, |share| {
                    let transposed = Matrix::columns(kernel, len);
                    if phase.window.is_identity() {
                        return multiply(out, Output::Add, transposed, Matrix::rows(share, positions), sizes);
                    }
                    with_scratch(len * positions, |patches| {
                        multiply(patches, Output::Replace, transposed, Matrix::rows(share, positions), sizes);
                        phase.window.add_patches(patches, out);
                    });
                });
            }
        });
        tensor(out, x.layout().shape().clone())
    }

    fn parameter_gradients(
        x: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        stride: usize,
        enlarge: bool,
    ) -> [FlexTensor; 2] {
        let phases = Phases::new(&x, &weight, stride, enlarge);
        let [x, gradient] = [x, gradient].map(contiguous);
        let bias_gradient = channel_sums(&gradient);
        [weight_gradient(&phases, &x, &weight, &gradient), bias_gradient]
    }
}

fn weight_gradient(phases: &Phases, x: &FlexTensor, weight: &FlexTensor, gradient: &FlexTensor) -> FlexTensor {
    let (x, gradient) = (elements(x), elements(gradient));
    let shape = weight.layout().shape().clone();
    let weight_len = shape.num_elements();
    let mut sums = vec![0.0; phases.batch.div_ceil(IMAGES_PER_SUM) * weight_len];
    for_each_piece(&mut sums, weight_len, |group, sum| {
        let first = group * IMAGES_PER_SUM;
        let images = first..(first + IMAGES_PER_SUM).min(phases.batch);
        for phase in &phases.phases {
            let mut kernel_gradient = vec![0.0; phases.outputs * phase.window.patch_len()];
            for image in images.clone() {
                let gradient = &gradient[image * phases.output_len()..][..phases.output_len()];
                let image = &x[image * phases.input_len()..][..phases.input_len()];
                add_kernel_gradient(phases, phase, image, gradient, &mut kernel_gradient);
            }
            phases.unfold(phase, &kernel_gradient, sum);
        }
    });
    tensor(added_up(sums, weight_len), shape)
}

/// The sum of each channel, `[channels]`.
fn channel_sums(x: &FlexTensor) -> FlexTensor {
    let [batch, channels, height, width] = x.layout().shape().dims();
    let x = elements(x);
    let plane = |image: usize, channel: usize| &x[(image * channels + channel) * height * width..][..height * width];
    let mut out = vec![0.0; channels];
    for_each_piece(&mut out, 1, |channel, out| {
        out[0] = (0..batch).map(|image| super::batch_norm::sum(plane(image, channel))).sum();
    });
    tensor(out, [channels])
}

fn folded_kernels(phases: &Phases, weight: &[f32]) -> Vec<Vec<f32>> {
    phases.phases.iter().map(|phase| phases.folded(phase, weight)).collect()
}

/// Writes a phase's share of an output image.
fn forward(phases: &Phases, phase: &Phase, kernel: &[f32], image: &[f32], out: &mut [f32]) {
    let (len, positions) = (phase.window.patch_len(), phase.window.positions());
    let sizes = [phases.outputs, len, positions];
    with_patches(phase, image, |patches| {
        let (kernel, patches) = (Matrix::rows(kernel, len), Matrix::rows(patches, positions));
        if phases.is_plain() {
            return multiply(out, Output::Replace, kernel, patches, sizes);
        }
        with_scratch(phases.outputs * positions, |share| {
            multiply(share, Output::Replace, kernel, patches, sizes);
            phases.share(phase, |whole, part| out[whole] = share[part]);
        });
    });
}

/// Adds one image's gradient of a phase's kernel.
fn add_kernel_gradient(phases: &Phases, phase: &Phase, image: &[f32], gradient: &[f32], sum: &mut [f32]) {
    let (len, positions) = (phase.window.patch_len(), phase.window.positions());
    with_share(phases, phase, gradient, |share| {
        with_patches(phase, image, |patches| {
            let transposed = Matrix::columns(patches, positions);
            multiply(sum, Output::Add, Matrix::rows(share, positions), transposed, [phases.outputs, positions, len]);
        });
    });
}

/// Calls `work` with what a phase sees of an image, `[patch_len, positions]`.
fn with_patches(phase: &Phase, image: &[f32], work: impl FnOnce(&[f32])) {
    if phase.window.is_identity() {
        return work(image);
    }
    with_scratch(phase.window.patch_len() * phase.window.positions(), |patches| {
        phase.window.patches(image, patches);
        work(patches);
    });
}

/// Calls `work` with a phase's share of an output image, `[outputs, positions]`.
fn with_share(phases: &Phases, phase: &Phase, image: &[f32], work: impl FnOnce(&[f32])) {
    if phases.is_plain() {
        return work(image);
    }
    with_scratch(phases.outputs * phase.window.positions(), |share| {
        phases.share(phase, |whole, part| share[part] = image[whole]);
        work(share);
    });
}

/// The groups of `sums`, each `len` long, added to the first in order.
fn added_up(mut sums: Vec<f32>, len: usize) -> Vec<f32> {
    let (total, rest) = sums.split_at_mut(len);
    for group in rest.chunks_exact(len) {
        total.iter_mut().zip(group).for_each(|(total, x)| *total += x);
    }
    sums.truncate(len);
    sums
}
