//! Batch normalisation with ReLU on the CPU, one channel or one image's plane at a time.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::batch_norm::planes::Inputs;
use crate::kernels::batch_norm::{BatchNormGradients, BatchNormOps, ChannelStatisticsOps, strict};
use crate::kernels::host::fresh::written;
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::sums::{sum, sums_by};
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;

impl ChannelStatisticsOps for Flex {
    fn channel_statistics(x: FlexTensor, launch: Launch) -> (FlexTensor, FlexTensor, FlexTensor) {
        let [batch, channels, height, width] = x.layout().shape().dims();
        let x = contiguous(x);
        let x = elements(&x);
        let len = height * width;
        let count = (batch * len) as f32;
        let plane = |image: usize, channel: usize| &x[(image * channels + channel) * len..][..len];
        if launch.is_strict() {
            return rows(&strict::statistics(x, [channels, len]));
        }
        let mut pairs = vec![[0.0; 2]; channels];
        for_each_piece(&mut pairs, 1, |channel, pair| {
            let mean = (0..batch).map(|image| sum(plane(image, channel))).sum::<f32>() / count;
            let squares = |image| {
                let [sum] =
                    sums_by(plane(image, channel), plane(image, channel), move |x, _| [(x - mean) * (x - mean)]);
                sum
            };
            pair[0] = [mean, (0..batch).map(squares).sum::<f32>() / count];
        });
        rows(&pairs)
    }
}

/// Means and variances as rows of one tensor, and each as a tensor.
fn rows(pairs: &[[f32; 2]]) -> (FlexTensor, FlexTensor, FlexTensor) {
    let [mean, variance] = [0, 1].map(|which| pairs.iter().map(|pair| pair[which]).collect::<Vec<f32>>());
    let statistics = tensor([&mean[..], &variance].concat(), [2, pairs.len()]);
    (statistics, tensor(mean, [pairs.len()]), tensor(variance, [pairs.len()]))
}

impl BatchNormOps for Flex {
    fn batch_norm_relu(
        x: FlexTensor,
        statistics: FlexTensor,
        scale: FlexTensor,
        shift: FlexTensor,
        launch: Launch,
    ) -> FlexTensor {
        let tensors = [x, statistics, scale, shift].map(contiguous);
        let inputs = Inputs::new(&tensors);
        if launch.is_strict() {
            return strict::relu(&inputs);
        }
        let out = written(inputs.dims.iter().product(), inputs.plane_len(), |index, out| {
            let (x, plane) = inputs.plane(index);
            // Written so that NaN stays NaN.
            let cut = |y: f32| if y < 0.0 { 0.0 } else { y };
            out.extend(x.iter().map(move |&x| cut(plane.normalized(x) * plane.scale + plane.shift)));
        });
        tensor(out, inputs.dims)
    }
}

impl BatchNormGradients for Flex {
    fn gradients(
        inputs: [FlexTensor; 4],
        gradient: FlexTensor,
        [of_x, of_scale, of_shift]: [bool; 3],
        launch: Launch,
    ) -> [Option<FlexTensor>; 3] {
        let (tensors, gradient) = (inputs.map(contiguous), contiguous(gradient));
        let (inputs, gradient) = (Inputs::new(&tensors), elements(&gradient));
        type Passes = (ImageGradients, ParameterGradient, InputGradient);
        let (image_gradients, parameter_gradient, input_gradient): Passes = if launch.is_strict() {
            (strict::image_gradients, strict::parameter_gradient, strict::input_gradient)
        } else {
            (image_gradients, parameter_gradient, input_gradient)
        };
        let by_image = image_gradients(&inputs, gradient);
        let of_parameter = |which: usize| parameter_gradient(&inputs, &by_image[which]);
        [
            of_x.then(|| input_gradient(&inputs, &by_image, gradient)),
            of_scale.then(|| of_parameter(0)),
            of_shift.then(|| of_parameter(1)),
        ]
    }
}

type ImageGradients = fn(&Inputs, &[f32]) -> [Vec<f32>; 2];
type ParameterGradient = fn(&Inputs, &[f32]) -> FlexTensor;
type InputGradient = fn(&Inputs, &[Vec<f32>; 2], &[f32]) -> FlexTensor;

/// Gradients of scale and of shift per image, each `[batch, channels]`.
fn image_gradients(inputs: &Inputs, gradient: &[f32]) -> [Vec<f32>; 2] {
    let [batch, channels, ..] = inputs.dims;
    let mut pairs = vec![0.0; 2 * batch * channels];
    for_each_piece(&mut pairs, 2, |index, pair| {
        let (x, plane) = inputs.plane(index);
        let gradient = &gradient[index * x.len()..][..x.len()];
        let sums = sums_by(x, gradient, move |x, g| {
            let passed = plane.passed(x, g);
            [passed * plane.normalized(x), passed]
        });
        pair.copy_from_slice(&sums);
    });
    [0, 1].map(|which| pairs.iter().skip(which).step_by(2).copied().collect())
}

/// The gradient of scale or shift, `[rows, channels]`, from that per image.
fn parameter_gradient(inputs: &Inputs, by_image: &[f32]) -> FlexTensor {
    let [batch, channels, ..] = inputs.dims;
    if inputs.rows > 1 {
        return tensor(by_image.to_vec(), [batch, channels]);
    }
    let total = |channel: usize| (0..batch).map(|image| by_image[image * channels + channel]).sum();
    tensor((0..channels).map(total).collect(), [1, channels])
}

fn input_gradient(inputs: &Inputs, by_image: &[Vec<f32>; 2], gradient: &[f32]) -> FlexTensor {
    let means = channel_means(inputs, by_image);
    let out = written(inputs.dims.iter().product(), inputs.plane_len(), |index, out| {
        let (x, plane) = inputs.plane(index);
        let [along, level] = means[index % inputs.dims[1]];
        let gradient = &gradient[index * x.len()..][..x.len()];
        out.extend(x.iter().zip(gradient).map(move |(&x, &g)| {
            let direct = plane.passed(x, g) * plane.scale;
            plane.inverse_deviation * (direct - level - plane.normalized(x) * along)
        }));
    });
    tensor(out, inputs.dims)
}

/// Means over a channel of the gradient of the normalised values, times those values (`along`) and alone (`level`).
fn channel_means(inputs: &Inputs, by_image: &[Vec<f32>; 2]) -> Vec<[f32; 2]> {
    let [batch, channels, height, width] = inputs.dims;
    let count = (batch * height * width) as f32;
    let mean = |which: usize, channel: usize| {
        let weighted = |image: usize| {
            let index = image * channels + channel;
            inputs.plane(index).1.scale * by_image[which][index]
        };
        (0..batch).map(weighted).sum::<f32>() / count
    };
    (0..channels).map(|channel| [mean(0, channel), mean(1, channel)]).collect()
}
