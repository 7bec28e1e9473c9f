//! Sizes of the networks.

/// Side of the convolutions in the classifier's strided trunk.
pub const CLASSIFIER_KERNEL: usize = 3;

/// Everything that decides the shapes of all parameters, and what the networks compute with them. Callers copy it from
/// slgan's networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sizes {
    /// Channels of an image.
    pub channels: usize,
    /// Side of an image.
    pub image_size: usize,
    /// Dimensions of a latent vector.
    pub latent_dim: usize,
    /// Number of artificial labels.
    pub labels: usize,
    /// Side at which the generator starts.
    pub base_size: usize,
    /// Channels of the generator at its start and after each doubling.
    pub generator_widths: Vec<usize>,
    /// Two convolutions per block of the generator instead of one.
    pub deep_blocks: bool,
    /// Whether the skips of the generator's blocks are enlarged bilinearly. Otherwise each pixel becomes a square.
    pub bilinear_skips: bool,
    /// The kind of trunk of discriminator and classifier.
    pub trunk: Trunk,
    /// Side of the convolutions in the discriminator's strided trunk.
    pub discriminator_kernel: usize,
    /// Channels of the trunk's blocks.
    pub trunk_widths: Vec<usize>,
}

/// The kind of trunk of discriminator and classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trunk {
    /// Convolutions of stride 2.
    Strided,
    /// Residual blocks.
    Residual {
        /// How many blocks halve the size.
        halvings: usize,
    },
}

/// One convolution of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    /// Shape of the input.
    pub x: [usize; 4],
    /// Shape of the weight, `[out, in, size, size]`.
    pub weight: [usize; 4],
    /// Distance between outputs, in inputs.
    pub stride: usize,
    /// Whether each pixel of the input becomes a square of 2x2 first.
    pub enlarge: bool,
}

impl Sizes {
    /// slgan's preset `tiny` on images of 3x32x32 with 10 labels.
    pub fn tiny() -> Self {
        Self {
            channels: 3,
            image_size: 32,
            latent_dim: 64,
            labels: 10,
            base_size: 4,
            generator_widths: vec![64, 32, 16, 16],
            deep_blocks: false,
            bilinear_skips: true,
            trunk: Trunk::Strided,
            discriminator_kernel: 4,
            trunk_widths: vec![16, 32, 64],
        }
    }

    /// slgan's preset `small` on the same images.
    pub fn small() -> Self {
        Self {
            generator_widths: vec![256, 128, 64, 64],
            deep_blocks: true,
            trunk_widths: vec![64, 128, 256],
            ..Self::tiny()
        }
    }

    /// The convolutions of a step, without repetitions.
    pub fn convolutions(&self, batch: usize) -> Vec<Convolution> {
        let mut all = Vec::new();
        let mut add = |x, weight, stride, enlarge| {
            let convolution = Convolution { x, weight, stride, enlarge };
            if !all.contains(&convolution) {
                all.push(convolution);
            }
        };
        let mut side = self.base_size;
        for pair in self.generator_widths.windows(2) {
            let [input, output] = [pair[0], pair[1]];
            add([batch, input, side, side], [output, input, 1, 1], 1, false);
            add([batch, input, side, side], [output, input, 3, 3], 1, true);
            side *= 2;
            if self.deep_blocks {
                add([batch, output, side, side], [output, output, 3, 3], 1, false);
            }
        }
        let last = self.generator_widths[self.generator_widths.len() - 1];
        add([batch, last, side, side], [self.channels, last, 3, 3], 1, false);
        // The discriminator sees real and generated images.
        let both = 2 * batch;
        match self.trunk {
            Trunk::Strided => {
                for (count, kernel) in [(both, self.discriminator_kernel), (batch, CLASSIFIER_KERNEL)] {
                    let mut side = self.image_size;
                    for [input, output] in self.trunk_channels() {
                        add([count, input, side, side], [output, input, kernel, kernel], 2, false);
                        side = halved(side, kernel);
                    }
                }
            }
            Trunk::Residual { halvings } => {
                for (index, [input, output]) in self.trunk_channels().into_iter().enumerate() {
                    add([both, input, side, side], [output, input, 3, 3], 1, false);
                    add([both, output, side, side], [output, output, 3, 3], 1, false);
                    side /= if index < halvings { 2 } else { 1 };
                    add([both, input, side, side], [output, input, 1, 1], 1, false);
                }
            }
        }
        all
    }

    /// Input and output channels of each block of the trunk.
    pub fn trunk_channels(&self) -> Vec<[usize; 2]> {
        let inputs = std::iter::once(self.channels).chain(self.trunk_widths.iter().copied());
        inputs.zip(self.trunk_widths.iter().copied()).map(|(input, output)| [input, output]).collect()
    }

    /// Number of features of a trunk whose strided convolutions have a side of `kernel`.
    pub fn features(&self, kernel: usize) -> usize {
        let last = self.trunk_widths[self.trunk_widths.len() - 1];
        let side = self.trunk_widths.iter().fold(self.image_size, |side, _| halved(side, kernel));
        match self.trunk {
            Trunk::Strided => last * side * side,
            Trunk::Residual { .. } => last,
        }
    }
}

/// The side of what a convolution of stride 2 makes of an image.
fn halved(side: usize, kernel: usize) -> usize {
    if kernel.is_multiple_of(2) { side / 2 } else { side.div_ceil(2) }
}
