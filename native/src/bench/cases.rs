//! What `slgan bench kernels` times: each operation at the shapes that a preset's step has.

use std::any::Any;

use anyhow::Result;
use burn::tensor::{Device, Tensor};
use slgan::data::{ImageShape, glyphs};
use slgan::kernels::adam::{AdamSettings, adam};
use slgan::kernels::add_enlarged::add_enlarged;
use slgan::kernels::average::average;
use slgan::kernels::batch::{DeviceImages, assemble};
use slgan::kernels::batch_norm::batch_norm_relu;
use slgan::kernels::conv2d::{ConvShape, conv2d};
use slgan::kernels::diff_augment::Augmentation;
use slgan::kernels::leaky_relu::leaky_relu;
use slgan::kernels::losses::{cross_entropy, hinge_discriminator};
use slgan::kernels::self_label::self_label;
use slgan::kernels::spectral_norm::{normalize, power_iteration};
use slgan::kernels::tanh::tanh;
use slgan::nn::Architecture;
use slgan::rng::{Purpose, stream};
use slgan::train::config::{AugmentConfig, Config, LabelKind, Layer};

/// What is timed, after what is not.
type Prepared = Box<dyn FnOnce() -> Box<dyn Any>>;

/// One kernel at one shape.
pub struct Case {
    /// The shader's file, without its ending.
    pub name: &'static str,
    /// Sizes, for people.
    pub shape: String,
    /// Floating-point operations of a call.
    pub flops: f64,
    /// Bytes that a call has to read and write.
    pub bytes: f64,
    /// Makes what comes before, and returns the call.
    pub prepare: Box<dyn Fn() -> Prepared>,
}

/// All cases of a preset, on images of 3x32x32.
///
/// # Errors
/// If there is no such preset.
pub fn of_preset(preset: &str, device: &Device) -> Result<Vec<Case>> {
    let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
    let architecture = Architecture::new(&config, ImageShape { channels: 3, size: 32 }, LABELS);
    let bench = Bench { preset: preset.to_owned(), batch: config.batch, device: device.clone() };
    let mut cases = Vec::new();
    for (x, weight, shape) in bench.convolutions(&architecture) {
        cases.extend(bench.convolution(x, weight, shape));
    }
    cases.extend(bench.normalization(&architecture));
    cases.extend(bench.optimizer(&architecture));
    cases.extend(bench.spectral(&architecture));
    cases.extend(bench.elementwise(&architecture));
    cases.extend(bench.images());
    cases.extend(bench.labels());
    Ok(cases)
}

const LABELS: usize = 10;

struct Bench {
    preset: String,
    batch: usize,
    device: Device,
}

/// A call that needs no preparation.
fn forward<T: 'static>(work: impl Fn() -> T + Clone + 'static) -> Box<dyn Fn() -> Prepared> {
    Box::new(move || {
        let work = work.clone();
        Box::new(move || Box::new(work()))
    })
}

/// The backward pass of what `work` computes.
fn backward<const D: usize>(work: impl Fn() -> Tensor<D> + 'static) -> Box<dyn Fn() -> Prepared> {
    Box::new(move || {
        let y = work();
        Box::new(move || Box::new(y.backward()))
    })
}

