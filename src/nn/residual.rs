//! A residual classifier of real images, for judging generated ones.
//!
//! It is no part of the method: its widths are its own, and normalisation lets it learn much in few steps.

use burn::module::Module;
use burn::tensor::Tensor;

use super::batch_norm::{BatchNorm, Statistics, is_statistic};
use super::initializer::Initializer;
use super::layers::{Conv, Linear};
use super::parameters::{self, Named};
use crate::data::ImageShape;
use crate::kernels::downsample::downsample2;

/// Channels of the first convolution, at the images' own size.
const FIRST_WIDTH: usize = 32;

/// Channels of the last block, and so the features of an image.
pub const RESIDUAL_FEATURES: usize = 128;

/// A classifier of residual blocks with normalisation before each convolution (He et al. 2016, arXiv 1603.05027). It
/// halves the size until 7 to 12 pixels are left; one more block keeps it. The mean over positions is the features.
#[derive(Module, Debug)]
pub struct ResidualClassifier {
    stem: Conv,
    blocks: Vec<Block>,
    norm: BatchNorm,
    output: Linear,
}

/// What the classifier makes of a batch.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Features `[batch, RESIDUAL_FEATURES]`, none below 0.
    pub features: Tensor<2>,
    /// Logits `[batch, classes]`.
    pub logits: Tensor<2>,
}

impl ResidualClassifier {
    /// A classifier with initial weights for images of a shape, which has 28, 32, 48, 64 or 96 pixels a side.
    pub fn new(image: ImageShape, classes: usize, init: &Initializer) -> Self {
        let halvings = (image.size / 7).ilog2() as usize;
        let width = |block: usize| (FIRST_WIDTH << block).min(RESIDUAL_FEATURES);
        let block = |index: usize| {
            let stride = if index < halvings { 2 } else { 1 };
            Block::new([width(index), width(index + 1)], stride, &init.child(format!("blocks.{index}")))
        };
        Self {
            stem: Conv::new([image.channels, FIRST_WIDTH], 3, 1, &init.child("stem")),
            blocks: (0..=halvings).map(block).collect(),
            norm: BatchNorm::new(width(halvings + 1), 1, &init.child("norm")),
            output: Linear::new([RESIDUAL_FEATURES, classes], &init.child("output")),
        }
    }

    /// Features and logits of images `[batch, channels, size, size]` in -1 to 1.
    pub fn forward(&mut self, images: Tensor<4>, statistics: Statistics) -> Judged {
        let unused = Tensor::zeros([1, 1], &images.device());
        let mut x = self.stem.forward(images);
        for block in &mut self.blocks {
            x = block.forward(x, &unused, statistics);
        }
        let x = self.norm.forward(x, &unused, statistics);
        let [batch, channels, height, width] = x.dims();
        let features = x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels]);
        Judged { logits: self.output.forward(features.clone()), features }
    }

    /// The kept statistics of every normalisation, flat, by parameter name.
    pub fn statistics(&self) -> Named {
        let mut values = parameters::values(self);
        values.retain(|name, _| is_statistic(name));
        values
    }
}

/// Two convolutions, and a skip where the shape changes.
#[derive(Module, Debug)]
struct Block {
    first_norm: BatchNorm,
    first: Conv,
    second_norm: BatchNorm,
    second: Conv,
    skip: Option<Conv>,
    halves: bool,
}

impl Block {
    fn new(channels: [usize; 2], stride: usize, init: &Initializer) -> Self {
        let [input, output] = channels;
        let changes = stride > 1 || input != output;
        Self {
            first_norm: BatchNorm::new(input, 1, &init.child("first_norm")),
            first: Conv::new(channels, 3, stride, &init.child("first")),
            second_norm: BatchNorm::new(output, 1, &init.child("second_norm")),
            second: Conv::new([output, output], 3, 1, &init.child("second")),
            skip: changes.then(|| Conv::new(channels, 1, 1, &init.child("skip"))),
            halves: stride > 1,
        }
    }

    fn forward(&mut self, x: Tensor<4>, unused: &Tensor<2>, statistics: Statistics) -> Tensor<4> {
        let normal = self.first_norm.forward(x.clone(), unused, statistics);
        let shrink = |x| if self.halves { downsample2(x) } else { x };
        let skip = match &self.skip {
            Some(skip) => skip.forward(shrink(normal.clone())),
            None => x,
        };
        let h = self.first.forward(normal);
        self.second.forward(self.second_norm.forward(h, unused, statistics)) + skip
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::config::IMAGE_SIZES;

    #[test]
    fn every_image_size_has_its_features_and_logits() {
        let device = Device::flex();
        for (size, channels) in IMAGE_SIZES.into_iter().flat_map(|size| [(size, 1), (size, 3)]) {
            let shape = ImageShape { channels, size };
            let mut network = ResidualClassifier::new(shape, 7, &Initializer::new(0, "judge", &device));
            let images = Tensor::ones([2, channels, size, size], &device);
            let Judged { features, logits } = network.forward(images, Statistics::Kept);
            assert_eq!((features.dims(), logits.dims()), ([2, RESIDUAL_FEATURES], [2, 7]), "{shape}");
        }
    }

    #[test]
    fn with_kept_statistics_an_image_does_not_depend_on_its_batch() {
        let device = Device::flex();
        let shape = ImageShape { channels: 1, size: 28 };
        let mut network = ResidualClassifier::new(shape, 3, &Initializer::new(1, "judge", &device));
        let ramp = |count: i64| Tensor::<1, burn::tensor::Int>::arange(0..count * 784, &device).float() / 784.0 - 1.0;
        let read = |tensor: Tensor<2>| tensor.narrow(0, 0, 1).into_data().iter::<f32>().collect::<Vec<_>>();
        network.forward(ramp(2).reshape([2, 1, 28, 28]), Statistics::Batch);
        assert_eq!(network.statistics().len(), 2 * 7);
        let logits = |count: i64, statistics| {
            read(network.clone().forward(ramp(count).reshape([count, 1, 28, 28]), statistics).logits)
        };
        let difference = |statistics| {
            let pairs = logits(1, statistics).into_iter().zip(logits(3, statistics));
            pairs.fold(0.0, |most: f32, (one, three)| most.max((one - three).abs()))
        };
        assert!(difference(Statistics::Kept) < 1e-4);
        assert!(difference(Statistics::Batch) > 1e-2);
    }
}
