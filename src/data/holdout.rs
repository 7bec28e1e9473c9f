//! Which images are held out if a data set has no test split.

use std::collections::BTreeMap;

use super::dataset::Split;
use super::names::first_of;
use crate::rng::{Purpose, stream};

const ONE_IN: usize = 10;

/// Splits into training and held-out images: one in ten of every class and of the unlabelled images is held out.
///
/// Images are sorted by class, in random order within a class, and every tenth from a random start is held out. So each
/// class loses a tenth, give or take one image. A class with a single image keeps it. If that leaves nothing to hold
/// out, the next image that its class can spare is.
pub(super) fn split(all: &Split, seed: u64) -> (Split, Split) {
    let mut draws = stream(seed, Purpose::HoldOut, 0);
    let mut order: Vec<usize> = (0..all.len()).collect();
    draws.shuffle(&mut order);
    order.sort_by_key(|&index| all.labels[index]);
    let mut is_held_out = vec![false; all.len()];
    if all.len() >= 2 {
        let first = draws.below(ONE_IN.min(all.len()) as u32) as usize;
        let sizes = sizes(all);
        let can_spare = |index: &usize| all.labels[*index].is_none_or(|class| sizes[&Some(class)] > 1);
        let mut chosen: Vec<usize> = order[first..].iter().step_by(ONE_IN).copied().filter(can_spare).collect();
        if chosen.is_empty() {
            order.rotate_left(first);
            chosen.extend(order.into_iter().find(can_spare));
        }
        chosen.into_iter().for_each(|index| is_held_out[index] = true);
    }
    let (test, train): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|&index| is_held_out[index]);
    (all.select(&train), all.select(&test))
}

/// What people should know about a split that [`split`] has made.
pub(super) fn notes((train, test): &(Split, Split), class_names: &[String], seed: u64) -> Vec<String> {
    let (count, all) = (test.len(), train.len() + test.len());
    if test.is_empty() {
        let reason = "no class has an image to spare";
        return vec![format!(
            "no test images, and none of {all} images can be held out: {reason}; nothing measures quality without them"
        )];
    }
    let mut notes = vec![format!("no test images: {count} of {all} images are held out (seed {seed})")];
    let (kept, held_out) = (sizes(train), sizes(test));
    let has_only = |label: Option<u16>| kept.contains_key(&label) && !held_out.contains_key(&label);
    let classes = class_names.iter().zip(0..).filter(|&(_, class)| has_only(Some(class)));
    let small: Vec<&String> = classes.map(|(name, _)| name).collect();
    notes.extend((!small.is_empty()).then(|| format!("too small to be held out: {}", first_of(&small, ", "))));
    notes
}

/// How many images each class has, and how many have no label.
fn sizes(split: &Split) -> BTreeMap<Option<u16>, usize> {
    let mut sizes = BTreeMap::new();
    split.labels.iter().for_each(|label| *sizes.entry(*label).or_default() += 1);
    sizes
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
    fn the_seed_decides_and_few_images_leave_some_on_each_side() {
        let held_out = |seed| split(&turns(200), seed).1.images.pixels;
        assert_eq!(held_out(1), held_out(1));
        assert_ne!(held_out(1), held_out(2));
        for (count, expected) in [(0, 0), (1, 0), (3, 1), (9, 1), (10, 1)] {
            assert_eq!(split(&turns(count), 5).1.len(), expected, "of {count}");
        }
        let [train, test] = <[Split; 2]>::from(split(&labelled(vec![None; 2]), 5));
        assert_eq!([train.len(), test.len()], [1, 1]);
    }

    /// Images with these labels; the pixel is the index.
    fn labelled(labels: Vec<Option<u16>>) -> Split {
        let shape = ImageShape { channels: 1, size: 1 };
        Split::new(Images { shape, pixels: (0..labels.len()).map(|index| index as u8).collect() }, labels)
    }

    #[test]
    fn a_class_never_loses_its_last_image() {
        let classes = [40, 1, 1, 2, 1, 9, 1, 1, 1, 1];
        let labels: Vec<_> = (0..).zip(classes).flat_map(|(class, count)| vec![Some(class); count]).collect();
        let names: Vec<String> = (0..classes.len()).map(|class| class.to_string()).collect();
        let all = labelled(labels);
        for seed in 0..200 {
            let parts = split(&all, seed);
            assert_eq!(sizes(&parts.0).len(), classes.len(), "seed {seed}");
            assert!(parts.1.len() >= 4, "seed {seed}");
            let notes = notes(&parts, &names, seed);
            let small = notes[1].strip_prefix("too small to be held out: ").unwrap();
            for class in small.split(", ") {
                assert!(!parts.1.labels.contains(&Some(class.parse().unwrap())), "seed {seed}: {class}");
            }
            assert!(small.contains("1, 2, ") && !small.starts_with('0'), "{small}");
        }
    }

    #[test]
    fn something_is_held_out_if_any_class_can_spare_it() {
        for seed in 0..50 {
            let (train, test) = split(&labelled(vec![Some(0), Some(1), Some(1), Some(2)]), seed);
            assert_eq!((test.labels, train.len()), (vec![Some(1)], 3));
            let (train, test) = split(&labelled(vec![Some(0), None, Some(2)]), seed);
            assert_eq!((test.labels, train.len()), (vec![None], 2));
            let parts = split(&labelled(vec![Some(0), Some(1), Some(2)]), seed);
            assert_eq!((parts.1.len(), parts.0.len()), (0, 3));
            assert!(notes(&parts, &[], seed)[0].contains("none of 3 images can be held out"));
        }
    }

    /// The split of older versions: every tenth of the order, whatever it takes.
    fn older(all: &Split, seed: u64) -> Vec<u8> {
        let mut draws = stream(seed, Purpose::HoldOut, 0);
        let mut order: Vec<usize> = (0..all.len()).collect();
        draws.shuffle(&mut order);
        order.sort_by_key(|&index| all.labels[index]);
        let first = draws.below(ONE_IN.min(all.len()) as u32) as usize;
        let mut held_out: Vec<u8> = order[first..].iter().step_by(ONE_IN).map(|&index| index as u8).collect();
        held_out.sort_unstable();
        held_out
    }

    #[test]
    fn a_set_whose_classes_have_several_images_is_split_as_ever() {
        for (count, seed) in [(6, 0), (7, 1), (30, 2), (199, 3), (200, 4)] {
            let all = turns(count);
            assert_eq!(split(&all, seed).1.images.pixels, older(&all, seed), "{count}");
        }
    }
}
