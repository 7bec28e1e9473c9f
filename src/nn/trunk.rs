//! The trunk of discriminator and classifier: images to features.

use burn::module::Module;
use burn::tensor::{Tensor, activation};

use super::architecture::{Architecture, TrunkKind};
use super::initializer::Initializer;
use super::layers::Conv;
use crate::kernels::class::DeviceClass;
use crate::kernels::conv2d::{Activations, Addend};
use crate::kernels::downsample::downsample2;
use crate::kernels::launch::Launch;
use crate::kernels::leaky_relu::SLOPE;
use crate::kernels::linear::plane_sums;
use crate::onnx::{Scope, Value};

/// Blocks from images to features.
#[derive(Module, Debug)]
pub enum Trunk {
    /// Convolutions of stride 2, flattened.
    Strided(StridedTrunk),
    /// Residual blocks, summed over positions (Miyato et al. 2018, appendix B.4).
    Residual(ResidualTrunk),
}

impl Trunk {
    /// A trunk with initial weights, with or without spectral normalisation. Strided convolutions have a side of
    /// `kernel`.
    pub fn new(architecture: &Architecture, kernel: usize, spectral: bool, init: &Initializer) -> Self {
        let conv = |channels, size, stride, init: &Initializer| {
            let conv = Conv::new(channels, size, stride, init);
            if spectral { conv.spectral(init) } else { conv }
        };
        match architecture.trunk {
            TrunkKind::Strided => Self::Strided(StridedTrunk::new(architecture, kernel, conv, init)),
            TrunkKind::Residual => Self::Residual(ResidualTrunk::new(architecture, conv, init)),
        }
    }

    /// `[batch, channels, size, size]` to `[batch, features]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        match self {
            Self::Strided(trunk) => trunk.forward(images),
            Self::Residual(trunk) => trunk.forward(images),
        }
    }

    /// [`Self::forward`] for ONNX.
    pub fn describe(&self, images: &Value, scope: &mut Scope) -> Value {
        match self {
            Self::Strided(trunk) => trunk.describe(images, scope),
            Self::Residual(trunk) => trunk.describe(images, scope),
        }
    }
}

/// Convolutions of stride 2 with leaky ReLU, flattened.
#[derive(Module, Debug)]
pub struct StridedTrunk {
    convs: Vec<Conv>,
}

impl StridedTrunk {
    fn new(
        architecture: &Architecture,
        kernel: usize,
        conv: impl Fn([usize; 2], usize, usize, &Initializer) -> Conv,
        init: &Initializer,
    ) -> Self {
        let pairs = architecture.trunk_channels();
        let convs = pairs.iter().enumerate().map(|(i, &pair)| conv(pair, kernel, 2, &init.child(format!("convs.{i}"))));
        Self { convs: convs.collect() }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let features = self.convs.iter().fold(Activations::from(images), |x, conv| conv.leaky_relu(x));
        features.values().flatten(1, 3)
    }

    fn describe(&self, images: &Value, scope: &mut Scope) -> Value {
        let convs = self.convs.iter().enumerate();
        let features = convs.fold(images.clone(), |x, (index, conv)| {
            let y = conv.describe(&x, &mut scope.child(format!("convs.{index}")));
            scope.leaky_relu(&y, SLOPE)
        });
        scope.flatten(&features)
    }
}

/// Residual blocks, summed over positions.
#[derive(Module, Debug)]
pub struct ResidualTrunk {
    blocks: Vec<DownBlock>,
    /// The class of the device, which decides the kernels.
    #[module(skip)]
    class: DeviceClass,
}

impl ResidualTrunk {
    fn new(
        architecture: &Architecture,
        conv: impl Fn([usize; 2], usize, usize, &Initializer) -> Conv,
        init: &Initializer,
    ) -> Self {
        let halvings = architecture.trunk_halvings();
        let blocks = architecture.trunk_channels().into_iter().enumerate().map(|(index, channels)| {
            let init = init.child(format!("blocks.{index}"));
            DownBlock {
                first: conv(channels, 3, 1, &init.child("first")),
                second: conv([channels[1], channels[1]], 3, 1, &init.child("second")),
                skip: conv(channels, 1, 1, &init.child("skip")),
                halves: index < halvings,
                starts: index == 0,
            }
        });
        Self { blocks: blocks.collect(), class: init.class() }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.blocks.iter().fold(images, |x, block| block.forward(x));
        let [batch, channels, height, width] = x.dims();
        let planes = activation::relu(x).reshape([batch, channels, height * width]);
        plane_sums(planes, Launch::of(self.class))
    }

