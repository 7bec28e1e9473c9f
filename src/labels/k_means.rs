//! k-means: groups of similar vectors of bytes (Lloyd 1982), from centres that lie apart (Arthur & Vassilvitskii 2007).

use crate::rng::{Purpose, Stream, stream};

/// Most vectors that the centres are moved by. The others only go to the nearest centre.
const SAMPLE: usize = 10_000;

/// Most moves of all centres.
const MOVES: usize = 50;

/// Numbers that are added side by side, in a fixed order.
const LANES: usize = 8;

/// The number of the group, below `groups`, of each vector of `size` bytes; a function of vectors and seed.
///
/// # Panics
/// If there are fewer vectors than groups, or there are more than 65,536 groups.
pub fn k_means(bytes: &[u8], size: usize, groups: usize, seed: u64) -> Vec<u16> {
    let count = bytes.len() / size;
    assert!(groups <= count, "{groups} groups of {count} vectors");
    let mut draws = stream(seed, Purpose::KMeans, 0);
    let order = draws.permutation(count).into_iter().take(SAMPLE.max(groups));
    let sample: Vec<&[u8]> = order.map(|index| &bytes[index as usize * size..][..size]).collect();
    let mut centres = first_centres(&sample, groups, &mut draws);
    let mut found = nearest_of_all(&sample, &centres);
    for _ in 0..MOVES {
        move_centres(&mut centres, &sample, &found);
        let next = nearest_of_all(&sample, &centres);
        if next == found {
            break;
        }
        found = next;
    }
    nearest_of_all(&bytes.chunks_exact(size).collect::<Vec<_>>(), &centres)
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

/// Moves each centre to the mean of its vectors; one without any stays.
fn move_centres(centres: &mut [Vec<f32>], sample: &[&[u8]], found: &[u16]) {
    let mut sums = vec![vec![0u64; centres[0].len()]; centres.len()];
    let mut counts = vec![0u64; centres.len()];
    for (vector, &group) in sample.iter().zip(found) {
        counts[usize::from(group)] += 1;
        sums[usize::from(group)].iter_mut().zip(*vector).for_each(|(sum, &byte)| *sum += u64::from(byte));
    }
    for ((centre, sums), &count) in centres.iter_mut().zip(sums).zip(&counts).filter(|(_, count)| **count > 0) {
        *centre = sums.into_iter().map(|sum| (sum as f64 / count as f64) as f32).collect();
    }
}

fn nearest_of_all(vectors: &[&[u8]], centres: &[Vec<f32>]) -> Vec<u16> {
    let nearest = |vector: &&[u8]| {
        let distances = centres.iter().map(|centre| distance(vector, centre)).enumerate();
        let best = distances.reduce(|best, next| if next.1 < best.1 { next } else { best });
        best.expect("there is a centre").0 as u16
    };
    vectors.iter().map(nearest).collect()
}

/// The squared distance.
fn distance(vector: &[u8], centre: &[f32]) -> f32 {
    let ((bytes, last), (numbers, last_numbers)) = (vector.as_chunks::<LANES>(), centre.as_chunks::<LANES>());
    let square = |(&byte, &number): (&u8, &f32)| (f32::from(byte) - number) * (f32::from(byte) - number);
    let mut lanes = [0.0f32; LANES];
    for (bytes, numbers) in bytes.iter().zip(numbers) {
        lanes.iter_mut().zip(bytes.iter().zip(numbers)).for_each(|(lane, pair)| *lane += square(pair));
    }
    lanes.iter().sum::<f32>() + last.iter().zip(last_numbers).map(square).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of 11 bytes around three far centres, in turns.
    fn vectors(count: usize) -> Vec<u8> {
        let mut draws = stream(5, Purpose::Test, 0);
        let mut vector = |index: usize| (0..11).map(|_| [20, 120, 230][index % 3] + draws.below(9) as u8).collect();
        (0..count).flat_map(|index| -> Vec<u8> { vector(index) }).collect()
    }

    #[test]
    fn far_groups_are_found() {
        // More vectors than the sample has.
        for count in [3, 10, SAMPLE + 500] {
            let found = k_means(&vectors(count), 11, 3, 4);
            assert_eq!(found.len(), count);
            let mut first: Vec<u16> = found[..3].to_vec();
            assert!(found.iter().enumerate().all(|(index, group)| *group == first[index % 3]), "{count}");
            first.sort_unstable();
            assert_eq!(first, [0, 1, 2]);
        }
    }

    #[test]
    fn the_groups_are_a_function_of_the_seed() {
        let bytes: Vec<u8> =
            (0..400).map(|_| ()).scan(stream(6, Purpose::Test, 0), |s, ()| Some(s.below(256) as u8)).collect();
        let [once, again, other] = [1, 1, 2].map(|seed| k_means(&bytes, 4, 6, seed));
        assert_eq!(once, again);
        assert_ne!(once, other);
    }

    #[test]
    fn a_result_is_where_nothing_moves() {
        let bytes = vectors(60);
        let found = k_means(&bytes, 11, 5, 1);
        let all: Vec<&[u8]> = bytes.chunks_exact(11).collect();
        let mut centres = vec![vec![1e6; 11]; 5];
        move_centres(&mut centres, &all, &found);
        assert_eq!(nearest_of_all(&all, &centres), found);
    }

    #[test]
    fn equal_vectors_are_one_group() {
        assert_eq!(k_means(&[7; 12], 3, 2, 0), [0; 4]);
    }
}
