//! Batches of real images from bytes, bit by bit.

use std::ops::Range;

use burn::backend::Dispatch;
use burn::tensor::{Int, Tensor, TensorData};

use crate::data::{ImageShape, Images};
use crate::kernels::batch::{BatchOps, DeviceImages, PartImages, Residence, assemble};
use crate::kernels::compare::{Case, Outcome, Target};
use crate::rng::{Purpose, stream};

/// Channels and size of images: one pixel; the data sets; and sizes whose bytes or rows do not fill words.
const SHAPES: [[usize; 2]; 6] = [[1, 1], [1, 28], [3, 32], [3, 5], [1, 6], [2, 7]];

/// Every result has the same bits on every device.
const BUDGET: f64 = 0.0;

/// The content of elements before a write; no byte becomes it.
const UNTOUCHED: f64 = -7.0;

/// The bit of an index that mirrors its image.
const MIRRORED: u32 = 1 << 31;

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for [channels, size] in SHAPES {
        let images = images(ImageShape { channels, size });
        let all = Picks::all(&images);
        let last = images.count() as u32 - 1;
        let few = Picks { indices: vec![last, 0, last, last], flips: vec![true, false, false, true] };
        let one = Picks { indices: vec![last], flips: vec![false] };
        for picks in [all, few, one] {
            outcomes.extend(check_batch(&images, &picks, target).await);
        }
        outcomes.extend(check_parts(&images, target).await);
    }
    outcomes
}

/// The cases of the reproducibility suite: batches as training assembles them, which depends on the device.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for [channels, size] in [[1, 28], [3, 32]] {
        let images = images(ImageShape { channels, size });
        let picks = Picks::all(&images);
        let kept = DeviceImages::new(&images, Residence::default(), &target.device);
        let batch = match kept {
            Some(kept) => kept.assemble_with(&picks.indices, &picks.flips, target.launch),
            None => assemble(&images, &picks.indices, &picks.flips, &target.device),
        };
        let mut case = Case::new("batch", format!("{} of {}", picks.indices.len(), images.shape), BUDGET);
        case.expect("batch", batch, &picks.pixels(&images)).await;
        outcomes.extend(case.outcomes());
    }
    outcomes
}

/// Checks a batch assembled on the host and, if the device keeps images, one assembled there.
async fn check_batch(images: &Images, picks: &Picks, target: &Target) -> Vec<Outcome> {
    let expected = picks.pixels(images);
    let class = target.launch.class();
    let mut case = Case::new("batch", format!("{} of {} {class}", picks.indices.len(), images.shape), BUDGET);
    case.expect("batch from the host", assemble(images, &picks.indices, &picks.flips, &target.device), &expected).await;
    for part in parts(images) {
        if let Some(kept) = DeviceImages::new(images, Residence { part, ..Residence::default() }, &target.device) {
            case.expect(
                "batch from the device",
                kept.assemble_with(&picks.indices, &picks.flips, target.launch),
                &expected,
            )
            .await;
        }
    }
    let too_many = Residence { whole: images.pixels.len() - 1, ..Residence::default() };
    assert!(DeviceImages::new(images, too_many, &target.device).is_none(), "batch: what does not fit is streamed");
    case.outcomes()
}

/// Most bytes of a part: all images in one part; in a few, mostly with a short one at the end; and one image per part,
/// since not even one fits. Every part is a kernel of its own, so many images are not divided that far.
fn parts(images: &Images) -> Vec<usize> {
    let several = (images.count() / 4 + 1).max(2) * images.shape.bytes() + 1;
    let mut parts = vec![usize::MAX, several];
    if images.count() < 8 {
        parts.push(1);
    }
    parts
}

/// Checks images in two buffers, like those of a large data set, and that each buffer leaves other images alone. Does
/// nothing if the device keeps no images.
async fn check_parts(images: &Images, target: &Target) -> Vec<Outcome> {
    if DeviceImages::new(images, Residence::default(), &target.device).is_none() {
        return Vec::new();
    }
    let (picks, count) = (Picks::all(images), images.count());
    let first_of_second = count / 3;
    let whole = picks.pixels(images);
    let is_in_second = |at: usize| picks.indices[at / images.shape.bytes()] as usize >= first_of_second;
    let half: Vec<f64> = (0..whole.len()).map(|at| if is_in_second(at) { whole[at] } else { UNTOUCHED }).collect();

    let ImageShape { channels, size } = images.shape;
    let class = target.launch.class();
    let of = format!("{} of {} in two parts {class}", picks.indices.len(), images.shape);
    let mut case = Case::new("batch", of, BUDGET);
    let empty = || Tensor::<4>::full([picks.indices.len(), channels, size, size], UNTOUCHED, &target.device);
    let with_second = || filled(empty(), images, first_of_second..count, &picks, target);
    case.expect("batch from the second part", with_second(), &half).await;
    let with_both = filled(with_second(), images, 0..first_of_second, &picks, target);
    case.expect("batch from both parts", with_both, &whole).await;
    case.outcomes()
}

