//! The discriminator: is an image real, and does it fit its label?

use burn::module::Module;
use burn::tensor::Tensor;

use super::architecture::Architecture;
use super::initializer::Initializer;
use super::layers::{Embedding, Linear};
use super::parameters;
use super::spectral_norm::{Division, Norms};
use super::trunk::Trunk;
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::projection::{Head, projection_with};

/// A projection discriminator (Miyato & Koyama 2018) with spectral normalisation in every layer. It scores images as a
/// [`Scorer`], whose weights are divided.
#[derive(Module, Debug)]
pub struct Discriminator {
    trunk: Trunk,
    output: Linear,
    embedding: Embedding,
    #[module(skip)]
    norms: Norms,
    /// The class of the device, which decides the kernels.
    #[module(skip)]
    class: DeviceClass,
}

impl Discriminator {
    /// A discriminator with initial weights.
    pub fn new(architecture: &Architecture, init: &Initializer) -> Self {
        let kernel = architecture.discriminator_kernel;
        let features = architecture.features(kernel);
        let plain = Self {
            trunk: Trunk::new(architecture, kernel, true, &init.child("trunk")),
            output: Linear::new([features, 1], &init.child("output")).spectral(&init.child("output")),
            embedding: Embedding::spectral(architecture.label_count, features, &init.child("embedding")),
            norms: Norms::default(),
            class: init.class(),
        };
        let launch = Launch::of(init.class());
        Self { norms: Norms::new(&parameters::shapes(&plain), &parameters::values(&plain), launch), ..plain }
    }

    /// One power iteration in every layer; called once per update, before it.
    pub fn iterate(&mut self) {
        let mut vectors = self.norms.iterate(parameters::values(self));
        *self = parameters::with_values(self.clone(), &mut vectors);
    }

    /// The discriminator with its weights divided by their singular values, and what turns its gradients into those of
    /// the discriminator.
    pub fn normalized(&self) -> (Scorer, Division<'_>) {
        let (mut weights, division) = self.norms.divide(parameters::values(self));
        (Scorer(parameters::with_values(self.clone(), &mut weights)), division)
    }
}

/// A discriminator with divided weights.
#[derive(Debug, Clone)]
pub struct Scorer(Discriminator);

impl Scorer {
    /// On the autodiff device, with gradients.
    pub fn train(self) -> Self {
        Self(self.0.train())
    }

    /// On the autodiff device, without gradients of its own.
    pub fn frozen(self) -> Self {
        Self(self.0.train().no_grad())
    }

    /// The parameters that it computes with.
    pub fn parameters(&self) -> &Discriminator {
        &self.0
    }

    /// Scores `[batch, 1]` of images `[batch, channels, size, size]`: `psi(phi(x)) + m <e_y, phi(x)>`. The gate
    /// `m` `[batch, 1]` is 0 for an image without a label; `labels` `[batch, labels]` are label weights that sum to 1.
    pub fn forward(&self, images: Tensor<4>, labels: Tensor<2>, gate: Tensor<2>) -> Tensor<2> {
        let Discriminator { trunk, output, embedding, class, .. } = &self.0;
        let (output, bias) = output.parameters();
        let head = Head { output, bias, embedding: embedding.vectors() };
        projection_with(trunk.forward(images), labels, gate, head, Launch::of(*class))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::config::{Config, IMAGE_SIZES, Preset};
    use crate::data::ImageShape;
    use crate::nn::parameters;

    fn architecture(size: usize, kernel: usize, preset: Preset) -> Architecture {
        let mut config = Config { preset, ..Config::default() };
        config.discriminator.kernel = kernel;
        Architecture::new(&config, ImageShape { channels: 3, size }, 10)
    }

    #[test]
    fn either_kernel_scores_images_of_every_size() {
        let device = Device::flex();
        let sizes = IMAGE_SIZES.into_iter().flat_map(|size| [Preset::Tiny, Preset::Small].map(|preset| (size, preset)));
        for (size, preset) in sizes {
            for kernel in [3, 4] {
                let architecture = architecture(size, kernel, preset);
                let discriminator = Discriminator::new(&architecture, &Initializer::new(0, "discriminator", &device));
                let scores = discriminator.normalized().0.forward(
                    Tensor::ones([2, 3, size, size], &device),
                    Tensor::ones([2, 10], &device) / 10.0,
                    Tensor::ones([2, 1], &device),
                );
                assert_eq!(scores.dims(), [2, 1], "{preset:?}, {size} pixels, kernel {kernel}");
            }
        }
    }

    #[test]
    fn the_kernel_decides_the_shapes_of_the_weights() {
        let last_sides = [(28, [4, 3]), (32, [4, 4]), (48, [6, 6]), (64, [4, 4]), (96, [6, 6])];
        for (size, sides) in last_sides {
            for (kernel, side) in [3, 4].into_iter().zip(sides) {
                let architecture = architecture(size, kernel, Preset::Tiny);
                let init = Initializer::new(0, "discriminator", &Device::flex());
                let shapes = parameters::shapes(&Discriminator::new(&architecture, &init));
                assert_eq!(shapes["trunk.convs.0.weight"], [16, 3, kernel, kernel]);
                assert_eq!(shapes["output.weight"], [1, 64 * side * side], "{size} pixels, kernel {kernel}");
                assert_eq!(shapes["embedding.weight"], [10, 64 * side * side]);
            }
        }
    }
}
