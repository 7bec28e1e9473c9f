//! How images become inputs of the network: bilinear in both ways that people use, which give different scores.

use std::fmt;
use std::str::FromStr;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

/// How images become inputs of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resize {
    /// As pytorch-fid: pixels are squares whose centres are aligned, and bytes become -1 to 1.
    PyTorch,
    /// As TensorFlow 1, the original code and torch-fidelity: corners of pixels are aligned, and `x` becomes
    /// `(x - 128) / 128`.
    TensorFlow,
}

/// A word that names no resize.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected pytorch or tensorflow, found `{0}`")]
pub struct UnknownResize(String);

impl Resize {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "pytorch",
            Self::TensorFlow => "tensorflow",
        }
    }

    /// Images `[batch, channels, height, width]` in -1 to 1, from bytes, to inputs of `side` pixels.
    pub fn apply(self, images: Tensor<4>, side: usize) -> Tensor<4> {
        let device = images.device();
        let [batch, channels, height, width] = images.dims();
        let rows = self.matrix(height, side, &device).unsqueeze::<3>();
        let columns = self.matrix(width, side, &device).unsqueeze::<3>().swap_dims(1, 2);
        let planes = images.reshape([batch * channels, height, width]);
        let count = batch * channels;
        let wide = planes.reshape([1, count * height, width]).matmul(columns).reshape([count, height, side]);
        let resized = rows.expand([count, side, height]).matmul(wide).reshape([batch, channels, side, side]);
        match self {
            Self::PyTorch => resized,
            // (x + 1) * 127.5 is a byte again.
            Self::TensorFlow => ((resized + 1.0) * 127.5 - 128.0) / 128.0,
        }
    }

    /// The weights `[side, size]` of the pixels of a line.
    fn matrix(self, size: usize, side: usize, device: &Device) -> Tensor<2> {
        Tensor::from_data(TensorData::new(self.weights(size, side), [side, size]), device)
    }

    fn weights(self, size: usize, side: usize) -> Vec<f32> {
        let scale = size as f64 / side as f64;
        let mut weights = vec![0.0_f32; side * size];
        for (place, row) in weights.chunks_exact_mut(size).enumerate() {
            let source = match self {
                Self::PyTorch => ((place as f64 + 0.5) * scale - 0.5).max(0.0),
                Self::TensorFlow => place as f64 * scale,
            };
            let first = (source as usize).min(size - 1);
            let second = (first + 1).min(size - 1);
            let share = source - first as f64;
            row[first] += (1.0 - share) as f32;
            row[second] += share as f32;
        }
        weights
    }
}

impl FromStr for Resize {
    type Err = UnknownResize;

    fn from_str(text: &str) -> Result<Self, UnknownResize> {
        let all = [Self::PyTorch, Self::TensorFlow];
        all.into_iter().find(|resize| resize.name() == text).ok_or_else(|| UnknownResize(text.to_owned()))
    }
}

impl fmt::Display for Resize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pixels_become_four_in_each_way() {
        let weights = |resize: Resize| resize.weights(2, 4).chunks(2).map(|row| row[1]).collect::<Vec<_>>();
        assert_eq!(weights(Resize::PyTorch), [0.0, 0.25, 0.75, 1.0]);
        assert_eq!(weights(Resize::TensorFlow), [0.0, 0.5, 1.0, 1.0]);
    }

    #[test]
    fn the_same_size_and_one_value_stay() {
        let device = Device::flex();
        let ramp = Tensor::<1, burn::tensor::Int>::arange(0..75, &device).float() / 75.0 - 0.5;
        let images = ramp.reshape([1, 3, 5, 5]);
        let values = |tensor: Tensor<4>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        assert_eq!(values(Resize::PyTorch.apply(images.clone(), 5)), values(images));
        let ones = Tensor::<4>::ones([2, 1, 7, 7], &device);
        let close = |expected: f32| move |value: &f32| (value - expected).abs() < 1e-6;
        assert!(values(Resize::PyTorch.apply(ones.clone(), 19)).iter().all(close(1.0)));
        assert!(values(Resize::TensorFlow.apply(ones, 19)).iter().all(close(127.0 / 128.0)));
    }

    #[test]
    fn every_resize_is_known_by_its_name() {
        for resize in [Resize::PyTorch, Resize::TensorFlow] {
            assert_eq!(resize.to_string().parse(), Ok(resize));
        }
        assert_eq!("bicubic".parse::<Resize>(), Err(UnknownResize("bicubic".to_owned())));
    }
}
