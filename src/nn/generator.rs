//! The generator: latent vectors to images.

use burn::module::Module;
use burn::tensor::Tensor;

use super::architecture::Architecture;
use super::batch_norm::{BatchNorm, Statistics, is_statistic};
use super::initializer::Initializer;
use super::layers::{Conv, Linear};
use super::parameters::{self, Named};
use crate::kernels::add_enlarged::Enlargement;
use crate::kernels::class::DeviceClass;
use crate::kernels::conv2d::Addend;
use crate::kernels::launch::Launch;
use crate::kernels::tanh::tanh_with;
use crate::onnx::{Scope, Value};

/// A residual generator: a linear layer, blocks that double the size, and a convolution to pixels.
#[derive(Module, Debug)]
pub struct Generator {
    input: Linear,
    blocks: Vec<UpBlock>,
    norm: BatchNorm,
    output: Conv,
    base_size: usize,
    /// The class of the device, which decides the kernels.
    #[module(skip)]
    class: DeviceClass,
}

impl Generator {
    /// A generator with initial weights.
    pub fn new(architecture: &Architecture, init: &Initializer) -> Self {
        let widths = &architecture.generator_widths;
        let rows = if architecture.conditional { architecture.label_count } else { 1 };
        let base_size = architecture.base_size;
        let last = widths[widths.len() - 1];
        Self {
            input: Linear::new([architecture.latent_dim, widths[0] * base_size * base_size], &init.child("input")),
            blocks: widths
                .windows(2)
                .enumerate()
                .map(|(index, pair)| {
                    UpBlock::new([pair[0], pair[1]], rows, architecture, &init.child(format!("blocks.{index}")))
                })
                .collect(),
            norm: BatchNorm::new(last, rows, &init.child("norm")),
            output: Conv::new([last, architecture.image.channels], 3, 1, &init.child("output")),
            base_size,
            class: init.class(),
        }
    }

    /// Latents `[batch, dim]` to images `[batch, channels, size, size]` in -1 to 1. Only a conditional
    /// generator uses `labels`, `[batch, labels]`.
    pub fn forward(&mut self, latents: Tensor<2>, labels: &Tensor<2>, statistics: Statistics) -> Tensor<4> {
        let [batch, _] = latents.dims();
        let mut x =
            self.input.forward(latents).reshape([batch as i64, -1, self.base_size as i64, self.base_size as i64]);
        for block in &mut self.blocks {
            x = block.forward(x, labels, statistics);
        }
        let x = self.norm.forward(x, labels, statistics);
        tanh_with(self.output.forward(x), Launch::of(self.class))
    }

    /// [`Self::forward`] with the kept statistics, for ONNX. `labels` are there if it is conditional.
    pub fn describe(&self, latents: &Value, labels: Option<&Value>, scope: &mut Scope) -> Value {
        let x = self.input.describe(latents, &mut scope.child("input"));
        let mut x = scope.reshape(&x, &[-1, self.base_size as i64, self.base_size as i64]);
        for (index, block) in self.blocks.iter().enumerate() {
            x = block.describe(&x, labels, &mut scope.child(format!("blocks.{index}")));
        }
        let x = self.norm.describe(&x, labels, &mut scope.child("norm"));
        let x = self.output.describe(&x, &mut scope.child("output"));
        scope.tanh(&x)
    }

    /// The kept statistics of every normalisation, flat, by parameter name.
    pub fn statistics(&self) -> Named {
        let mut values = parameters::values(self);
        values.retain(|name, _| is_statistic(name));
        values
    }
}

/// A residual block that doubles the size: normalise, ReLU, enlarge, convolve; the skip is an enlarged 1x1 convolution.
#[derive(Module, Debug)]
struct UpBlock {
    norm: BatchNorm,
    conv: Conv,
    deep: Option<DeepPart>,
    skip: Conv,
    #[module(skip)]
    enlargement: Enlargement,
}

/// The second half of a deep block, at the doubled size.
#[derive(Module, Debug)]
struct DeepPart {
    norm: BatchNorm,
    conv: Conv,
}

impl UpBlock {
    fn new(channels: [usize; 2], rows: usize, architecture: &Architecture, init: &Initializer) -> Self {
        let [input, output] = channels;
        Self {
            norm: BatchNorm::new(input, rows, &init.child("norm")),
            conv: Conv::new(channels, 3, 1, &init.child("conv")).enlarging(),
            deep: architecture.deep_blocks.then(|| DeepPart {
                norm: BatchNorm::new(output, rows, &init.child("deep.norm")),
                conv: Conv::new([output, output], 3, 1, &init.child("deep.conv")),
            }),
            skip: Conv::new(channels, 1, 1, &init.child("skip")),
            enlargement: architecture.skip_enlargement,
        }
    }

    /// `[batch, in, size, size]` to `[batch, out, 2 size, 2 size]`.
    fn forward(&mut self, x: Tensor<4>, labels: &Tensor<2>, statistics: Statistics) -> Tensor<4> {
        // A 1x1 convolution and enlargement commute; this order is four times cheaper.
        let (skip, form) = (self.skip.forward(x.clone()), Addend::Enlarged(self.enlargement));
        let h = self.norm.forward(x, labels, statistics);
        match &mut self.deep {
            Some(deep) => {
                let h = deep.norm.forward(self.conv.forward(h), labels, statistics);
                deep.conv.add(h, skip, form)
            }
            None => self.conv.add(h, skip, form),
        }
    }

    /// [`Self::forward`] with the kept statistics, for ONNX.
    fn describe(&self, x: &Value, labels: Option<&Value>, scope: &mut Scope) -> Value {
        let skip = self.skip.describe(x, &mut scope.child("skip"));
        let skip = scope.enlarge(&skip, self.enlargement);
        let h = self.norm.describe(x, labels, &mut scope.child("norm"));
        let mut h = self.conv.describe(&h, &mut scope.child("conv"));
        if let Some(deep) = &self.deep {
            let normal = deep.norm.describe(&h, labels, &mut scope.child("deep.norm"));
            h = deep.conv.describe(&normal, &mut scope.child("deep.conv"));
        }
        scope.add(&h, &skip)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::config::{Config, Preset};
    use crate::data::ImageShape;

    #[test]
    fn statistics_are_the_mean_and_the_variance_of_every_normalisation() {
        let config = Config { preset: Preset::Small, ..Config::default() };
        let architecture = Architecture::new(&config, ImageShape { channels: 1, size: 28 }, 10);
        let generator = Generator::new(&architecture, &Initializer::new(0, "generator", &Device::flex()));
        let names: Vec<String> = generator.statistics().into_keys().collect();
        let norms = ["blocks.0.deep.norm", "blocks.0.norm", "blocks.1.deep.norm", "blocks.1.norm", "norm"];
        let expected = norms.iter().flat_map(|norm| ["mean", "variance"].map(|field| format!("{norm}.{field}")));
        assert_eq!(names, expected.collect::<Vec<_>>());
    }
}
