//! Which images make up a batch.

use std::cell::RefCell;

use crate::rng::{Purpose, stream};

/// An endless sequence of indices. Every epoch has each index once, in an order that seed and epoch determine.
///
/// A batch is a function of its number, so a resumed run needs no saved position. The order of the current epoch is
/// cached only to save time.
#[derive(Debug)]
pub struct BatchSampler {
    indices: Vec<u32>,
    seed: u64,
    purpose: Purpose,
    epoch: RefCell<Option<(u64, Vec<u32>)>>,
}

impl BatchSampler {
    /// A sampler of `indices`.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(indices: Vec<u32>, seed: u64, purpose: Purpose) -> Self {
        assert!(!indices.is_empty(), "a sampler needs something to sample");
        Self { indices, seed, purpose, epoch: RefCell::new(None) }
    }

    /// The `size` indices of batch `number`.
    pub fn batch(&self, number: u64, size: usize) -> Vec<u32> {
        let first = number * size as u64;
        (first..first + size as u64).map(|position| self.at(position)).collect()
    }

    fn at(&self, position: u64) -> u32 {
        let (epoch, offset) = (position / self.indices.len() as u64, position % self.indices.len() as u64);
        let mut current = self.epoch.borrow_mut();
        match &*current {
            Some((remembered, order)) if *remembered == epoch => order[offset as usize],
            _ => {
                let mut order = self.indices.clone();
                stream(self.seed, self.purpose, epoch).shuffle(&mut order);
                let index = order[offset as usize];
                *current = Some((epoch, order));
                index
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_holds_each_index_once_in_its_own_order() {
        let sampler = BatchSampler::new((10..23).collect(), 1, Purpose::Batches);
        let first: Vec<u32> = sampler.batch(0, 13);
        let second: Vec<u32> = sampler.batch(1, 13);
        assert_ne!(first, second);
        for mut epoch in [first, second] {
            epoch.sort_unstable();
            assert_eq!(epoch, (10..23).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn a_batch_depends_on_its_number_alone() {
        let sampler = || BatchSampler::new((0..13).collect(), 1, Purpose::Batches);
        let in_order: Vec<Vec<u32>> = {
            let s = sampler();
            (0..8).map(|number| s.batch(number, 5)).collect()
        };
        for (number, batch) in in_order.iter().enumerate() {
            assert_eq!(&sampler().batch(number as u64, 5), batch);
        }
    }
}
