//! Random words and what is drawn from them.

use super::item::{of_integers, of_numbers};
use crate::repro::report::ExactItem;
use crate::repro::tasks::SEED;
use crate::rng::{Purpose, Stream, stream};

/// Some purposes of training, with steps from the first to one beyond 32 bits.
const STREAMS: [(Purpose, u64); 6] = [
    (Purpose::Weights, 0),
    (Purpose::Latents, 1),
    (Purpose::Batches, 2),
    (Purpose::Augment, 1_000_003),
    (Purpose::Dropout, 1 << 40),
    (Purpose::Test, u64::MAX),
];

/// Numbers from each stream.
const DRAWS: usize = 512;

pub fn items() -> Vec<ExactItem> {
    vec![
        of_integers(
            "random words",
            "Words of ChaCha8 for several purposes and steps, from the first on and after jumps.",
            words(),
        ),
        of_integers("random integers", "Integers below several bounds, and a permutation.", integers()),
        of_numbers("random uniforms", "Uniform numbers.", draws(Stream::uniform)),
        of_numbers("random normals", "Standard normal numbers: logarithms and cosines of libm.", draws(Stream::normal)),
    ]
}

fn words() -> Vec<i64> {
    let word = |(purpose, step): (Purpose, u64), index: u64| stream(SEED, purpose, step).at(index).bits();
    let mut words: Vec<i64> = draws(Stream::bits).into_iter().map(i64::from).collect();
    words.extend(STREAMS.into_iter().flat_map(|of| [7, 1 << 33].map(|index| i64::from(word(of, index)))));
    words
}

fn integers() -> Vec<i64> {
    let mut draws = stream(SEED, Purpose::Test, 1);
    let mut integers: Vec<i64> = [1, 2, 10, 1_000_003, u32::MAX]
        .into_iter()
        .cycle()
        .take(DRAWS)
        .map(|bound| draws.below(bound).into())
        .collect();
    integers.extend(draws.permutation(1_000).into_iter().map(i64::from));
    integers
}

fn draws<T>(mut draw: impl FnMut(&mut Stream) -> T) -> Vec<T> {
    let mut drawn = Vec::with_capacity(STREAMS.len() * DRAWS);
    for (purpose, step) in STREAMS {
        let mut draws = stream(SEED, purpose, step);
        drawn.extend((0..DRAWS).map(|_| draw(&mut draws)));
    }
    drawn
}
