//! The embedded data set: digits drawn from strokes, so that training needs no download and no file.
//!
//! An image is a pure function of its index. It is drawn with `+ - * /`, square roots and `libm` alone, so it has the
//! same bytes on every platform; no operation here may depend on the machine in its last bit. The seed is a constant,
//! not a parameter: runs with different training seeds must see the same data.

mod palette;
mod pose;
mod raster;
mod size;
mod skeletons;
mod spline;

pub use size::{IMAGE_BYTES, SIZE};

use std::ops::Range;

use super::catalogue::GLYPHS;
use super::dataset::{Dataset, Split};
use super::images::{ImageShape, Images};
use crate::rng::{Purpose, Stream, stream};
use palette::Palette;
use pose::Pose;
use raster::Coverage;
use skeletons::SKELETONS;
use spline::flatten;

/// Number of classes: the digits 0 to 9.
pub const CLASSES: usize = 10;
/// Number of training images, indices `0..TRAIN_COUNT`.
pub const TRAIN_COUNT: u64 = 20_000;
/// Number of held-out images, at the indices after the training images.
pub const TEST_COUNT: u64 = 2_000;

const SEED: u64 = 2021;
const STROKE_WIDTH_PX: Range<f32> = 3.3..4.6;

/// Draws the whole data set.
pub fn dataset() -> Dataset {
    Dataset {
        name: GLYPHS.to_owned(),
        class_names: (0..CLASSES).map(|class| class.to_string()).collect(),
        train: split(0..TRAIN_COUNT),
        test: split(TRAIN_COUNT..TRAIN_COUNT + TEST_COUNT),
        notes: Vec::new(),
    }
}

/// Draws the images of a range of indices, with labels.
pub fn split(indices: Range<u64>) -> Split {
    let shape = ImageShape { channels: 3, size: SIZE };
    let pixels = indices.clone().flat_map(draw).collect();
    Split::new(Images { shape, pixels }, indices.map(|index| Some(label(index).into())).collect())
}

/// The digit in the image at `index`, 0 to 9; any ten consecutive images show all ten digits.
pub fn label(index: u64) -> u8 {
    (index % CLASSES as u64) as u8
}

/// Draws the image at `index`: `[3, SIZE, SIZE]`, planes row by row.
pub fn draw(index: u64) -> [u8; IMAGE_BYTES] {
    let mut rng = stream(SEED, Purpose::Glyphs, index);
    let coverage = draw_strokes(label(index), &mut rng);
    Palette::random(&mut rng).paint(&coverage)
}

fn draw_strokes(digit: u8, rng: &mut Stream) -> Coverage {
    let styles = SKELETONS[usize::from(digit)];
    let skeleton = styles[rng.below(styles.len() as u32) as usize];
    let pose = Pose::random(rng);
    let width_px = rng.between(STROKE_WIDTH_PX.start, STROKE_WIDTH_PX.end);
    let mut coverage = Coverage::new(width_px);
    for stroke in skeleton {
        let path: Vec<_> = flatten(stroke).into_iter().map(|point| pose.apply(point)).collect();
        coverage.add(&path);
    }
    coverage
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sha2::{Digest, Sha256};

    use super::*;

    /// The bytes must be the same on every platform; other bytes would be a new data set.
    #[test]
    fn the_first_hundred_images_are_pinned() {
        let digest = Sha256::digest(split(0..100).images.pixels);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "b2ab34205327eb7eabdba6f755859c8fecfbbe4686686dd2d37cd1384be21c73");
    }

    #[test]
    fn no_image_occurs_twice_and_labels_are_balanced() {
        let Dataset { train, test, class_names, .. } = dataset();
        let mut seen = HashSet::new();
        for (split, count) in [(&train, TRAIN_COUNT as usize), (&test, TEST_COUNT as usize)] {
            assert_eq!(split.labels.len(), count);
            for class in 0..CLASSES as u16 {
                let members = split.labels.iter().filter(|&&label| label == Some(class)).count();
                assert_eq!(members, count / CLASSES, "images of {class}");
            }
            let images = split.images.pixels.chunks_exact(IMAGE_BYTES);
            assert_eq!(images.len(), count);
            assert!(images.into_iter().all(|image| seen.insert(image)), "an image occurs twice");
        }
        assert_eq!(class_names.len(), CLASSES);
    }

    #[test]
    fn an_image_does_not_depend_on_its_range() {
        let Split { images, labels, .. } = split(19_997..20_004);
        assert_eq!(images.pixels[5 * IMAGE_BYTES..6 * IMAGE_BYTES], draw(20_002));
        assert_eq!(labels, [7, 8, 9, 0, 1, 2, 3].map(Some));
        assert!(split(5..5).images.pixels.is_empty());
    }

    #[test]
    fn a_stroke_hardly_ever_reaches_the_border() {
        let on_border = |&pixel: &usize| [pixel % SIZE, pixel / SIZE].iter().any(|place| [0, SIZE - 1].contains(place));
        let reaches_border = |&index: &u64| {
            let coverage = draw_strokes(label(index), &mut stream(SEED, Purpose::Glyphs, index));
            (0..SIZE * SIZE).filter(on_border).any(|pixel| coverage.at(pixel) > 0.5)
        };
        let count = (0..5_000).filter(reaches_border).count();
        assert!(count <= 10, "{count} of 5,000");
    }
}