impl Bench {
    fn draw<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        let count = shape.iter().product();
        let values = stream(0, Purpose::Test, count as u64).normals(count);
        Tensor::from_data(burn::tensor::TensorData::new(values, shape), &self.device)
    }

    fn case(
        &self,
        name: &'static str,
        shape: impl std::fmt::Debug,
        [flops, numbers]: [usize; 2],
        prepare: Box<dyn Fn() -> Prepared>,
    ) -> Case {
        let shape = format!("{} {shape:?}", self.preset);
        Case { name, shape, flops: flops as f64, bytes: (numbers * size_of::<f32>()) as f64, prepare }
    }

    /// Input, weight and kind of every convolution of a step that differs from the others.
    fn convolutions(&self, architecture: &Architecture) -> Vec<([usize; 4], [usize; 4], ConvShape)> {
        let plain = |stride| ConvShape { stride, enlarge: false };
        let mut side = architecture.base_size;
        let mut all = vec![(
            [self.batch, architecture.latent_dim, 1, 1],
            [architecture.generator_widths[0] * side * side, architecture.latent_dim, 1, 1],
            plain(1),
        )];
        for pair in architecture.generator_widths.windows(2) {
            let [input, output] = [pair[0], pair[1]];
            let x = [self.batch, input, side, side];
            all.push((x, [output, input, 1, 1], plain(1)));
            all.push((x, [output, input, 3, 3], ConvShape { stride: 1, enlarge: true }));
            side *= 2;
            if architecture.deep_blocks {
                all.push(([self.batch, output, side, side], [output, output, 3, 3], plain(1)));
            }
        }
        let last = architecture.generator_widths[architecture.generator_widths.len() - 1];
        all.push(([self.batch, last, side, side], [architecture.image.channels, last, 3, 3], plain(1)));
        for [input, output] in architecture.trunk_channels() {
            all.push(([2 * self.batch, input, side, side], [output, input, 3, 3], plain(2)));
            side /= 2;
        }
        all
    }

    fn convolution(&self, x: [usize; 4], weight: [usize; 4], shape: ConvShape) -> Vec<Case> {
        let [batch, inputs, height, width] = x;
        let [outputs, _, size, _] = weight;
        // An enlarging convolution needs a kernel of one more, at the size before it.
        let (pixels, taps) = match shape.enlarge {
            true => (height * width, (size + 1) * (size + 1)),
            false => (height.div_ceil(shape.stride) * width.div_ceil(shape.stride), size * size),
        };
        let flops = 2 * batch * outputs * pixels * inputs * taps;
        let y_len = batch * outputs * if shape.enlarge { 4 * pixels } else { pixels };
        let numbers = batch * inputs * height * width + y_len + outputs * inputs * size * size;
        let (values, factors, bias) = (self.draw(x), self.draw(weight), self.draw([outputs]));
        let label = (x, weight, shape.stride, if shape.enlarge { "enlarging" } else { "plain" });
        let run = move |tracks_input: bool, tracks_weight: bool| {
            let lift = |tracked: bool, tensor: Tensor<4>| {
                if tracked { tensor.autodiff().require_grad() } else { tensor.autodiff() }
            };
            let (x, weight) = (lift(tracks_input, values.clone()), lift(tracks_weight, factors.clone()));
            let bias = bias.clone().autodiff();
            conv2d(x, weight, if tracks_weight { bias.require_grad() } else { bias }, shape)
        };
        let [a, b, c] = [run.clone(), run.clone(), run];
        vec![
            self.case("conv2d_forward", label, [flops, numbers], forward(move || a(false, false))),
            self.case("conv2d_input_gradient", label, [flops, numbers], backward(move || b(true, false))),
            self.case("conv2d_weight_gradient", label, [flops, numbers], backward(move || c(false, true))),
        ]
    }

    fn normalization(&self, architecture: &Architecture) -> Vec<Case> {
        let widths = &architecture.generator_widths;
        let (channels, side) = (widths[widths.len() - 1], architecture.image.size);
        let shape = [self.batch, channels, side, side];
        let count = shape.iter().product::<usize>();
        let (x, scale, shift) = (self.draw(shape), self.draw([1, channels]), self.draw([1, channels]));
        let run = move |tracks: bool| {
            let x = x.clone().autodiff();
            let x = if tracks { x.require_grad() } else { x };
            let (y, ..) = batch_norm_relu(x, scale.clone().autodiff(), shift.clone().autodiff());
            y
        };
        let [a, b] = [run.clone(), run];
        vec![
            self.case("batch_norm_relu", shape, [4 * count, 4 * count], forward(move || a(false))),
            self.case("batch_norm_input_gradient", shape, [8 * count, 5 * count], backward(move || b(true))),
        ]
    }

    fn optimizer(&self, architecture: &Architecture) -> Vec<Case> {
        let widths = &architecture.generator_widths;
        let count = 9 * widths[0] * widths[1];
        let tensors: [Tensor<1>; 5] = std::array::from_fn(|_| self.draw([count]));
        let settings = AdamSettings { learning_rate: 1e-3, beta_1: 0.9, beta_2: 0.999, update: 3 };
        let (held, shape) = (tensors.clone(), [count]);
        let update = Box::new(move || -> Prepared {
            let [value, gradient, first, second, old] = held.clone().map(|tensor| tensor * 1.0);
            Box::new(move || Box::new(adam(value, gradient, [first, second], Some(old), &settings, 0.99)))
        });
        let [value, old, ..] = tensors;
        vec![
            self.case("adam", shape, [14 * count, 9 * count], update),
            self.case(
                "average",
                shape,
                [3 * count, 3 * count],
                forward(move || average(old.clone(), value.clone(), 0.9)),
            ),
        ]
    }

    fn spectral(&self, architecture: &Architecture) -> Vec<Case> {
        let channels = architecture.trunk_channels();
        let [inputs, outputs] = channels[channels.len() - 1];
        let shape = [outputs, inputs, 3, 3];
        let count = shape.iter().product::<usize>();
        let (weight, u, v) = (self.draw(shape), self.draw([outputs]), self.draw([9 * inputs]));
        let (plain, left) = (weight.clone(), u.clone());
        let run =
            move || normalize(weight.clone().autodiff().require_grad(), u.clone().autodiff(), v.clone().autodiff());
        let value = run.clone();
        vec![
            self.case(
                "spectral_norm_iterate",
                shape,
                [4 * count, 2 * count],
                forward(move || power_iteration(plain.clone(), left.clone())),
            ),
            self.case("spectral_norm_scale", shape, [3 * count, 2 * count], forward(value)),
            self.case("spectral_norm_gradient", shape, [5 * count, 3 * count], backward(run)),
        ]
    }

    fn elementwise(&self, architecture: &Architecture) -> Vec<Case> {
        let side = architecture.image.size / 2;
        let shape = [2 * self.batch, architecture.trunk_widths[0], side, side];
        let count = shape.iter().product::<usize>();
        let x = self.draw(shape);
        let leak = move || leaky_relu(x.clone().autodiff().require_grad());
        let images = [self.batch, architecture.image.channels, 2 * side, 2 * side];
        let pixels = images.iter().product::<usize>();
        let z = self.draw(images);
        let bound = move || tanh(z.clone().autodiff().require_grad());
        let last = architecture.generator_widths[architecture.generator_widths.len() - 1];
        let large = [self.batch, last, 2 * side, 2 * side];
        let total = large.iter().product::<usize>();
        let (h, s) = (self.draw(large), self.draw([self.batch, last, side, side]));
        let add = move || add_enlarged(h.clone().autodiff(), s.clone().autodiff().require_grad());
        let (leaked, sum) = (leak.clone(), add.clone());
        vec![
            self.case("leaky_relu", shape, [count, 2 * count], forward(leaked)),
            self.case("leaky_relu_gradient", shape, [count, 3 * count], backward(leak)),
            self.case("tanh_gradient", images, [3 * pixels, 3 * pixels], backward(bound)),
            self.case("add_enlarged", large, [total, 2 * total + total / 4], forward(sum)),
            self.case("add_enlarged_gradient", large, [total, total + total / 4], backward(add)),
        ]
    }

    fn images(&self) -> Vec<Case> {
        let shape = [2 * self.batch, 3, 32, 32];
        let count = shape.iter().product::<usize>();
        let config = AugmentConfig { color: true, translation: true, cutout: true };
        let draws = &mut stream(0, Purpose::Test, 0);
        let changes = Augmentation::draw(&config, shape[0], 32, draws, &self.device);
        let x = self.draw(shape);
        let change = move || changes.apply(x.clone().autodiff().require_grad());
        let images = glyphs::split(0..1_000).images;
        let resident = DeviceImages::new(&images, &self.device);
        let (indices, flips): (Vec<u32>, Vec<bool>) = ((0..shape[0] as u32).collect(), vec![false; shape[0]]);
        let device = self.device.clone();
        let gather = move || match &resident {
            Some(resident) if !slgan::kernels::stock::is_chosen() => resident.assemble(&indices, &flips),
            _ => assemble(&images, &indices, &flips, &device),
        };
        let changed = change.clone();
        vec![
            self.case("diff_augment", shape, [10 * count, 2 * count], forward(changed)),
            self.case("diff_augment_gradient", shape, [10 * count, 2 * count], backward(change)),
            self.case("batch", shape, [count, count + count / 4], forward(gather)),
        ]
    }

    fn labels(&self) -> Vec<Case> {
        let shape = [self.batch, LABELS];
        let count = self.batch * LABELS;
        let logits = self.draw(shape);
        let ones = logits.ones_like();
        let (marks, column) = (ones.clone(), ones.clone().narrow(1, 0, 1));
        let prior = ones.clone().narrow(0, 0, 1) * 0.1;
        let (values, known) = (logits.clone(), column.zeros_like());
        let label =
            move || self_label(values.clone(), Some(prior.clone()), ones.clone(), known.clone(), 0.9, LabelKind::Hard);
        let entropy = move || cross_entropy(logits.clone().autodiff().require_grad(), marks.clone().autodiff());
        let scores = self.draw([2 * self.batch, 1]);
        let (weights, half) = (scores.ones_like(), self.batch);
        let hinge =
            move || hinge_discriminator(scores.clone().autodiff().require_grad(), weights.clone().autodiff(), half);
        vec![
            self.case("self_label", shape, [10 * count, 3 * count], forward(label)),
            self.case("cross_entropy", shape, [20 * count, 3 * count], forward(entropy)),
            self.case("hinge_loss", [2 * self.batch], [6 * self.batch, 6 * self.batch], forward(hinge)),
        ]
    }
}
