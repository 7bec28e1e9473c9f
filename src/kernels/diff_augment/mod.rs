//! DiffAugment: random, differentiable changes of images (Zhao et al. 2020, section 3).

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;
mod image;
mod strict;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Tensor};

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;
use crate::kernels::upload::upload;
use crate::rng::Stream;

/// Which kinds of changes to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Random brightness, saturation and contrast.
    pub color: bool,
    /// Random shifts of up to an eighth of the side.
    pub translation: bool,
    /// A random square of half the side set to grey.
    pub cutout: bool,
}

/// Numbers that describe the change of an image.
pub const PARAMETERS: usize = 8;

/// How one image changes. The fields are in the order of a row of `[batch, 8]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Added to every pixel.
    pub brightness: f32,
    /// Factor of a pixel's distance to its grey value.
    pub saturation: f32,
    /// Factor of a pixel's distance to the image's mean.
    pub contrast: f32,
    /// Row `i` is taken from row `i + down`.
    pub down: i32,
    /// Column `j` is taken from column `j - right`.
    pub right: i32,
    /// First row of the square that is cut out; may be outside the image.
    pub top: i32,
    /// First column.
    pub left: i32,
    /// Its side.
    pub side: i32,
}

impl Change {
    /// No change.
    pub const NONE: Self =
        Self { brightness: 0.0, saturation: 1.0, contrast: 1.0, down: 0, right: 0, top: 0, left: 0, side: 0 };

    /// Whether it changes colours.
    fn colors(&self) -> bool {
        let Self { brightness, saturation, contrast, .. } = *self;
        [brightness, saturation, contrast] != [0.0, 1.0, 1.0]
    }

    fn row(&self) -> [f32; PARAMETERS] {
        let places = [self.down, self.right, self.top, self.left, self.side].map(|place| place as f32);
        let [down, right, top, left, side] = places;
        [self.brightness, self.saturation, self.contrast, down, right, top, left, side]
    }

    /// The change that a row describes.
    pub fn of_row([brightness, saturation, contrast, places @ ..]: [f32; PARAMETERS]) -> Self {
        let [down, right, top, left, side] = places.map(|place| place as i32);
        Self { brightness, saturation, contrast, down, right, top, left, side }
    }
}

/// Draws the changes of `batch` images of `size` pixels.
pub fn changes(policy: Policy, batch: usize, size: usize, draws: &mut Stream) -> Vec<Change> {
    let mut changes = vec![Change::NONE; batch];
    if policy.color {
        changes.iter_mut().for_each(|change| change.brightness = draws.between(-0.5, 0.5));
        changes.iter_mut().for_each(|change| change.saturation = draws.between(0.0, 2.0));
        changes.iter_mut().for_each(|change| change.contrast = draws.between(0.5, 1.5));
    }
    if policy.translation {
        let reach = (size as f32 / 8.0 + 0.5) as u32;
        let mut shift = || draws.below(2 * reach + 1) as i32 - reach as i32;
        changes.iter_mut().for_each(|change| change.down = shift());
        changes.iter_mut().for_each(|change| change.right = shift());
    }
    if policy.cutout {
        let side = (size / 2) as i32;
        let mut corner = || draws.below(size as u32 + 1) as i32 - side / 2;
        changes.iter_mut().for_each(|change| (change.left, change.side) = (corner(), side));
        changes.iter_mut().for_each(|change| change.top = corner());
    }
    changes
}

/// The rows `[changes.len(), 8]` that describe changes; none if nothing changes.
pub fn rows(changes: &[Change]) -> Option<Vec<f32>> {
    let changes_anything = changes.iter().any(|change| *change != Change::NONE);
    changes_anything.then(|| changes.iter().flat_map(Change::row).collect())
}

/// Whether any change is one of colours.
pub fn changes_colors(changes: &[Change]) -> bool {
    changes.iter().any(Change::colors)
}

/// Random changes of a batch, drawn once and applied to real and generated images alike.
#[derive(Debug, Clone)]
pub struct Augmentation {
    changes: Vec<Change>,
    /// Their rows on a plain device, and whether colours change; none if nothing does.
    rows: Option<(Tensor<2>, bool)>,
}

impl Augmentation {
    /// Draws the changes of `batch` images of `size` pixels, for use on a plain `device`.
    pub fn draw(policy: Policy, batch: usize, size: usize, draws: &mut Stream, device: &Device) -> Self {
        let changes = changes(policy, batch, size, draws);
        let rows = rows(&changes).map(|rows| upload(rows, [changes.len(), PARAMETERS], device));
        Self::of(changes, rows)
    }

