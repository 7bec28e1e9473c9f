//! Every random number is a pure function of (seed, purpose, step, index).
//!
//! ChaCha is a counter-based generator: the seed and the purpose form its key, the step selects its stream, and the
//! index is a position in that stream. No draw depends on an earlier one, so a resumed run needs no saved generator
//! state, and a new draw for one purpose never changes the numbers of another. Integers become floats and normals by
//! exact operations and `libm` alone, so every platform, wasm included, gets the same bits.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a random number is for. The discriminant is part of the key: never renumber a released one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial weights; the step is the hash of the parameter's path.
    Weights = 1,
    /// The anchors of the latent partition.
    Anchors = 2,
    /// Latent vectors and their labels in training.
    Latents = 3,
    /// Which real images make up a batch; the step is the epoch.
    Batches = 4,
    /// Horizontal flips of real images.
    Flips = 5,
    /// DiffAugment's parameters.
    Augment = 6,
    /// Which images keep their manual label.
    LabelBudget = 7,
    /// Which labelled images the classifier sees; the step is the epoch.
    LabelledBatches = 8,
    /// The perturbation of approximate R1.
    Penalty = 9,
    /// Dropout masks of the classifier.
    Dropout = 10,
    /// Which images are held out if a data set has no test split.
    HoldOut = 11,
    /// The drawn data set; the step is the image's index.
    Glyphs = 12,
    /// Fixed latents of sample grids and of `generate`.
    Samples = 13,
    /// Latents for the Frechet distance.
    Evaluation = 14,
    /// Training the judge.
    Judge = 15,
    /// Random inputs of tests and checks.
    Test = 16,
    /// Shifts of the classifier's training images.
    ClassifierShifts = 17,
    /// Flips and shifts of the images that a residual judge learns from.
    JudgeChanges = 18,
    /// Which images are compared, and in which order, where not all are; the step is a count of draws.
    Subsets = 19,
    /// Which labels of a label table are replaced, and by which.
    LabelFlips = 20,
    /// What the discriminator sees of the labels of generated images beside a label table; the step is the update.
    GeneratedLabels = 21,
    /// Where k-means begins, and on which images.
    KMeans = 22,
    /// The latents of the images on which a teacher's confusion is estimated; the step is the run's.
    Confusion = 23,
}

/// A stream of random numbers for one (seed, purpose, step), read from index 0 on.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

/// Opens the stream of one (seed, purpose, step).
pub fn stream(seed: u64, purpose: Purpose, step: u64) -> Stream {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[16..32].copy_from_slice(b"slgan rng v1 key");
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(step);
    Stream(generator)
}

impl Stream {
    /// Jumps to the 32-bit word at `index`, so that a caller can skip the elements before it.
    pub fn at(mut self, index: u64) -> Self {
        self.0.set_word_pos(u128::from(index));
        self
    }

    /// The eight words of the key and the two of the stream's number, the lower one first: what another implementation
    /// of ChaCha8 needs, with a counter of 64 bits that starts at 0.
    pub fn words(&self) -> [u32; 10] {
        let (key, number) = (self.0.get_seed(), self.0.get_stream());
        let (key, _) = key.as_chunks::<4>();
        let mut words = [0; 10];
        words.iter_mut().zip(key).for_each(|(word, bytes)| *word = u32::from_le_bytes(*bytes));
        (words[8], words[9]) = (number as u32, (number >> 32) as u32);
        words
    }

    /// A uniform 32-bit integer.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A uniform float in `[0, 1)`, a multiple of 2^-24, hence exact.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A uniform float in `[low, high)`.
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// A uniform integer in `0..bound`, without bias (rejection).
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        assert!(bound > 0, "below: the bound must be positive");
        let unbiased = u32::MAX - u32::MAX % bound;
        loop {
            let bits = self.bits();
            if bits < unbiased {
                return bits % bound;
            }
        }
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f32) -> bool {
        self.uniform() < p
    }

    /// A standard normal number (Box-Muller, computed in f64 with `libm` and rounded once).
    pub fn normal(&mut self) -> f32 {
        let radius_draw = f64::from(self.bits()) + 1.0;
        let angle_draw = f64::from(self.bits());
        const TWO_POW_32: f64 = 4_294_967_296.0;
        let radius = libm::sqrt(-2.0 * libm::log(radius_draw / TWO_POW_32));
        (radius * libm::cos(core::f64::consts::TAU * angle_draw / TWO_POW_32)) as f32
    }

    /// `count` standard normal numbers.
    pub fn normals(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.normal()).collect()
    }

    /// Shuffles in place (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u32 + 1) as usize;
            items.swap(last, other);
        }
    }

    /// The numbers `0..count` in random order.
    pub fn permutation(&mut self, count: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count as u32).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_function_of_seed_purpose_step_and_index() {
        let draw = |seed, purpose, step, index| stream(seed, purpose, step).at(index).bits();
        let base = draw(1, Purpose::Latents, 2, 3);
        assert_eq!(base, draw(1, Purpose::Latents, 2, 3));
        assert_ne!(base, draw(2, Purpose::Latents, 2, 3));
        assert_ne!(base, draw(1, Purpose::Augment, 2, 3));
        assert_ne!(base, draw(1, Purpose::Latents, 3, 3));
        assert_ne!(base, draw(1, Purpose::Latents, 2, 4));
    }

    #[test]
    fn jumping_to_an_index_gives_the_same_number() {
        let mut stream_from_start = stream(7, Purpose::Test, 0);
        for index in 0..200 {
            assert_eq!(stream_from_start.bits(), stream(7, Purpose::Test, 0).at(index).bits());
        }
    }

    #[test]
    fn bits_are_pinned_on_every_platform() {
        let mut words = stream(42, Purpose::Test, 5);
        let bits: Vec<u32> = (0..4).map(|_| words.bits()).collect();
        let normals: Vec<u32> = stream(42, Purpose::Test, 6).normals(4).iter().map(|x| x.to_bits()).collect();
        assert_eq!(bits, [0xfe9f_277f, 0xbda2_28e6, 0xa54b_483c, 0x9232_fd47]);
        assert_eq!(normals, [0x3ee1_446a, 0xbf33_b472, 0x3e98_bde3, 0xbedb_6fd3]);
    }

    #[test]
    fn normals_have_the_moments_of_a_standard_normal() {
        let count = 200_000;
        let draws = stream(1, Purpose::Test, 0).normals(count);
        let moment = |power: i32| draws.iter().map(|&x| f64::from(x).powi(power)).sum::<f64>() / count as f64;
        assert!(moment(1).abs() < 0.01, "mean {}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.02, "variance {}", moment(2));
        assert!((moment(4) - 3.0).abs() < 0.1, "fourth moment {}", moment(4));
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        let mut order = stream(3, Purpose::Test, 0).permutation(1_000);
        assert_ne!(order, (0..1_000).collect::<Vec<u32>>());
        order.sort_unstable();
        assert_eq!(order, (0..1_000).collect::<Vec<u32>>());
    }

    #[test]
    fn below_draws_every_value_equally_often() {
        let mut counts = [0u32; 7];
        let mut draws = stream(9, Purpose::Test, 0);
        for _ in 0..70_000 {
            counts[draws.below(7) as usize] += 1;
        }
        assert!(counts.iter().all(|&n| (9_500..10_500).contains(&n)), "{counts:?}");
    }
}
