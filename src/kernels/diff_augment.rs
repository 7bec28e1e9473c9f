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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, stream};

    fn images(batch: usize, size: usize, step: u64) -> Tensor<4> {
        let values = stream(5, Purpose::Test, step).normals(batch * 3 * size * size);
        Tensor::from_data(TensorData::new(values, [batch, 3, size, size]), &Device::flex())
    }

    fn values(tensor: Tensor<4>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    fn drawn(config: AugmentConfig, batch: usize, size: usize) -> Augmentation {
        Augmentation::draw(&config, batch, size, &mut stream(6, Purpose::Test, 0), &Device::flex())
    }

    #[test]
    fn nothing_asked_for_changes_nothing() {
        let nothing = AugmentConfig { color: false, translation: false, cutout: false };
        let x = images(3, 8, 0);
        assert_eq!(values(drawn(nothing, 3, 8).apply(x.clone())), values(x));
    }

    #[test]
    fn translation_moves_whole_images_and_fills_with_grey() {
        let size = 16;
        let x = images(20, size, 1);
        let moved =
            values(drawn(AugmentConfig { color: false, translation: true, cutout: false }, 20, size).apply(x.clone()));
        let x = values(x);
        let pixel = |values: &[f32], image: usize, y: i64, x: i64| {
            let inside = (0..size as i64).contains(&y) && (0..size as i64).contains(&x);
            if inside { values[((image * 3) * size + y as usize) * size + x as usize] } else { 0.0 }
        };
        let mut shifts = std::collections::BTreeSet::new();
        for image in 0..20 {
            let all = (-2..=2).flat_map(|down| (-2..=2).map(move |right| (down, right)));
            let fits = |&(down, right): &(i64, i64)| {
                (0..size as i64).all(|row| {
                    (0..size as i64)
                        .all(|column| pixel(&moved, image, row, column) == pixel(&x, image, row + down, column + right))
                })
            };
            shifts.insert(all.into_iter().find(fits).expect("every image is its old self, shifted by up to 2 pixels"));
        }
        assert!(shifts.len() > 5, "{shifts:?}");
    }

    #[test]
    fn cutout_blanks_at_most_a_square_of_half_the_side() {
        let x = Tensor::<4>::ones([20, 3, 16, 16], &Device::flex());
        let cut = values(drawn(AugmentConfig { color: false, translation: false, cutout: true }, 20, 16).apply(x));
        for image in cut.chunks_exact(3 * 256) {
            let blank = image[..256].iter().filter(|&&pixel| pixel == 0.0).count();
            assert!((16..=64).contains(&blank), "{blank}");
            assert_eq!(image[..256], image[256..512], "all channels alike");
        }
    }

    #[test]
    fn colour_keeps_shapes_and_spreads_brightness() {
        let x = Tensor::<4>::zeros([50, 3, 4, 4], &Device::flex());
        let coloured = values(drawn(AugmentConfig { color: true, translation: false, cutout: false }, 50, 4).apply(x));
        for image in coloured.chunks_exact(48) {
            assert!(image.iter().all(|pixel| (pixel - image[0]).abs() < 1e-6), "a plain image stays plain");
            assert!(image[0].abs() <= 0.5);
        }
    }
}
