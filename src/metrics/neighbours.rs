//! Coverage and recall, precision and density: where generated images lie among real ones, counted by nearest neighbours
//! in a space of features.
//!
//! The Frechet distance is one number for two Gaussians. Coverage and recall have a scale of their own, from 0 to 1, and
//! both fall if kinds of real images are missing among the generated ones. Precision and density fall if generated
//! images are unlike real ones.
//!
//! Squared distances are summed in f64, in lanes whose number no processor changes. So equal features give equal shares
//! on every machine.

use super::features::{FeaturesError, check_dimensions, count_rows};

/// The neighbour whose distance is the radius of a ball, as in the package PRDC of Naeem et al.
pub const NEIGHBOURS: usize = 5;

/// Sums that run side by side, which compilers turn into vector instructions.
const LANES: usize = 8;

/// A set of features with a ball around each: its radius is the distance to the [`NEIGHBOURS`]-th nearest other sample
/// of the same set.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbourhoods {
    dim: usize,
    /// `[count, dim]`, each row filled up with zeros to whole lanes.
    rows: Vec<f64>,
    squared_radii: Vec<f64>,
}

/// Two shares of real samples, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoverageAndRecall {
    /// Share of real samples whose ball contains at least one generated sample (Naeem et al. 2020, arXiv 2002.09797,
    /// eq. 9).
    pub coverage: f64,
    /// Share of real samples that lie in the ball of at least one generated sample (Kynkäänniemi et al. 2019,
    /// arXiv 1904.06991, eq. 2).
    pub recall: f64,
}

/// Where generated samples lie, from the side of each of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrecisionAndDensity {
    /// Share of generated samples that lie in the ball of at least one real sample, from 0 to 1 (Kynkäänniemi et al.
    /// 2019, eq. 1).
    pub precision: f64,
    /// The mean number of real balls around a generated sample, as a multiple of [`NEIGHBOURS`] (Naeem et al. 2020,
    /// eq. 5). It may be above 1.
    pub density: f64,
}

impl Neighbourhoods {
    /// Measures the balls of `features`, `[count, dim]` in row-major order. The time grows with the square of `count`.
    ///
    /// # Errors
    /// If the features are not whole rows of `dim` values, are no more than [`NEIGHBOURS`] rows, or are not all finite.
    pub fn from_features(features: &[f32], dim: usize) -> Result<Self, FeaturesError> {
        count_rows(features, dim, NEIGHBOURS + 1)?;
        let padding = dim.next_multiple_of(LANES) - dim;
        let padded = |row: &[f32]| row.iter().copied().map(f64::from).chain(vec![0.0; padding]).collect::<Vec<_>>();
        let rows: Vec<f64> = features.chunks_exact(dim).flat_map(padded).collect();
        let squared_radii = squared_radii(&rows, dim + padding);
        Ok(Self { dim, rows, squared_radii })
    }

    /// Each sample with the squared radius of its ball.
    fn balls(&self) -> impl Iterator<Item = (&[f64], f64)> {
        self.rows.chunks_exact(self.dim.next_multiple_of(LANES)).zip(self.squared_radii.iter().copied())
    }
}

/// Coverage and recall of generated samples among real ones. Balls are closed, as in both papers, so that a sample is in
/// the ball of its equal even if that ball has no extent.
///
/// # Errors
/// If the sets differ in dimension.
pub fn coverage_and_recall(
    real: &Neighbourhoods,
    generated: &Neighbourhoods,
) -> Result<CoverageAndRecall, FeaturesError> {
    check_dimensions(real.dim, generated.dim)?;
    let (mut covered, mut recalled) = (0, 0);
    for (sample, radius) in real.balls() {
        let (mut is_covered, mut is_recalled) = (false, false);
        for (other, other_radius) in generated.balls() {
            let distance = squared_distance(sample, other);
            is_covered |= distance <= radius;
            is_recalled |= distance <= other_radius;
            if is_covered && is_recalled {
                break;
            }
        }
        covered += usize::from(is_covered);
        recalled += usize::from(is_recalled);
    }
    let share = |count: usize| count as f64 / real.squared_radii.len() as f64;
    Ok(CoverageAndRecall { coverage: share(covered), recall: share(recalled) })
}

/// Precision and density of generated samples among real ones. Balls are closed, as in [`coverage_and_recall`].
///
/// # Errors
/// If the sets differ in dimension.
pub fn precision_and_density(
    real: &Neighbourhoods,
    generated: &Neighbourhoods,
) -> Result<PrecisionAndDensity, FeaturesError> {
    check_dimensions(real.dim, generated.dim)?;
    let balls_around = |(sample, _): (&[f64], f64)| {
        real.balls().filter(|&(other, radius)| squared_distance(sample, other) <= radius).count()
    };
    let around: Vec<usize> = generated.balls().map(balls_around).collect();
    let mean = |sum: usize| sum as f64 / around.len() as f64;
    let precision = mean(around.iter().filter(|&&balls| balls > 0).count());
    Ok(PrecisionAndDensity { precision, density: mean(around.iter().sum()) / NEIGHBOURS as f64 })
}

/// The squared distance of each row to its [`NEIGHBOURS`]-th nearest other row.
fn squared_radii(rows: &[f64], width: usize) -> Vec<f64> {
    let rows: Vec<&[f64]> = rows.chunks_exact(width).collect();
    let mut nearest = vec![[f64::INFINITY; NEIGHBOURS]; rows.len()];
    for (index, row) in rows.iter().enumerate() {
        for (before, other) in rows[..index].iter().enumerate() {
            let distance = squared_distance(row, other);
            offer(&mut nearest[index], distance);
            offer(&mut nearest[before], distance);
        }
    }
    nearest.into_iter().map(|smallest| smallest[NEIGHBOURS - 1]).collect()
}

/// Puts a value among the smallest, which are in ascending order, if it is one of them.
fn offer(smallest: &mut [f64; NEIGHBOURS], value: f64) {
    if value < smallest[NEIGHBOURS - 1] {
        let place = smallest.partition_point(|&other| other <= value);
        smallest[place..].rotate_right(1);
        smallest[place] = value;
    }
}

/// The squared distance of two rows of whole lanes; the same for both orders.
fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum()
}
