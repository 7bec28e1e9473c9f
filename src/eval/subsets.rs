//! Which images are compared, and in which order, if not all are.

use crate::metrics::SubsetPair;
use crate::rng::{Purpose, stream};

/// The draws that are no kernel subsets have numbers from here on.
const FIRST_OTHER: u64 = 1 << 32;

/// Pairs of subsets, each without repetition, of sets of two sizes.
pub(super) fn pairs(counts: [usize; 2], subsets: usize, size: usize, seed: u64) -> Vec<SubsetPair> {
    let chosen = |subset: u64, side: u64| choose(counts[side as usize], size, seed, 2 * subset + side);
    (0..subsets as u64).map(|subset| [chosen(subset, 0), chosen(subset, 1)]).collect()
}

/// `most` of `count` images, in their order; all if there are no more.
pub(super) fn sample(count: usize, most: usize, seed: u64) -> Vec<usize> {
    let mut chosen = if count > most { choose(count, most, seed, FIRST_OTHER) } else { (0..count).collect() };
    chosen.sort_unstable();
    chosen
}

/// All of `count` images, in random order.
pub(super) fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    choose(count, count, seed, FIRST_OTHER + 1)
}

fn choose(count: usize, chosen: usize, seed: u64, number: u64) -> Vec<usize> {
    let order = stream(seed, Purpose::Subsets, number).permutation(count);
    order.into_iter().take(chosen).map(|index| index as usize).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn subsets_repeat_nothing_and_differ() {
        let pairs = pairs([30, 50], 4, 20, 1);
        let mut all = BTreeSet::new();
        for (side, subset) in pairs.iter().flat_map(|pair| pair.iter().enumerate()) {
            let different: BTreeSet<_> = subset.iter().copied().collect();
            assert!(different.len() == 20 && subset.iter().all(|&index| index < [30, 50][side]));
            all.insert(subset.clone());
        }
        assert_eq!(all.len(), 8);
    }

    #[test]
    fn a_sample_is_in_order_and_all_if_there_are_few() {
        assert_eq!(sample(4, 9, 1), [0, 1, 2, 3]);
        let some = sample(100, 10, 1);
        assert!(some.len() == 10 && some.is_sorted_by(|a, b| a < b) && some != (0..10).collect::<Vec<_>>());
        let mut all = shuffled(100, 1);
        assert!(!all.is_sorted());
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }
}
