//! Layers shared by the networks.
//!
//! They hold parameters and call `kernels`. Initial values come from [`Initializer`]. A layer with spectral normalisation
//! only holds the singular vectors; its network divides the weight.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::initializer::Initializer;
use super::spectral_norm::SpectralNorm;
use crate::kernels::add_enlarged::Enlargement;
use crate::kernels::class::DeviceClass;
use crate::kernels::conv2d::{Activations, Addend, ConvShape, conv2d_add, conv2d_leaky_relu, conv2d_with};
use crate::kernels::launch::Launch;
use crate::kernels::linear::linear_with;
use crate::onnx::{Scope, Value};

/// A convolution. Stride 2 halves the size, and odd kernels round up; stride 1 keeps it if the kernel is odd. It may
/// double the size first.
#[derive(Module, Debug)]
pub struct Conv {
    /// `[out, in, size, size]`.
    weight: Param<Tensor<4>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    /// Present in a discriminator.
    norm: Option<SpectralNorm>,
    stride: usize,
    enlarge: bool,
    /// The class of the device, which decides the kernels.
    #[module(skip)]
    class: DeviceClass,
}

impl Conv {
    /// A convolution from `channels[0]` to `channels[1]` channels.
    pub fn new(channels: [usize; 2], size: usize, stride: usize, init: &Initializer) -> Self {
        let [input, output] = channels;
        Self {
            weight: init.child("weight").scaled_normal([output, input, size, size], input * size * size, RELU_GAIN),
            bias: init.zeros([output]),
            norm: None,
            stride,
            enlarge: false,
            class: init.class(),
        }
    }

    /// Adds spectral normalisation.
    pub fn spectral(self, init: &Initializer) -> Self {
        let [output, input, height, width] = self.weight.dims();
        Self { norm: Some(SpectralNorm::new(output, input * height * width, &init.child("norm"))), ..self }
    }

    /// Enlarges the input first: each pixel becomes a square of 2x2.
    pub fn enlarging(self) -> Self {
        Self { enlarge: true, ..self }
    }

    /// `[batch, in, height, width]` to `[batch, out, height / stride, width / stride]`, rounded as for [`Conv`].
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        conv2d_with(x, self.weight.val(), self.bias.val(), self.shape(), Launch::of(self.class))
    }

    /// [`Self::forward`] and a leaky ReLU.
    pub fn leaky_relu(&self, x: Activations) -> Activations {
        conv2d_leaky_relu(x, self.weight.val(), self.bias.val(), self.shape(), Launch::of(self.class))
    }

    /// [`Self::forward`] plus an addend in some form.
    pub fn add(&self, x: Tensor<4>, addend: Tensor<4>, form: Addend) -> Tensor<4> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        conv2d_add(x, weight, bias, addend, form, self.shape(), Launch::of(self.class))
    }

    /// [`Self::forward`] for ONNX.
    pub fn describe(&self, x: &Value, scope: &mut Scope) -> Value {
        let enlarged = self.enlarge.then(|| scope.enlarge(x, Enlargement::Nearest));
        scope.conv2d(enlarged.as_ref().unwrap_or(x), self.weight.val(), self.bias.val(), self.stride)
    }

    fn shape(&self) -> ConvShape {
        ConvShape { stride: self.stride, enlarge: self.enlarge }
    }
}

/// A linear layer.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[out, in]`.
    weight: Param<Tensor<2>>,
    /// `[out]`.
    bias: Param<Tensor<1>>,
    /// Present in a discriminator.
    norm: Option<SpectralNorm>,
    /// The class of the device, which decides the kernels.
    #[module(skip)]
    class: DeviceClass,
}

impl Linear {
    /// A linear layer from `features[0]` to `features[1]` features.
    pub fn new(features: [usize; 2], init: &Initializer) -> Self {
        let [input, output] = features;
        Self {
            weight: init.child("weight").scaled_normal([output, input], input, 1.0),
            bias: init.zeros([output]),
            norm: None,
            class: init.class(),
        }
    }

    /// Adds spectral normalisation.
    pub fn spectral(self, init: &Initializer) -> Self {
        let [output, input] = self.weight.dims();
        Self { norm: Some(SpectralNorm::new(output, input, &init.child("norm"))), ..self }
    }

    /// The weight `[out, in]` and the bias `[out]`.
    pub fn parameters(&self) -> (Tensor<2>, Tensor<1>) {
        (self.weight.val(), self.bias.val())
    }

    /// `[batch, in]` to `[batch, out]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (weight, bias) = self.parameters();
        linear_with(x, weight, bias, Launch::of(self.class))
    }

    /// [`Self::forward`] for ONNX.
    pub fn describe(&self, x: &Value, scope: &mut Scope) -> Value {
        let (weight, bias) = self.parameters();
        scope.linear(x, weight, bias)
    }
}

/// One vector per label, for the projection of features on labels.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[labels, features]`.
    weight: Param<Tensor<2>>,
    norm: Option<SpectralNorm>,
}

impl Embedding {
    /// `labels` vectors of `features` numbers, with spectral normalisation.
    pub fn spectral(labels: usize, features: usize, init: &Initializer) -> Self {
        Self {
            weight: init.child("weight").scaled_normal([labels, features], features, 1.0),
            norm: Some(SpectralNorm::new(labels, features, &init.child("norm"))),
        }
    }

    /// The vectors `[labels, features]`.
    pub fn vectors(&self) -> Tensor<2> {
        self.weight.val()
    }
}

/// `sqrt(2)` preserves the variance through a layer followed by ReLU.
const RELU_GAIN: f64 = core::f64::consts::SQRT_2;
