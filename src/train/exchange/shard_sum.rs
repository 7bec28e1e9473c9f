//! Sums over shards in a fixed order.

use std::ops::{Add, Range};

/// A sum over shards, which arrive in order.
///
/// Two blocks of `2^k` shards are added as soon as both are there, if the first starts at a multiple of `2^(k+1)`. At
/// the end, what remains is added from the last to the first. So the order depends on the number of shards alone,
/// although neighbours may be added elsewhere first, and at most one block of each size waits for its neighbour.
#[derive(Debug)]
pub struct ShardSum<T> {
    blocks: Vec<Block<T>>,
}

/// The sum of neighbouring shards.
#[derive(Debug)]
pub struct Block<T> {
    /// Which ones.
    pub shards: Range<usize>,
    /// Their sum.
    pub sum: T,
}

impl<T> Default for ShardSum<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T: Add<Output = T>> ShardSum<T> {
    /// Adds the next shards.
    pub fn add(&mut self, mut block: Block<T>) {
        while let Some(left) = self.blocks.pop_if(|left| are_neighbours(&left.shards, &block.shards)) {
            block = Block { shards: left.shards.start..block.shards.end, sum: left.sum + block.sum };
        }
        self.blocks.push(block);
    }

    /// The blocks that could not be added yet.
    pub fn into_blocks(self) -> Vec<Block<T>> {
        self.blocks
    }

    /// The sum of all shards; none if there were none.
    pub fn total(self) -> Option<T> {
        self.blocks.into_iter().map(|block| block.sum).rev().reduce(|right, left| left + right)
    }
}

/// The blocks that remain of some neighbouring shards.
pub fn blocks(shards: Range<usize>) -> Vec<Range<usize>> {
    let mut sum = ShardSum::default();
    shards.for_each(|shard| sum.add(Block { shards: shard..shard + 1, sum: 0 }));
    sum.into_blocks().into_iter().map(|block| block.shards).collect()
}

/// Whether two blocks are halves of one.
fn are_neighbours(left: &Range<usize>, right: &Range<usize>) -> bool {
    left.len() == right.len() && left.start.is_multiple_of(2 * left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An addition that remembers its order.
    #[derive(Clone, Debug, PartialEq)]
    struct Term(String);

    impl Add for Term {
        type Output = Self;

        fn add(self, right: Self) -> Self {
            Self(format!("({}+{})", self.0, right.0))
        }
    }

    fn partial(shards: Range<usize>) -> ShardSum<Term> {
        let mut sum = ShardSum::default();
        shards.for_each(|shard| sum.add(Block { shards: shard..shard + 1, sum: Term(shard.to_string()) }));
        sum
    }

    #[test]
    fn the_order_is_a_balanced_tree() {
        let total = |shards| partial(0..shards).total().map(|term| term.0);
        assert_eq!(total(0), None);
        assert_eq!(total(1).as_deref(), Some("0"));
        assert_eq!(total(4).as_deref(), Some("((0+1)+(2+3))"));
        assert_eq!(total(6).as_deref(), Some("(((0+1)+(2+3))+(4+5))"));
        assert_eq!(total(7).as_deref(), Some("(((0+1)+(2+3))+((4+5)+6))"));
        assert_eq!(total(8).as_deref(), Some("(((0+1)+(2+3))+((4+5)+(6+7)))"));
    }

    #[test]
    fn the_order_does_not_depend_on_who_adds() {
        for shards in 1..=24 {
            let expected = partial(0..shards).total();
            for ranks in (1..=shards).filter(|ranks| shards % ranks == 0) {
                let share = shards / ranks;
                let mut sum = ShardSum::default();
                for first in (0..shards).step_by(share) {
                    let parts = partial(first..first + share).into_blocks();
                    assert!(parts.iter().map(|block| block.shards.clone()).eq(blocks(first..first + share)));
                    parts.into_iter().for_each(|block| sum.add(block));
                }
                assert_eq!(sum.total(), expected, "{shards} shards on {ranks} ranks");
            }
        }
    }
}
