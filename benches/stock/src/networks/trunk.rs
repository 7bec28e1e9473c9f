//! The trunk of discriminator and classifier: images to features.

use burn::module::Module;
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig};
use burn::nn::{LeakyRelu, LeakyReluConfig, Relu};
use burn::tensor::{Device, Tensor};

use super::layers::Conv;
use crate::ops::SLOPE;
use crate::sizes::{self, Sizes};

/// Blocks from images to features.
#[derive(Module, Debug)]
pub enum Trunk {
    /// Convolutions of stride 2, flattened.
    Strided(StridedTrunk),
    /// Residual blocks, summed over positions.
    Residual(ResidualTrunk),
}

impl Trunk {
    /// A trunk with burn's initial weights, with or without spectral normalisation. Strided convolutions have a side of
    /// `kernel`.
    pub fn new(sizes: &Sizes, kernel: usize, spectral: bool, device: &Device) -> Self {
        let conv = |channels, size, stride| {
            let conv = Conv::new(channels, size, stride, device);
            if spectral { conv.spectral(device) } else { conv }
        };
        let channels = sizes.trunk_channels().into_iter();
        match sizes.trunk {
            sizes::Trunk::Strided => Self::Strided(StridedTrunk {
                convs: channels.map(|pair| conv(pair, kernel, 2)).collect(),
                leak: LeakyReluConfig::new().with_negative_slope(SLOPE).init(),
            }),
            sizes::Trunk::Residual { halvings } => {
                let block = |(index, pair): (usize, [usize; 2])| DownBlock {
                    first: conv(pair, 3, 1),
                    second: conv([pair[1], pair[1]], 3, 1),
                    skip: conv(pair, 1, 1),
                    shrink: (index < halvings).then(|| AvgPool2dConfig::new([2, 2]).init()),
                    relu: Relu::new(),
                    starts: index == 0,
                };
                Self::Residual(ResidualTrunk { blocks: channels.enumerate().map(block).collect(), relu: Relu::new() })
            }
        }
    }

    /// `[batch, channels, size, size]` to `[batch, features]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Strided(trunk) => trunk.forward(images),
            Self::Residual(trunk) => trunk.forward(images),
        }
    }

    /// One power iteration in every layer that has a spectral norm.
    pub fn iterate(&mut self) {
        match self {
            Self::Strided(trunk) => trunk.convs.iter_mut().for_each(Conv::iterate),
            Self::Residual(trunk) => trunk.blocks.iter_mut().for_each(DownBlock::iterate),
        }
    }
}

/// Convolutions of stride 2 with leaky ReLU, flattened.
#[derive(Module, Debug)]
pub struct StridedTrunk {
    convs: Vec<Conv>,
    leak: LeakyRelu,
}

impl StridedTrunk {
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.convs.iter().fold(images, |x, conv| self.leak.forward(conv.forward(x))).flatten(1, 3)
    }
}

/// Residual blocks, summed over positions.
#[derive(Module, Debug)]
pub struct ResidualTrunk {
    blocks: Vec<DownBlock>,
    relu: Relu,
}

impl ResidualTrunk {
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.blocks.iter().fold(images, |x, block| block.forward(x));
        self.relu.forward(x).flatten::<3>(2, 3).sum_dim(2).squeeze_dim(2)
    }
}

/// A residual block that may halve the size.
#[derive(Module, Debug)]
struct DownBlock {
    first: Conv,
    second: Conv,
    skip: Conv,
    shrink: Option<AvgPool2d>,
    relu: Relu,
    /// Whether this is the first block. It sees pixels, which no ReLU may clip.
    starts: bool,
}

impl DownBlock {
    fn iterate(&mut self) {
        [&mut self.first, &mut self.second, &mut self.skip].into_iter().for_each(Conv::iterate);
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let shrink = |x| match &self.shrink {
            Some(pool) => pool.forward(x),
            None => x,
        };
        let start = if self.starts { x.clone() } else { self.relu.forward(x.clone()) };
        let h = self.second.forward(self.relu.forward(self.first.forward(start)));
        shrink(h) + self.skip.forward(shrink(x))
    }
}