    /// The changes whose [`rows`] are on a plain device.
    pub fn of(changes: Vec<Change>, rows: Option<Tensor<2>>) -> Self {
        let color = changes_colors(&changes);
        Self { rows: rows.map(|rows| (rows, color)), changes }
    }

    /// The changes, one for each image.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The rows `[images, 8]` that describe the changes on a plain device; none if nothing changes.
    pub fn rows(&self) -> Option<Tensor<2>> {
        self.rows.as_ref().map(|(rows, _)| rows.clone())
    }

    /// Applies the changes to `[batch, channels, size, size]`.
    pub fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        self.apply_with(images, Launch::default())
    }

    /// [`Self::apply`] with a choice of launch.
    pub fn apply_with(&self, images: Tensor<4>, launch: Launch) -> Tensor<4> {
        let Some((rows, color)) = self.rows.clone() else { return images };
        let rows = if images.is_autodiff() { rows.autodiff() } else { rows };
        let [images, rows] = [images.into_dispatch(), rows.into_dispatch()];
        Tensor::from_dispatch(<Dispatch as DiffAugmentOps>::diff_augment(images, rows, color, launch))
    }
}

/// The changes on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait DiffAugmentOps: Backend {
    /// Changes images by rows `[batch, 8]`; leaves colours alone unless `color` is set.
    fn diff_augment(
        images: FloatTensor<Self>,
        rows: FloatTensor<Self>,
        color: bool,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// Their gradient.
pub trait DiffAugmentGradients: Backend {
    /// The gradient of the images, from the gradient of the result.
    fn diff_augment_gradient(
        gradient: FloatTensor<Self>,
        rows: FloatTensor<Self>,
        color: bool,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

#[derive(Debug)]
struct DiffAugmentBackward;

impl<B: DiffAugmentGradients> BackwardPass<B, 1> for DiffAugmentBackward {
    /// The rows, and whether colours change.
    type Kept = (FloatTensor<B>, bool, Launch);

    fn gradients(
        (rows, color, launch): Self::Kept,
        gradient: FloatTensor<B>,
        _wanted: [bool; 1],
    ) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::diff_augment_gradient(gradient, rows, color, launch))]
    }
}

impl<B: DiffAugmentOps + DiffAugmentGradients, C: CheckpointStrategy> DiffAugmentOps for Autodiff<B, C> {
    fn diff_augment(
        images: FloatTensor<Self>,
        rows: FloatTensor<Self>,
        color: bool,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let node = images.node();
        let [images, rows] = [images, rows].map(|tensor| tensor.into_primitive());
        let changed = B::diff_augment(images, rows.clone(), color, launch);
        record::<DiffAugmentBackward, B, C, 1>([node], changed, (rows, color, launch))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::rng::{Purpose, stream};

    fn images(batch: usize, size: usize, step: u64) -> Tensor<4> {
        let values = stream(5, Purpose::Test, step).normals(batch * 3 * size * size);
        Tensor::from_data(TensorData::new(values, [batch, 3, size, size]), &Device::flex())
    }

    fn values(tensor: Tensor<4>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    fn drawn(policy: Policy, batch: usize, size: usize) -> Augmentation {
        Augmentation::draw(policy, batch, size, &mut stream(6, Purpose::Test, 0), &Device::flex())
    }

    #[test]
    fn an_empty_policy_changes_nothing() {
        let nothing = Policy { color: false, translation: false, cutout: false };
        let x = images(3, 8, 0);
        assert_eq!(values(drawn(nothing, 3, 8).apply(x.clone())), values(x));
    }

    #[test]
    fn translation_moves_whole_images_and_fills_with_grey() {
        let size = 16;
        let x = images(20, size, 1);
        let moved = values(drawn(Policy { color: false, translation: true, cutout: false }, 20, size).apply(x.clone()));
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
        let cut = values(drawn(Policy { color: false, translation: false, cutout: true }, 20, 16).apply(x));
        for image in cut.chunks_exact(3 * 256) {
            let blank = image[..256].iter().filter(|&&pixel| pixel == 0.0).count();
            assert!((16..=64).contains(&blank), "{blank}");
            assert_eq!(image[..256], image[256..512], "all channels alike");
        }
    }

    #[test]
    fn colour_keeps_shapes_and_spreads_brightness() {
        let x = Tensor::<4>::zeros([50, 3, 4, 4], &Device::flex());
        let coloured = values(drawn(Policy { color: true, translation: false, cutout: false }, 50, 4).apply(x));
        for image in coloured.chunks_exact(48) {
            assert!(image.iter().all(|pixel| (pixel - image[0]).abs() < 1e-6), "a plain image stays plain");
            assert!(image[0].abs() <= 0.5);
        }
    }
}
