//! Layers of `burn::nn`, with and without spectral normalisation.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, LinearConfig, PaddingConfig2d, Relu};
use burn::tensor::{Device, Tensor};

use crate::spectral::SpectralNorm;

/// A convolution with the padding that keeps the size at stride 1.
#[derive(Module, Debug)]
pub struct Conv {
    layer: Conv2d,
    norm: Option<SpectralNorm>,
}

impl Conv {
    /// A convolution from `channels[0]` to `channels[1]` channels.
    pub fn new(channels: [usize; 2], size: usize, stride: usize, device: &Device) -> Self {
        let padding = (size - 1) / 2;
        let config = Conv2dConfig::new(channels, [size; 2])
            .with_stride([stride; 2])
            .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding));
        Self { layer: config.init(device), norm: None }
    }

    /// Adds spectral normalisation.
    pub fn spectral(self, device: &Device) -> Self {
        let [output, input, height, width] = self.layer.weight.dims();
        Self { norm: Some(SpectralNorm::new(output, input * height * width, device)), ..self }
    }

    /// One power iteration, if the layer has a spectral norm.
    pub fn iterate(&mut self) {
        if let Some(norm) = &mut self.norm {
            norm.iterate(self.layer.weight.val().flatten(1, 3));
        }
    }

    /// `[batch, in, height, width]` to `[batch, out, height / stride, width / stride]`.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let Some(norm) = &self.norm else { return self.layer.forward(x) };
        let weight = self.layer.weight.val();
        let sigma = norm.singular_value(weight.clone().flatten(1, 3));
        let weight = Param::initialized(self.layer.weight.id, weight / sigma.reshape([1; 4]));
        Conv2d { weight, ..self.layer.clone() }.forward(x)
    }
}

/// A linear layer.
#[derive(Module, Debug)]
pub struct Linear {
    layer: burn::nn::Linear,
    norm: Option<SpectralNorm>,
}

impl Linear {
    /// A linear layer from `features[0]` to `features[1]` features.
    pub fn new([input, output]: [usize; 2], device: &Device) -> Self {
        Self { layer: LinearConfig::new(input, output).init(device), norm: None }
    }

    /// Adds spectral normalisation.
    pub fn spectral(self, device: &Device) -> Self {
        let [input, output] = self.layer.weight.dims();
        Self { norm: Some(SpectralNorm::new(output, input, device)), ..self }
    }

    /// One power iteration, if the layer has a spectral norm.
    pub fn iterate(&mut self) {
        if let Some(norm) = &mut self.norm {
            norm.iterate(self.layer.weight.val().transpose());
        }
    }

    /// `[batch, in]` to `[batch, out]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let Some(norm) = &self.norm else { return self.layer.forward(x) };
        let weight = self.layer.weight.val();
        let sigma = norm.singular_value(weight.clone().transpose());
        let weight = Param::initialized(self.layer.weight.id, weight / sigma);
        burn::nn::Linear { weight, ..self.layer.clone() }.forward(x)
    }
}

/// One vector per label, with spectral normalisation: a linear layer of label weights without a bias.
#[derive(Module, Debug)]
pub struct Embedding {
    layer: burn::nn::Linear,
    norm: SpectralNorm,
}

impl Embedding {
    /// `labels` vectors of `features` numbers.
    pub fn new(labels: usize, features: usize, device: &Device) -> Self {
        let layer = LinearConfig::new(labels, features).with_bias(false).init(device);
        Self { layer, norm: SpectralNorm::new(labels, features, device) }
    }

    /// One power iteration.
    pub fn iterate(&mut self) {
        self.norm.iterate(self.layer.weight.val());
    }

    /// Label weights `[batch, labels]` to vectors `[batch, features]`.
    pub fn forward(&self, labels: Tensor<2>) -> Tensor<2> {
        let weight = self.layer.weight.val();
        let sigma = self.norm.singular_value(weight.clone());
        let weight = Param::initialized(self.layer.weight.id, weight / sigma);
        burn::nn::Linear { weight, bias: None }.forward(labels)
    }
}

/// Batch normalisation followed by ReLU.
#[derive(Module, Debug)]
pub struct Norm {
    layer: BatchNorm,
    relu: Relu,
}

impl Norm {
    /// Keeps the statistics of the last batch (momentum 1); the generator's moving average averages them.
    pub fn new(channels: usize, device: &Device) -> Self {
        Self { layer: BatchNormConfig::new(channels).with_momentum(1.0).init(device), relu: Relu::new() }
    }

    /// `[batch, channels, height, width]` to the same shape.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.relu.forward(self.layer.forward(x))
    }
}
