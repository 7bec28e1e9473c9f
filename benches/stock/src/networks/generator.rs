//! The generator: latent vectors to images.

use burn::module::Module;
use burn::nn::Tanh;
use burn::nn::interpolate::Interpolate2d;
use burn::tensor::{Device, Tensor};

use super::layers::{Conv, Linear, Norm};
use crate::ops::{enlarged_bilinearly, enlargement};
use crate::sizes::Sizes;

/// A residual generator: a linear layer, blocks that double the size, and a convolution to pixels.
#[derive(Module, Debug)]
pub struct Generator {
    input: Linear,
    blocks: Vec<UpBlock>,
    norm: Norm,
    output: Conv,
    tanh: Tanh,
    base_size: usize,
}

impl Generator {
    /// A generator with burn's initial weights.
    pub fn new(sizes: &Sizes, device: &Device) -> Self {
        let widths = &sizes.generator_widths;
        let last = widths[widths.len() - 1];
        let block = |pair: &[usize]| UpBlock::new([pair[0], pair[1]], sizes, device);
        Self {
            input: Linear::new([sizes.latent_dim, widths[0] * sizes.base_size * sizes.base_size], device),
            blocks: widths.windows(2).map(block).collect(),
            norm: Norm::new(last, device),
            output: Conv::new([last, sizes.channels], 3, 1, device),
            tanh: Tanh::new(),
            base_size: sizes.base_size,
        }
    }

    /// Latents `[batch, dim]` to images `[batch, channels, size, size]` in -1 to 1.
    pub fn forward(&self, latents: Tensor<2>) -> Tensor<4> {
        let [batch, _] = latents.dims();
        let side = self.base_size as i64;
        let x = self.input.forward(latents).reshape([batch as i64, -1, side, side]);
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        self.tanh.forward(self.output.forward(self.norm.forward(x)))
    }
}

/// A residual block that doubles the size: normalise, ReLU, enlarge, convolve; the skip is an enlarged 1x1 convolution.
#[derive(Module, Debug)]
struct UpBlock {
    norm: Norm,
    enlarge: Interpolate2d,
    conv: Conv,
    deep: Option<DeepPart>,
    skip: Conv,
    bilinear_skip: bool,
}

/// The second half of a deep block, at the doubled size.
#[derive(Module, Debug)]
struct DeepPart {
    norm: Norm,
    conv: Conv,
}

impl UpBlock {
    fn new(channels: [usize; 2], sizes: &Sizes, device: &Device) -> Self {
        let [input, output] = channels;
        Self {
            norm: Norm::new(input, device),
            enlarge: enlargement(),
            conv: Conv::new(channels, 3, 1, device),
            deep: sizes
                .deep_blocks
                .then(|| DeepPart { norm: Norm::new(output, device), conv: Conv::new([output, output], 3, 1, device) }),
            skip: Conv::new(channels, 1, 1, device),
            bilinear_skip: sizes.bilinear_skips,
        }
    }

    /// `[batch, in, size, size]` to `[batch, out, 2 size, 2 size]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let skip = self.skip.forward(x.clone());
        let skip = if self.bilinear_skip { enlarged_bilinearly(skip) } else { self.enlarge.forward(skip) };
        let h = self.conv.forward(self.enlarge.forward(self.norm.forward(x)));
        match &self.deep {
            Some(deep) => deep.conv.forward(deep.norm.forward(h)) + skip,
            None => h + skip,
        }
    }
}
