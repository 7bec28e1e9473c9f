//! The network: images to features and logits.

use burn::tensor::Tensor;

use super::blocks::{Convolutions, max_pool};
use super::resize::Resize;
use crate::kernels::launch::Launch;
use crate::kernels::linear::linear_with;

/// Features of an image: the mean over positions of the last block.
pub const FEATURES: usize = 2_048;

/// Logits of an image.
pub const CLASSES: usize = 1_008;

/// Side of the network's inputs in pixels.
pub(super) const SIDE: usize = 299;

/// The network, with the way in which images become its inputs.
#[derive(Debug, Clone)]
pub struct Inception {
    pub(super) convolutions: Convolutions,
    /// `[CLASSES, FEATURES]`.
    pub(super) output_weight: Tensor<2>,
    /// `[CLASSES]`.
    pub(super) output_bias: Tensor<1>,
    /// How images become inputs.
    pub resize: Resize,
    /// SHA-256 of the file of weights.
    pub sha256: String,
}

impl Inception {
    /// Features `[batch, FEATURES]` and logits `[batch, CLASSES]` of images `[batch, channels, size, size]` in -1 to 1,
    /// with one or three channels.
    pub fn forward(&self, images: Tensor<4>) -> (Tensor<2>, Tensor<2>) {
        let images = if images.dims()[1] == 1 { Tensor::cat(vec![images; 3], 1) } else { images };
        let features = self.features(self.resize.apply(images, SIDE));
        let launch = Launch::of(self.convolutions.class);
        let logits = linear_with(features.clone(), self.output_weight.clone(), self.output_bias.clone(), launch);
        (features, logits)
    }

    /// Features of inputs `[batch, 3, SIDE, SIDE]`.
    fn features(&self, x: Tensor<4>) -> Tensor<2> {
        let all = &self.convolutions;
        let x = all.valid("Conv2d_1a_3x3", x, 2);
        let x = all.valid("Conv2d_2a_3x3", x, 1);
        let x = max_pool(all.same("Conv2d_2b_3x3", x), 2, 0);
        let x = all.same("Conv2d_3b_1x1", x);
        let x = max_pool(all.valid("Conv2d_4a_3x3", x, 1), 2, 0);
        let x = ["Mixed_5b", "Mixed_5c", "Mixed_5d"].iter().fold(x, |x, name| all.mixed_5(name, x));
        let x = all.mixed_6a(x);
        let x = ["Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"].iter().fold(x, |x, name| all.mixed_6(name, x));
        let x = all.mixed_7a(x);
        let x = all.mixed_7c(all.mixed_7b(x));
        let [batch, channels, height, width] = x.dims();
        x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels])
    }
}
