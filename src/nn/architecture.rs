//! Sizes of the networks, from the preset and the shape of the images.

use crate::config::{self, Config, Preset};
use crate::data::ImageShape;
use crate::kernels::add_enlarged::Enlargement;
use crate::kernels::class::DeviceClass;

/// Everything that decides the shapes of all parameters, and what the networks compute with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Architecture {
    /// Shape of the images.
    pub image: ImageShape,
    /// Dimensions of a latent vector.
    pub latent_dim: usize,
    /// Number of artificial labels `K`.
    pub label_count: usize,
    /// Whether the generator sees the label.
    pub conditional: bool,
    /// Side length at which the generator starts.
    pub base_size: usize,
    /// Channels of the generator at its start and after each doubling.
    pub generator_widths: Vec<usize>,
    /// Two convolutions per block of the generator instead of one.
    pub deep_blocks: bool,
    /// How the skips of the generator's blocks are enlarged.
    pub skip_enlargement: Enlargement,
    /// The kind of trunk of discriminator and classifier.
    pub trunk: TrunkKind,
    /// Channels of the trunk's blocks.
    pub trunk_widths: Vec<usize>,
    /// Side of the convolutions in the discriminator's strided trunk.
    pub discriminator_kernel: usize,
    /// The class of the device, which decides the kernels.
    pub class: DeviceClass,
}

/// Side of the convolutions in the classifier's strided trunk.
pub const CLASSIFIER_KERNEL: usize = 3;

/// The class that decides the kernels: the device's own, unless the configuration names one or is strict.
pub fn device_class(config: &Config, found: DeviceClass) -> DeviceClass {
    if config.strict {
        return DeviceClass::Strict;
    }
    match config.device_class {
        config::DeviceClass::Auto => found,
        config::DeviceClass::Software => DeviceClass::Software,
        config::DeviceClass::Integrated => DeviceClass::Integrated,
        config::DeviceClass::Discrete => DeviceClass::Discrete,
        config::DeviceClass::DiscreteWinograd => DeviceClass::DiscreteWinograd,
    }
}

/// The kind of trunk of discriminator and classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrunkKind {
    /// Convolutions of stride 2.
    Strided,
    /// Residual blocks.
    Residual,
}

impl Architecture {
    /// The networks of `config.preset` for images of a shape and `label_count` artificial labels. They are made for
    /// the sizes in [`IMAGE_SIZES`](crate::config::IMAGE_SIZES), and for a software device unless the configuration
    /// names another class.
    pub fn new(config: &Config, image: ImageShape, label_count: usize) -> Self {
        let (doublings, halvings) = if image.size == 28 {
            (2, 3)
        } else if image.size < 64 {
            (3, 3)
        } else {
            (4, 4)
        };
        let narrowing = |first: usize, last: usize, count: usize| (0..count).map(|i| (first >> i).max(last)).collect();
        let widening = |first: usize, last: usize, count: usize| (0..count).map(|i| (first << i).min(last)).collect();
        let (generator_widths, trunk_widths) = match config.preset {
            Preset::Tiny => (narrowing(64, 16, doublings + 1), widening(16, 64, halvings)),
            Preset::Small => (narrowing(256, 64, doublings + 1), widening(64, 256, halvings)),
            Preset::Cifar => (vec![256; doublings + 1], vec![128; halvings + 1]),
        };
        Self {
            image,
            latent_dim: config.latent.dim,
            label_count,
            conditional: config.generator.conditional,
            base_size: image.size >> doublings,
            generator_widths,
            deep_blocks: config.preset != Preset::Tiny,
            skip_enlargement: match config.generator.enlargement {
                config::Enlargement::Nearest => Enlargement::Nearest,
                config::Enlargement::Bilinear => Enlargement::Bilinear,
            },
            trunk: if config.preset == Preset::Cifar { TrunkKind::Residual } else { TrunkKind::Strided },
            trunk_widths,
            discriminator_kernel: config.discriminator.kernel,
            class: device_class(config, DeviceClass::Software),
        }
    }

    /// The same networks for a device of a class.
    pub fn of_class(self, class: DeviceClass) -> Self {
        Self { class, ..self }
    }

    /// Input and output channels of each block of the trunk.
    pub fn trunk_channels(&self) -> Vec<[usize; 2]> {
        let inputs = std::iter::once(self.image.channels).chain(self.trunk_widths.iter().copied());
        inputs.zip(self.trunk_widths.iter().copied()).map(|(input, output)| [input, output]).collect()
    }

    /// How many blocks of a residual trunk halve the size: two at 28 and 32 pixels (Miyato et al. 2018, table 4), and
    /// at other sizes as many as it takes to reach 8 to 12 pixels.
    pub fn trunk_halvings(&self) -> usize {
        (self.image.size / 7).ilog2() as usize
    }

    /// Number of features of a trunk whose strided convolutions have a side of `kernel`.
    pub fn features(&self, kernel: usize) -> usize {
        let last = self.trunk_widths[self.trunk_widths.len() - 1];
        let halve = |size: usize| if kernel.is_multiple_of(2) { size / 2 } else { size.div_ceil(2) };
        match self.trunk {
            TrunkKind::Strided => {
                let side = self.trunk_widths.iter().fold(self.image.size, |size, _| halve(size));
                last * side * side
            }
            TrunkKind::Residual => last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::IMAGE_SIZES;

    #[test]
    fn the_device_decides_its_class_unless_the_configuration_does() {
        let config = Config::default();
        let named = |device_class| Config { device_class, ..Config::default() };
        for found in DeviceClass::ALL {
            assert_eq!(device_class(&config, found), found);
            assert_eq!(device_class(&named(config::DeviceClass::Discrete), found), DeviceClass::Discrete);
            assert_eq!(device_class(&named(config::DeviceClass::Software), found), DeviceClass::Software);
            let winograd = named(config::DeviceClass::DiscreteWinograd);
            assert_eq!(device_class(&winograd, found), DeviceClass::DiscreteWinograd);
        }
        let strict = Config { strict: true, ..Config::default() };
        assert!(DeviceClass::ALL.into_iter().all(|found| device_class(&strict, found) == DeviceClass::Strict));
        let image = ImageShape { channels: 3, size: 32 };
        assert_eq!(Architecture::new(&config, image, 10).class, DeviceClass::Software);
        let integrated = named(config::DeviceClass::Integrated);
        assert_eq!(Architecture::new(&integrated, image, 10).class, DeviceClass::Integrated);
    }

    #[test]
    fn doubling_the_base_size_gives_every_image_size() {
        for (size, preset) in IMAGE_SIZES
            .into_iter()
            .flat_map(|size| [Preset::Tiny, Preset::Small, Preset::Cifar].map(|preset| (size, preset)))
        {
            let config = Config { preset, ..Config::default() };
            let architecture = Architecture::new(&config, ImageShape { channels: 3, size }, 10);
            let doublings = architecture.generator_widths.len() - 1;
            assert_eq!(architecture.base_size << doublings, size, "{preset:?}");
        }
    }
}