/// A batch after a write of the images of a part, a range of indices.
fn filled(batch: Tensor<4>, images: &Images, part: Range<usize>, picks: &Picks, target: &Target) -> Tensor<4> {
    let bytes = images.shape.bytes();
    let words = words(&images.pixels[part.start * bytes..part.end * bytes]);
    let [words, indices] = [words, picks.marked()].map(|numbers| {
        let count = numbers.len();
        Tensor::<1, Int>::from_data(TensorData::new(numbers, [count]), &target.device).into_dispatch()
    });
    let part = PartImages { shape: images.shape, first: part.start, count: part.len() };
    Tensor::from_dispatch(<Dispatch as BatchOps>::fill_batch(
        batch.into_dispatch(),
        words,
        indices,
        part,
        target.launch,
    ))
}

/// Bytes as words, the lowest bits first; bytes that no image may read fill up the last one.
fn words(bytes: &[u8]) -> Vec<i32> {
    let word = |four: &[u8]| {
        let byte = |at: usize| u32::from(four.get(at).copied().unwrap_or(0xa5)) << (8 * at);
        (0..4).map(byte).sum::<u32>().cast_signed()
    };
    bytes.chunks(4).map(word).collect()
}

/// At least three images that have all values of a byte.
fn images(shape: ImageShape) -> Images {
    let count = 512usize.div_ceil(shape.bytes()).max(3);
    // An odd factor reaches all values in 256 steps, in another order in the next 256.
    let pixel = |at: usize| (at * 167 + at / 256 * 31) as u8;
    Images { shape, pixels: (0..count * shape.bytes()).map(pixel).collect() }
}

/// Which images make up a batch.
#[derive(Debug, Clone)]
struct Picks {
    indices: Vec<u32>,
    flips: Vec<bool>,
}

impl Picks {
    /// Every image once as it is and once mirrored, in random order.
    fn all(images: &Images) -> Self {
        let count = images.count() as u32;
        let order = stream(1, Purpose::Test, 0).permutation(2 * images.count());
        Self {
            indices: order.iter().map(|number| number % count).collect(),
            flips: order.iter().map(|number| number / count == 1).collect(),
        }
    }

    /// The indices as kernels read them.
    fn marked(&self) -> Vec<i32> {
        let mark = |(&index, &flip): (&u32, &bool)| if flip { index | MIRRORED } else { index };
        self.indices.iter().zip(&self.flips).map(mark).map(u32::cast_signed).collect()
    }

    /// The batch.
    fn pixels(&self, Images { shape, pixels }: &Images) -> Vec<f64> {
        let mut batch = Vec::new();
        for (&index, &flip) in self.indices.iter().zip(&self.flips) {
            for at in 0..shape.bytes() {
                let column = at % shape.size;
                let source = if flip { at - column + (shape.size - 1 - column) } else { at };
                batch.push(scaled(pixels[index as usize * shape.bytes() + source]));
            }
        }
        batch
    }
}

/// A byte scaled to -1 to 1, rounded to f32 after the division and after the subtraction.
fn scaled(byte: u8) -> f64 {
    let quotient = (f64::from(byte) / 127.5) as f32;
    f64::from((f64::from(quotient) - 1.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle's batch of small images.
    #[test]
    fn rows_are_mirrored_and_channels_are_not() {
        let images = Images { shape: ImageShape { channels: 2, size: 2 }, pixels: (0..16).collect() };
        let picks = Picks { indices: vec![1, 0], flips: vec![true, false] };
        let expected = [9, 8, 11, 10, 13, 12, 15, 14, 0, 1, 2, 3, 4, 5, 6, 7].map(scaled);
        assert_eq!(picks.pixels(&images), expected);
        assert_eq!(picks.marked(), [i32::MIN + 1, 0]);
    }

    /// The two roundings stay close to the exact number, and keep all bytes distinct; none becomes a zero, so numbers
    /// that are equal have equal bits.
    #[test]
    fn bytes_are_scaled_to_between_minus_one_and_one() {
        assert_eq!([0, 255].map(scaled), [-1.0, 1.0]);
        for byte in 0..=255u8 {
            assert!((scaled(byte) - (f64::from(byte) / 127.5 - 1.0)).abs() < 1.2e-7, "{byte}");
            assert!(scaled(byte) != 0.0 && (byte == 0 || scaled(byte) > scaled(byte - 1)), "{byte}");
        }
    }

    #[test]
    fn words_start_with_their_lowest_bits() {
        assert_eq!(words(&[1, 2, 3, 4, 255]), [0x0403_0201, 0xa5a5_a5ffu32.cast_signed()]);
    }

    /// Every batch of all images has every byte, as it is and mirrored.
    #[test]
    fn images_have_all_bytes() {
        for [channels, size] in SHAPES {
            let images = images(ImageShape { channels, size });
            assert!((0..=255u8).all(|byte| images.pixels.contains(&byte)), "{channels} {size}");
            let picks = Picks::all(&images);
            for flip in [false, true] {
                let of_kind = picks.indices.iter().zip(&picks.flips).filter(|pick| *pick.1 == flip);
                let mut indices: Vec<u32> = of_kind.map(|pick| *pick.0).collect();
                indices.sort_unstable();
                assert_eq!(indices, (0..images.count() as u32).collect::<Vec<_>>());
            }
        }
    }
}
