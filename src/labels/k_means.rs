//! k-means: groups of similar vectors of bytes (Lloyd 1982), from centres that lie apart (Arthur & Vassilvitskii 2007).
//!
//! Bounds on distances (Elkan, "Using the triangle inequality to accelerate k-means", ICML 2003) skip most of the work
//! and change no group.

use crate::kernels::host::simd::vectorized;
use crate::rng::{Purpose, Stream, stream};

/// Most vectors that the centres are moved by. The others only go to the nearest centre.
const SAMPLE: usize = 10_000;

/// Most moves of all centres.
const MOVES: usize = 50;

/// Vectors between two calls of `breathe`.
const CHUNK: usize = 2_000;

/// Numbers that are added side by side, in a fixed order.
const LANES: usize = 8;

/// A bound counts if it is clear by this share, far more than rounding.
const SLACK: f32 = 1e-3;

/// The number of the group, below `groups`, of each vector of `size` bytes; a function of vectors and seed.
///
/// `breathe` is called again and again, so that a page can give the browser its turn.
///
/// # Panics
/// If there are fewer vectors than groups, or there are more than 65,536 groups.
pub async fn k_means(bytes: &[u8], size: usize, groups: usize, seed: u64, mut breathe: impl AsyncFnMut()) -> Vec<u16> {
    let count = bytes.len() / size;
    assert!(groups <= count, "{groups} groups of {count} vectors");
    let mut draws = stream(seed, Purpose::KMeans, 0);
    let order = draws.permutation(count).into_iter().take(SAMPLE.max(groups));
    let sample: Vec<&[u8]> = order.map(|index| &bytes[index as usize * size..][..size]).collect();
    let mut centres = first_centres(&sample, groups, &mut draws);
    let mut found: Vec<Place> = sample.iter().map(|_| Place::unknown(groups)).collect();
    for moves in 0..=MOVES {
        let mut has_changed = false;
        for (places, vectors) in found.chunks_mut(CHUNK).zip(sample.chunks(CHUNK)) {
            for (place, vector) in places.iter_mut().zip(vectors) {
                has_changed |= place.update(vector, &centres);
            }
            breathe().await;
        }
        if !has_changed || moves == MOVES {
            break;
        }
        let moved = move_centres(&centres, &sample, &found);
        let shifts: Vec<f32> = centres.iter().zip(&moved).map(|(old, new)| distance(old, new).sqrt()).collect();
        found.iter_mut().for_each(|place| place.shift(&shifts));
        centres = moved;
    }
    let mut result = Vec::with_capacity(count);
    for vectors in bytes.chunks(CHUNK * size) {
        result.extend(vectors.chunks_exact(size).map(|vector| nearest(vector, &centres)));
        breathe().await;
    }
    result
}

/// Where a vector belongs, and how surely.
struct Place {
    /// The nearest centre; of equally near ones the first.
    group: usize,
    /// The distance to it is at most this.
    near: f32,
    /// The distance to each centre is at least this.
    far: Vec<f32>,
}

impl Place {
    /// Nothing is known yet.
    fn unknown(groups: usize) -> Self {
        Self { group: 0, near: f32::INFINITY, far: vec![0.0; groups] }
    }

    /// Goes to the nearest centre, and says whether that is another one.
    fn update(&mut self, vector: &[u8], centres: &[Vec<f32>]) -> bool {
        let before = self.group;
        if (0..centres.len()).all(|other| other == before || self.is_clear(other)) {
            return false;
        }
        let mut best = distance(vector, &centres[before]);
        self.near = best.sqrt();
        for (other, centre) in centres.iter().enumerate() {
            if other == before || self.is_clear(other) {
                continue;
            }
            let next = distance(vector, centre);
            self.far[other] = next.sqrt();
            if (next, other) < (best, self.group) {
                self.far[self.group] = self.near;
                (best, self.group, self.near) = (next, other, next.sqrt());
            }
        }
        self.group != before
    }

    /// Whether another centre is surely farther than the nearest one.
    fn is_clear(&self, other: usize) -> bool {
        self.near < self.far[other] * (1.0 - SLACK)
    }

    /// Widens the bounds by how far each centre has moved.
    fn shift(&mut self, shifts: &[f32]) {
        self.near += shifts[self.group];
        self.far.iter_mut().zip(shifts).for_each(|(far, shift)| *far -= shift);
    }
}

/// Each centre is a vector, drawn with a probability that grows with its squared distance from the nearest one before.
fn first_centres(sample: &[&[u8]], groups: usize, draws: &mut Stream) -> Vec<Vec<f32>> {
    let centre = |vector: &[u8]| vector.iter().map(|&byte| f32::from(byte)).collect::<Vec<f32>>();
    let mut centres = vec![centre(sample[draws.below(sample.len() as u32) as usize])];
    let mut distances = vec![f32::INFINITY; sample.len()];
    while centres.len() < groups {
        let last = &centres[centres.len() - 1];
        let nearer = |(known, vector): (&mut f32, &&[u8])| *known = known.min(distance(vector, last));
        distances.iter_mut().zip(sample).for_each(nearer);
        let total: f64 = distances.iter().map(|&distance| f64::from(distance)).sum();
        let mut left = f64::from(draws.uniform()) * total;
        let is_drawn = |distance: &f32| {
            left -= f64::from(*distance);
            left < 0.0
        };
        // Without any distance left, equal centres do no harm.
        let drawn = distances.iter().position(is_drawn).unwrap_or(0);
        centres.push(centre(sample[drawn]));
    }
    centres
}

