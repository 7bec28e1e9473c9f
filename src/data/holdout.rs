//! Which images are held out if a data set has no test split.

use super::dataset::Split;
use crate::rng::{Purpose, stream};

const ONE_IN: usize = 10;

/// Splits into training and held-out images: one in ten of every class and of the unlabelled images is held out.
///
/// Images are sorted by class, in random order within a class, and every tenth from a random start is held out. So each
/// class loses a tenth, give or take one image, and a set of at least two images loses at least one.
pub(super) fn split(all: &Split, seed: u64) -> (Split, Split) {
    let mut draws = stream(seed, Purpose::HoldOut, 0);
    let mut order: Vec<usize> = (0..all.len()).collect();
    draws.shuffle(&mut order);
    order.sort_by_key(|&index| all.labels[index]);
    let mut is_held_out = vec![false; all.len()];
    if all.len() >= 2 {
        let first = draws.below(ONE_IN.min(all.len()) as u32) as usize;
        order[first..].iter().step_by(ONE_IN).for_each(|&index| is_held_out[index] = true);
    }
    let (test, train): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|&index| is_held_out[index]);
    (all.select(&train), all.select(&test))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::images::{ImageShape, Images};

    /// One-pixel images whose pixel is the index, with labels 0, 1, none in turn.
    fn turns(count: u8) -> Split {
        let shape = ImageShape { channels: 1, size: 1 };
        let labels = (0..count).map(|index| [Some(0), Some(1), None][usize::from(index) % 3]).collect();
        Split::new(Images { shape, pixels: (0..count).collect() }, labels)
    }

    #[test]
    fn every_image_lands_in_exactly_one_part_in_its_old_order() {
        for count in [0, 1, 2, 9, 10, 11, 100, 199] {
            let all = turns(count);
            let (train, test) = split(&all, 3);
            let mut seen = [train.images.pixels.clone(), test.images.pixels.clone()];
            assert!(seen.iter().all(|part| part.is_sorted()));
            seen[0].extend(&seen[1].clone());
            seen[0].sort_unstable();
            assert_eq!(seen[0], all.images.pixels);
            for part in [train, test] {
                let expected: Vec<_> = part.images.pixels.iter().map(|&p| all.labels[usize::from(p)]).collect();
                assert_eq!(part.labels, expected);
            }
        }
    }

    #[test]
    fn a_tenth_of_every_class_is_held_out() {
        for seed in 0..20 {
            let (_, test) = split(&turns(200), seed);
            assert_eq!(test.len(), 20);
            for class in [Some(0), Some(1), None] {
                let held_out = test.labels.iter().filter(|&&label| label == class).count();
                assert!((6..=7).contains(&held_out), "{held_out} of {class:?}");
            }
        }
    }

    #[test]
    fn the_seed_decides_and_two_images_leave_one_on_each_side() {
        let held_out = |seed| split(&turns(200), seed).1.images.pixels;
        assert_eq!(held_out(1), held_out(1));
        assert_ne!(held_out(1), held_out(2));
        for (count, expected) in [(0, 0), (1, 0), (2, 1), (9, 1), (10, 1)] {
            assert_eq!(split(&turns(count), 5).1.len(), expected, "of {count}");
        }
    }
}
