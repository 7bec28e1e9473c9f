//! The planes of a normalisation on the CPU: one channel of one image each.

use burn::backend::flex::FlexTensor;

use crate::kernels::batch_norm::EPSILON;
use crate::kernels::host::tensor::elements;

/// How one channel of one image is normalised: `y = relu(scale * (x - mean) * inverse_deviation + shift)`.
#[derive(Clone, Copy)]
pub struct Plane {
    mean: f32,
    pub inverse_deviation: f32,
    pub scale: f32,
    pub shift: f32,
}

impl Plane {
    /// The normalised value.
    pub fn normalized(&self, x: f32) -> f32 {
        (x - self.mean) * self.inverse_deviation
    }

    /// The gradient that passes the ReLU.
    pub fn passed(&self, x: f32, gradient: f32) -> f32 {
        if self.normalized(x) * self.scale + self.shift > 0.0 { gradient } else { 0.0 }
    }
}

/// The inputs of a normalisation as slices.
pub struct Inputs<'a> {
    x: &'a [f32],
    statistics: &'a [f32],
    scale: &'a [f32],
    shift: &'a [f32],
    pub dims: [usize; 4],
    pub rows: usize,
}

impl<'a> Inputs<'a> {
    /// From contiguous tensors: input, statistics, scale and shift.
    pub fn new(tensors: &'a [FlexTensor; 4]) -> Self {
        let dims = tensors[0].layout().shape().dims();
        let rows = tensors[2].layout().shape()[0];
        let [x, statistics, scale, shift] = tensors.each_ref().map(elements);
        Self { x, statistics, scale, shift, dims, rows }
    }

    /// Elements of one channel of an image.
    pub fn plane_len(&self) -> usize {
        self.dims[2] * self.dims[3]
    }

    /// The channel `index % channels` of image `index / channels`, and how it is normalised.
    pub fn plane(&self, index: usize) -> (&'a [f32], Plane) {
        let channels = self.dims[1];
        let (image, channel) = (index / channels, index % channels);
        let row = if self.rows == 1 { 0 } else { image } * channels + channel;
        let plane = Plane {
            mean: self.statistics[channel],
            inverse_deviation: 1.0 / (self.statistics[channels + channel] + EPSILON).sqrt(),
            scale: self.scale[row],
            shift: self.shift[row],
        };
        (&self.x[index * self.plane_len()..][..self.plane_len()], plane)
    }
}