/// The mean of each centre's vectors; one without any stays.
fn move_centres(centres: &[Vec<f32>], sample: &[&[u8]], found: &[Place]) -> Vec<Vec<f32>> {
    let mut sums = vec![vec![0u64; centres[0].len()]; centres.len()];
    let mut counts = vec![0u64; centres.len()];
    for (vector, place) in sample.iter().zip(found) {
        counts[place.group] += 1;
        sums[place.group].iter_mut().zip(*vector).for_each(|(sum, &byte)| *sum += u64::from(byte));
    }
    let mean = |((centre, sums), count): ((&Vec<f32>, Vec<u64>), u64)| match count {
        0 => centre.clone(),
        _ => sums.into_iter().map(|sum| (sum as f64 / count as f64) as f32).collect(),
    };
    centres.iter().zip(sums).zip(counts).map(mean).collect()
}

/// The nearest centre; of equally near ones the first.
fn nearest(vector: &[u8], centres: &[Vec<f32>]) -> u16 {
    let distances = centres.iter().map(|centre| distance(vector, centre)).enumerate();
    let best = distances.reduce(|best, next| if next.1 < best.1 { next } else { best });
    best.expect("there is a centre").0 as u16
}

/// The squared distance.
fn distance<T: Copy + Into<f32>>(vector: &[T], centre: &[f32]) -> f32 {
    let ((values, last), (numbers, last_numbers)) = (vector.as_chunks::<LANES>(), centre.as_chunks::<LANES>());
    let square = |(&value, &number): (&T, &f32)| (value.into() - number) * (value.into() - number);
    let lanes = vectorized(|| {
        let mut lanes = [0.0f32; LANES];
        for (values, numbers) in values.iter().zip(numbers) {
            lanes.iter_mut().zip(values.iter().zip(numbers)).for_each(|(lane, pair)| *lane += square(pair));
        }
        lanes
    });
    lanes.iter().sum::<f32>() + last.iter().zip(last_numbers).map(square).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups_of(bytes: &[u8], size: usize, groups: usize, seed: u64) -> Vec<u16> {
        pollster::block_on(k_means(bytes, size, groups, seed, async || {}))
    }

    fn place(group: u16) -> Place {
        Place { group: usize::from(group), ..Place::unknown(0) }
    }

    /// Vectors of 11 bytes around three far centres, in turns.
    fn vectors(count: usize) -> Vec<u8> {
        let mut draws = stream(5, Purpose::Test, 0);
        let mut vector = |index: usize| (0..11).map(|_| [20, 120, 230][index % 3] + draws.below(9) as u8).collect();
        (0..count).flat_map(|index| -> Vec<u8> { vector(index) }).collect()
    }

    fn noise(count: usize) -> Vec<u8> {
        let mut draws = stream(6, Purpose::Test, 0);
        (0..count).map(|_| draws.below(256) as u8).collect()
    }

    /// Lloyd's method as it is written: every vector goes to the nearest centre after every move.
    fn without_bounds(bytes: &[u8], size: usize, groups: usize, seed: u64) -> Vec<u16> {
        let mut draws = stream(seed, Purpose::KMeans, 0);
        let order = draws.permutation(bytes.len() / size);
        let sample: Vec<&[u8]> = order.into_iter().map(|index| &bytes[index as usize * size..][..size]).collect();
        let mut centres = first_centres(&sample, groups, &mut draws);
        for _ in 0..MOVES {
            let found: Vec<Place> = sample.iter().map(|vector| place(nearest(vector, &centres))).collect();
            centres = move_centres(&centres, &sample, &found);
        }
        bytes.chunks_exact(size).map(|vector| nearest(vector, &centres)).collect()
    }

    #[test]
    fn far_groups_are_found() {
        // More vectors than the sample has.
        for count in [3, 10, SAMPLE + 500] {
            let found = groups_of(&vectors(count), 11, 3, 4);
            assert_eq!(found.len(), count);
            let mut first: Vec<u16> = found[..3].to_vec();
            assert!(found.iter().enumerate().all(|(index, group)| *group == first[index % 3]), "{count}");
            first.sort_unstable();
            assert_eq!(first, [0, 1, 2]);
        }
    }

    #[test]
    fn bounds_change_no_group() {
        // Groups of noise move for long, and most vectors lie near a border.
        let bytes = noise(3 * 5_000);
        for groups in [1, 2, 7, 40] {
            assert_eq!(groups_of(&bytes, 3, groups, 2), without_bounds(&bytes, 3, groups, 2), "{groups} groups");
        }
    }

    #[test]
    fn the_groups_are_a_function_of_the_seed() {
        let [once, again, other] = [1, 1, 2].map(|seed| groups_of(&noise(400), 4, 6, seed));
        assert_eq!(once, again);
        assert_ne!(once, other);
    }

    #[test]
    fn a_result_is_where_nothing_moves() {
        let bytes = vectors(60);
        let found = groups_of(&bytes, 11, 5, 1);
        let all: Vec<&[u8]> = bytes.chunks_exact(11).collect();
        let places: Vec<Place> = found.iter().map(|&group| place(group)).collect();
        let centres = move_centres(&vec![vec![1e6; 11]; 5], &all, &places);
        assert!(all.iter().zip(found).all(|(vector, group)| nearest(vector, &centres) == group));
    }

    #[test]
    fn equal_vectors_are_one_group() {
        assert_eq!(groups_of(&[7; 12], 3, 2, 0), [0; 4]);
    }
}
