//! Tensors of all shards of a batch, whoever has computed them.
//!
//! All sums are made by devices, on whichever rank, so the same numbers are added with the same instructions on any
//! number of ranks.

use std::ops::Range;

use burn::tensor::{Device, ExecutionError, Tensor};

use super::shard_sum::{Block, ShardSum, blocks};
use super::{Exchange, ExchangeError, Phase};
use crate::kernels::upload::upload;
use crate::train::error::TrainError;

/// Bytes of a number.
const WIDTH: usize = size_of::<f32>();

/// The shards of a run, divided among ranks.
#[derive(Debug)]
pub struct Shards<'a, E> {
    exchange: &'a E,
    count: usize,
}

impl<'a, E: Exchange> Shards<'a, E> {
    /// Divides `count` shards evenly.
    ///
    /// # Errors
    /// If that is impossible.
    pub fn new(exchange: &'a E, count: usize) -> Result<Self, TrainError> {
        let ranks = exchange.ranks();
        let is_even = count.is_multiple_of(ranks);
        if is_even { Ok(Self { exchange, count }) } else { Err(TrainError::UnevenShards { shards: count, ranks }) }
    }

    /// The number of shards.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The shards of this rank.
    pub fn own(&self) -> Range<usize> {
        self.of(self.exchange.rank())
    }

    fn of(&self, rank: usize) -> Range<usize> {
        let share = self.count / self.exchange.ranks();
        rank * share..(rank + 1) * share
    }

    /// Adds up flat tensors of this rank's shards, in their order.
    pub fn own_sum(&self, parts: impl Iterator<Item = Tensor<1>>) -> ShardSum<Tensor<1>> {
        let mut sum = ShardSum::default();
        self.own().zip(parts).for_each(|(shard, part)| sum.add(Block { shards: shard..shard + 1, sum: part }));
        sum
    }

    /// The sum over all shards, on every rank, of flat tensors `[count]`, of which `own` has this rank's.
    ///
    /// Each rank gets its slice of the others' sums, adds these up, and sends the result to all. So each number travels
    /// about twice, on any number of ranks.
    ///
    /// # Errors
    /// If the exchange fails, or the device cannot be read.
    pub async fn sum(&self, phase: Phase, own: ShardSum<Tensor<1>>) -> Result<Option<Tensor<1>>, TrainError> {
        if self.exchange.ranks() == 1 {
            return Ok(own.total());
        }
        let blocks = own.into_blocks();
        let Some(form) = blocks.first().map(|block| block.sum.clone()) else { return Ok(None) };
        let (count, device) = (form.dims()[0], form.device());
        let slice = self.exchange.all_to_all(phase, self.slices(count, blocks).await?).await?;
        let slice = self.sum_of_slice(phase, count, &slice, &device).await?;
        let whole = self.exchange.all_gather(phase, slice).await?;
        let lengths = (0..whole.len()).map(|rank| self.slice(count, rank).len());
        check(phase, &whole, lengths)?;
        Ok(Some(upload(floats(&whole.concat()), [count], &device)))
    }

    /// The tensors of all shards, on every rank, of flat tensors of equal sizes, of which `parts` has this rank's.
    ///
    /// # Errors
    /// As [`Self::sum`].
    pub async fn gather(&self, phase: Phase, parts: Vec<Tensor<1>>) -> Result<Vec<Tensor<1>>, TrainError> {
        let Some((count, device)) = parts.first().map(|part| (part.dims()[0], part.device())) else {
            return Ok(parts);
        };
        if self.exchange.ranks() == 1 {
            return Ok(parts);
        }
        let all = self.exchange.all_gather(phase, bytes(&read(Tensor::cat(parts, 0)).await?)).await?;
        check(phase, &all, (0..all.len()).map(|rank| self.of(rank).len() * count))?;
        let values = all.concat();
        Ok(values.chunks_exact(count * WIDTH).map(|shard| upload(floats(shard), [count], &device)).collect())
    }

    /// The part of `count` numbers that a rank adds up.
    fn slice(&self, count: usize, rank: usize) -> Range<usize> {
        let ranks = self.exchange.ranks();
        rank * count / ranks..(rank + 1) * count / ranks
    }

    /// The slices of blocks that each rank gets.
    async fn slices(&self, count: usize, blocks: Vec<Block<Tensor<1>>>) -> Result<Vec<Vec<u8>>, TrainError> {
        let mut slices = vec![Vec::new(); self.exchange.ranks()];
        for block in blocks {
            let values = read(block.sum).await?;
            let ranks = slices.iter_mut().enumerate();
            ranks.for_each(|(rank, slice)| slice.extend(bytes(&values[self.slice(count, rank)])));
        }
        Ok(slices)
    }

    /// Adds up this rank's slice of the blocks of all ranks.
    async fn sum_of_slice(
        &self,
        phase: Phase,
        count: usize,
        received: &[Vec<u8>],
        device: &Device,
    ) -> Result<Vec<u8>, TrainError> {
        let length = self.slice(count, self.exchange.rank()).len();
        let blocks: Vec<Vec<Range<usize>>> = (0..received.len()).map(|rank| blocks(self.of(rank))).collect();
        check(phase, received, blocks.iter().map(|blocks| blocks.len() * length))?;
        if length == 0 {
            return Ok(Vec::new());
        }
        let mut sum = ShardSum::default();
        for (bytes, blocks) in received.iter().zip(blocks) {
            for (shards, values) in blocks.into_iter().zip(bytes.chunks_exact(length * WIDTH)) {
                sum.add(Block { shards, sum: upload(floats(values), [length], device) });
            }
        }
        match sum.total() {
            Some(total) => Ok(bytes(&read(total).await?)),
            None => Ok(Vec::new()),
        }
    }
}

/// Checks that each rank has sent as many numbers as expected.
fn check(
    phase: Phase,
    received: &[Vec<u8>],
    expected: impl ExactSizeIterator<Item = usize>,
) -> Result<(), ExchangeError> {
    for (rank, (bytes, numbers)) in received.iter().zip(expected).enumerate() {
        let (found, expected) = (bytes.len(), numbers * WIDTH);
        if found != expected {
            return Err(ExchangeError { rank, phase, reason: format!("expected {expected} bytes, found {found}") });
        }
    }
    Ok(())
}

async fn read(values: Tensor<1>) -> Result<Vec<f32>, ExecutionError> {
    Ok(values.into_data_async().await?.iter::<f32>().collect())
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&value| f32::from_le_bytes(value)).collect()
}