    fn describe(&self, images: &Value, scope: &mut Scope) -> Value {
        let blocks = self.blocks.iter().enumerate();
        let x = blocks
            .fold(images.clone(), |x, (index, block)| block.describe(&x, &mut scope.child(format!("blocks.{index}"))));
        let x = scope.relu(&x);
        scope.sum_positions(&x)
    }
}

/// A residual block that may halve the size.
#[derive(Module, Debug)]
pub struct DownBlock {
    first: Conv,
    second: Conv,
    skip: Conv,
    halves: bool,
    /// Whether this is the first block. It sees pixels, which no ReLU may clip.
    starts: bool,
}

impl DownBlock {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let start = if self.starts { x.clone() } else { activation::relu(x.clone()) };
        let h = self.second.forward(activation::relu(self.first.forward(start)));
        // A 1x1 convolution and an average commute; this order is four times cheaper.
        let (x, form) = if self.halves { (downsample2(x), Addend::Halved) } else { (x, Addend::Same) };
        self.skip.add(x, h, form)
    }

    fn describe(&self, x: &Value, scope: &mut Scope) -> Value {
        let start = if self.starts { x.clone() } else { scope.relu(x) };
        let h = self.first.describe(&start, &mut scope.child("first"));
        let h = scope.relu(&h);
        let h = self.second.describe(&h, &mut scope.child("second"));
        let [x, h] = if self.halves { [x, &h].map(|x| scope.halve(x)) } else { [x.clone(), h] };
        let skip = self.skip.describe(&x, &mut scope.child("skip"));
        scope.add(&skip, &h)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::config::{Config, Preset};
    use crate::data::ImageShape;
    use crate::nn::parameters::{self, Named};

    /// The gradient of the features' sum, for eight rows and columns amid a white image, if all weights are 1. It counts
    /// the products that a pixel is part of.
    fn products(size: usize, kernel: usize) -> Vec<f32> {
        let config = Config { preset: Preset::Tiny, ..Config::default() };
        let architecture = Architecture::new(&config, ImageShape { channels: 1, size }, 10);
        let device = Device::flex();
        let trunk = Trunk::new(&architecture, kernel, false, &Initializer::new(0, "trunk", &device));
        let weights = parameters::values(&trunk).into_iter().filter(|(name, _)| name.ends_with("weight"));
        let mut ones: Named = weights.map(|(name, weight)| (name, weight.ones_like())).collect();
        assert_eq!(ones.len(), architecture.trunk_widths.len());
        let trunk = parameters::with_values(trunk, &mut ones).train().no_grad();

        let images = Tensor::<4>::ones([1, 1, size, size], &device.autodiff()).require_grad();
        let gradients = trunk.forward(images.clone()).sum().backward();
        let gradient = images.grad(&gradients).expect("it is tracked");
        gradient.slice([0..1, 0..1, 8..16, 8..16]).into_data().iter::<f32>().collect()
    }

    #[test]
    fn kernels_of_4_read_every_pixel_equally_often() {
        // Four products for each of 16, 32 and 64 channels.
        let expected = (4 * 16 * 4 * 32 * 4 * 64) as f32;
        for size in [28, 32] {
            assert!(products(size, 4).iter().all(|&count| count == expected), "{size} pixels");
        }
    }

    #[test]
    fn kernels_of_3_read_some_pixels_25_times_as_often_as_others() {
        for size in [28, 32] {
            let counts = products(size, 3);
            let most = counts.iter().copied().fold(0.0, f32::max);
            let least = counts.iter().copied().fold(f32::INFINITY, f32::min);
            assert_eq!(most / least, 25.0, "{size} pixels");
        }
    }
}
