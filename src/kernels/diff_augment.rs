//! DiffAugment: random changes of an image through which gradients flow (Zhao et al. 2020, section 3).

use burn::tensor::{Device, Tensor, TensorData};

use crate::rng::Stream;
use crate::train::config::AugmentConfig;

/// Random changes of a batch, drawn once and applied to real and generated images alike.
#[derive(Debug, Clone)]
pub struct Augmentation {
    color: Option<ColorChange>,
    /// Matrices `[batch, 1, size, size]` that shift rows, and those that shift columns.
    shift: Option<[Tensor<4>; 2]>,
    /// `[batch, 1, size, size]`, 0 inside the cut square.
    keep: Option<Tensor<4>>,
}

/// Factors and offsets `[batch, 1, 1, 1]`.
#[derive(Debug, Clone)]
struct ColorChange {
    brightness: Tensor<4>,
    saturation: Tensor<4>,
    contrast: Tensor<4>,
}

impl Augmentation {
    /// Draws the changes of `batch` images of `size` pixels.
    pub fn draw(config: &AugmentConfig, batch: usize, size: usize, draws: &mut Stream, device: &Device) -> Self {
        let color = config.color.then(|| {
            let mut column = |low, high| {
                let values: Vec<f32> = (0..batch).map(|_| draws.between(low, high)).collect();
                Tensor::from_data(TensorData::new(values, [batch, 1, 1, 1]), device)
            };
            ColorChange { brightness: column(-0.5, 0.5), saturation: column(0.0, 2.0), contrast: column(0.5, 1.5) }
        });
        let shift = config.translation.then(|| {
            let reach = (size as f32 / 8.0 + 0.5) as u32;
            [(); 2].map(|()| {
                let shifts: Vec<i64> =
                    (0..batch).map(|_| i64::from(draws.below(2 * reach + 1)) - i64::from(reach)).collect();
                shift_matrices(&shifts, size, device)
            })
        });
        let keep = config.cutout.then(|| {
            let side = size / 2;
            let mut corner = || (0..batch).map(|_| draws.below(size as u32 + 1) as usize).collect::<Vec<_>>();
            kept_pixels(&corner(), &corner(), side, size, device)
        });
        Self { color, shift, keep }
    }

    /// Applies the changes to `[batch, channels, size, size]`.
    pub fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        let lift = |constant: &Tensor<4>| on_device_of(constant, &images);
        let mut x = images.clone();
        if let Some(change) = &self.color {
            x = x + lift(&change.brightness);
            let grey = x.clone().mean_dim(1);
            x = (x - grey.clone()) * lift(&change.saturation) + grey;
            let mean = x.clone().mean_dim(3).mean_dim(2).mean_dim(1);
            x = (x - mean.clone()) * lift(&change.contrast) + mean;
        }
        if let Some([rows, columns]) = &self.shift {
            x = lift(rows).matmul(x).matmul(lift(columns));
        }
        if let Some(keep) = &self.keep {
            x = x * lift(keep);
        }
        x
    }
}

/// A constant beside `images`, with or without autodiff as they are.
fn on_device_of(constant: &Tensor<4>, images: &Tensor<4>) -> Tensor<4> {
    if images.is_autodiff() { constant.clone().autodiff() } else { constant.clone() }
}

/// Matrices `[batch, 1, size, size]` with ones beside the diagonal; what is shifted in is 0, mid grey.
fn shift_matrices(shifts: &[i64], size: usize, device: &Device) -> Tensor<4> {
    let mut values = vec![0.0f32; shifts.len() * size * size];
    for (matrix, &shift) in values.chunks_exact_mut(size * size).zip(shifts) {
        for row in 0..size as i64 {
            if (0..size as i64).contains(&(row + shift)) {
                matrix[(row * size as i64 + row + shift) as usize] = 1.0;
            }
        }
    }
    Tensor::from_data(TensorData::new(values, [shifts.len(), 1, size, size]), device)
}

/// Masks `[batch, 1, size, size]` that are 0 in a square of `side` pixels around the centre (x, y), cut at the border.
fn kept_pixels(xs: &[usize], ys: &[usize], side: usize, size: usize, device: &Device) -> Tensor<4> {
    let mut values = vec![1.0f32; xs.len() * size * size];
    let span = |centre: usize| centre.saturating_sub(side / 2)..(centre + side.div_ceil(2)).min(size);
    for ((mask, &x), &y) in values.chunks_exact_mut(size * size).zip(xs).zip(ys) {
        for row in span(y) {
            mask[row * size..][span(x)].fill(0.0);
        }
    }
    Tensor::from_data(TensorData::new(values, [xs.len(), 1, size, size]), device)
}
