//! The partition of the latent space: which artificial label a latent vector has.
//!
//! A label depends on where a latent lies, because a generator maps nearby latents to similar images more easily than
//! to images of separate categories. The anchors are fixed, orthonormal, and drawn once from the seed.

use std::borrow::Cow;

use crate::config::{LatentConfig, Partition};
use crate::rng::{Purpose, Stream, stream};

/// With more labels than this, the anchors are unit vectors along the axes, and are not drawn.
///
/// Normal latents have the same distribution along any orthonormal anchors, and orthonormal anchors take a time that
/// grows with the cube of their number: a second for a thousand, a quarter of an hour for ten thousand.
const DRAWN_ANCHORS_MAX: usize = 1024;

/// `K` orthonormal anchors and the rule that turns latents into labels.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentPartition {
    labels: usize,
    anchors: Anchors,
    dim: usize,
    kind: Partition,
    radius: f32,
}

#[derive(Debug, Clone, PartialEq)]
enum Anchors {
    /// `[labels, dim]`, row by row.
    Drawn(Vec<f32>),
    /// The first `labels` axes.
    Axes,
}

/// Latent vectors `[count, dim]`, row by row, with their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Latents {
    /// `count * dim` numbers.
    pub vectors: Vec<f32>,
    /// The label of each vector, below `K`.
    pub labels: Vec<usize>,
}

impl Latents {
    /// Adds latents of the same dimensions.
    pub fn extend(&mut self, other: Self) {
        self.vectors.extend(other.vectors);
        self.labels.extend(other.labels);
    }
}

impl LatentPartition {
    /// The partition into `labels` artificial labels.
    ///
    /// # Panics
    /// If there are more labels than dimensions, because so many orthonormal anchors do not exist. The validation of
    /// the configuration refuses this first.
    pub fn new(config: &LatentConfig, labels: usize, seed: u64) -> Self {
        assert!(labels <= config.dim, "{labels} orthonormal anchors in {} dimensions", config.dim);
        let anchors = if labels <= DRAWN_ANCHORS_MAX {
            Anchors::Drawn(orthonormal(labels, config.dim, &mut stream(seed, Purpose::Anchors, 0)))
        } else {
            Anchors::Axes
        };
        Self { labels, anchors, dim: config.dim, kind: config.partition, radius: config.radius as f32 }
    }

    /// Number of artificial labels `K`.
    pub fn label_count(&self) -> usize {
        self.labels
    }

    /// Dimensions of a latent vector.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The unit vector `[dim]` of a label.
    pub fn anchor(&self, label: usize) -> Cow<'_, [f32]> {
        match &self.anchors {
            Anchors::Drawn(anchors) => anchors[label * self.dim..][..self.dim].into(),
            Anchors::Axes => (0..self.dim).map(|axis| if axis == label { 1.0 } else { 0.0 }).collect::<Vec<_>>().into(),
        }
    }

    /// The anchors `[labels, dim]`, row by row; none if they are the unit vectors along the first axes.
    pub fn drawn_anchors(&self) -> Option<&[f32]> {
        match &self.anchors {
            Anchors::Drawn(anchors) => Some(anchors),
            Anchors::Axes => None,
        }
    }

    /// Draws `count` latents with their labels.
    pub fn draw(&self, count: usize, draws: &mut Stream) -> Latents {
        let mut latents = Latents { vectors: Vec::with_capacity(count * self.dim), labels: Vec::with_capacity(count) };
        for _ in 0..count {
            let (vector, label) = match self.kind {
                Partition::Voronoi => {
                    let vector = draws.normals(self.dim);
                    let label = self.nearest(&vector);
                    (vector, label)
                }
                Partition::Mixture | Partition::Orthogonal => {
                    let label = draws.below(self.label_count() as u32) as usize;
                    (self.around(label, 1.0, draws), label)
                }
            };
            latents.vectors.extend(vector);
            latents.labels.push(label);
        }
        latents
    }

    /// Draws a latent for each label.
    pub fn draw_for(&self, labels: Vec<usize>, draws: &mut Stream) -> Latents {
        let vectors = labels.iter().flat_map(|&label| self.draw_labelled(label, 1.0, draws)).collect();
        Latents { vectors, labels }
    }

    /// A latent `[dim]` with a given label. `truncation`, from 0 (the centre) to 1, scales its noise.
    pub fn draw_labelled(&self, label: usize, truncation: f32, draws: &mut Stream) -> Vec<f32> {
        match self.kind {
            Partition::Mixture | Partition::Orthogonal => self.around(label, truncation, draws),
            // Swapping the components along both anchors gives the wanted anchor the largest inner product.
            Partition::Voronoi => {
                let vector = draws.normals(self.dim);
                let mirrored = self.swap(&vector, self.nearest(&vector), label);
                mirrored.into_iter().map(|x| x * truncation).collect()
            }
        }
    }

    /// The label of a latent: the anchor with the largest inner product; the first of equals.
    pub fn nearest(&self, vector: &[f32]) -> usize {
        let products = self.products(vector);
        (1..products.len()).fold(0, |best, label| if products[label] > products[best] { label } else { best })
    }

    fn around(&self, label: usize, truncation: f32, draws: &mut Stream) -> Vec<f32> {
        let noise = self.noise(truncation, draws);
        self.anchor(label).iter().zip(noise).map(|(a, noise)| self.radius * a + noise).collect()
    }

    /// The inner products of a latent with all anchors.
    pub(super) fn products<'a>(&self, vector: &'a [f32]) -> Cow<'a, [f32]> {
        match &self.anchors {
            Anchors::Drawn(anchors) => anchors.chunks_exact(self.dim).map(|anchor| dot(anchor, vector)).collect(),
            Anchors::Axes => vector[..self.labels].into(),
        }
    }

    /// What a latent `[dim]` has besides its anchor; `truncation` scales it. An orthogonal partition keeps it out of the
    /// anchors' span, so that it says nothing about the label.
    pub(super) fn noise(&self, truncation: f32, draws: &mut Stream) -> Vec<f32> {
        let mut noise: Vec<f32> = (0..self.dim).map(|_| truncation * draws.normal()).collect();
        match &self.anchors {
            _ if self.kind != Partition::Orthogonal => {}
            Anchors::Drawn(anchors) => {
                anchors.chunks_exact(self.dim).for_each(|anchor| remove(anchor, &mut noise));
            }
            Anchors::Axes => noise[..self.labels].fill(0.0),
        }
        noise
    }

    /// Swaps the components of `vector` along two anchors.
    fn swap(&self, vector: &[f32], from: usize, to: usize) -> Vec<f32> {
        let (a, b) = (self.anchor(from), self.anchor(to));
        let difference = dot(&b, vector) - dot(&a, vector);
        vector.iter().zip(&*a).zip(&*b).map(|((x, a), b)| x + difference * (a - b)).collect()
    }
}

/// `rows` orthonormal vectors of `dim` numbers (modified Gram-Schmidt in f64, in a fixed order).
fn orthonormal(rows: usize, dim: usize, draws: &mut Stream) -> Vec<f32> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(rows);
    for _ in 0..rows {
        let mut vector: Vec<f64> = draws.normals(dim).into_iter().map(f64::from).collect();
        for other in &basis {
            let along: f64 = other.iter().zip(&vector).map(|(a, b)| a * b).sum();
            vector.iter_mut().zip(other).for_each(|(x, a)| *x -= along * a);
        }
        let norm = libm::sqrt(vector.iter().map(|x| x * x).sum());
        basis.push(vector.into_iter().map(|x| x / norm).collect());
    }
    basis.into_iter().flatten().map(|x| x as f32).collect()
}

/// Removes from `vector` its component along a unit vector.
pub(super) fn remove(unit: &[f32], vector: &mut [f32]) {
    let along = dot(unit, vector);
    vector.iter_mut().zip(unit).for_each(|(x, a)| *x -= along * a);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn partition(kind: Partition) -> LatentPartition {
        LatentPartition::new(&LatentConfig { partition: kind, radius: 3.0, ..Config::default().latent }, 10, 5)
    }

    #[test]
    fn noise_of_an_orthogonal_partition_says_nothing_about_the_label() {
        let partition = partition(Partition::Orthogonal);
        let latents = partition.draw(2_000, &mut stream(1, Purpose::Test, 3));
        let mut squares = 0.0;
        for (vector, &label) in latents.vectors.chunks_exact(64).zip(&latents.labels) {
            for anchor in 0..10 {
                let expected = if anchor == label { 3.0 } else { 0.0 };
                assert!((dot(&partition.anchor(anchor), vector) - expected).abs() < 1e-5);
            }
            squares += f64::from(dot(vector, vector)) - 9.0;
        }
        // Standard normal in the other 54 dimensions.
        assert!((squares / 2_000.0 - 54.0).abs() < 1.0, "{squares}");
    }

    #[test]
    fn anchors_are_orthonormal() {
        let partition = partition(Partition::Mixture);
        for a in 0..10 {
            for b in 0..10 {
                let expected = if a == b { 1.0 } else { 0.0 };
                assert!((dot(&partition.anchor(a), &partition.anchor(b)) - expected).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn labels_depend_on_where_a_latent_lies() {
        for kind in [Partition::Voronoi, Partition::Mixture, Partition::Orthogonal] {
            let partition = partition(kind);
            let latents = partition.draw(5_000, &mut stream(1, Purpose::Test, 0));
            let agreeing = latents
                .vectors
                .chunks_exact(64)
                .zip(&latents.labels)
                .filter(|(vector, label)| partition.nearest(vector) == **label)
                .count();
            let share = agreeing as f64 / 5_000.0;
            // A mixture at radius 3 overlaps a little; the others cannot.
            assert!(share > if kind == Partition::Mixture { 0.75 } else { 0.999_9 }, "{kind:?}: {share}");
            for label in 0..10 {
                let count = latents.labels.iter().filter(|&&l| l == label).count();
                assert!((380..620).contains(&count), "{kind:?}: label {label} drawn {count} times of 5000");
            }
        }
    }

    #[test]
    fn draw_labelled_gives_the_wanted_label() {
        let voronoi = partition(Partition::Voronoi);
        let mut draws = stream(1, Purpose::Test, 1);
        for label in (0..10).cycle().take(200) {
            assert_eq!(voronoi.nearest(&voronoi.draw_labelled(label, 0.7, &mut draws)), label);
        }
        for kind in [Partition::Mixture, Partition::Orthogonal] {
            let partition = partition(kind);
            let centre = partition.draw_labelled(3, 0.0, &mut draws);
            assert!((dot(&centre, &partition.anchor(3)) - 3.0).abs() < 1e-4, "{kind:?}");
        }
    }

    #[test]
    fn many_anchors_are_axes_and_follow_the_same_rules() {
        let labels = DRAWN_ANCHORS_MAX + 1;
        for kind in [Partition::Voronoi, Partition::Mixture, Partition::Orthogonal] {
            let config = LatentConfig { partition: kind, dim: labels + 5, radius: 3.0, ..Config::default().latent };
            let partition = LatentPartition::new(&config, labels, 5);
            assert_eq!(
                (partition.label_count(), partition.anchor(7).iter().position(|&x| x == 1.0)),
                (labels, Some(7))
            );
            let mut draws = stream(1, Purpose::Test, 2);
            let latents = partition.draw(20, &mut draws);
            assert_eq!(latents.vectors.len(), 20 * (labels + 5));
            let nearest: Vec<usize> = latents.vectors.chunks_exact(labels + 5).map(|z| partition.nearest(z)).collect();
            assert!(kind == Partition::Mixture || nearest == latents.labels);
            let centre = partition.draw_labelled(labels - 1, 0.0, &mut draws);
            assert!(
                kind == Partition::Voronoi || (partition.nearest(&centre), centre[labels - 1]) == (labels - 1, 3.0)
            );
            let drawn = partition.draw_labelled(9, 1.0, &mut draws);
            assert!(kind == Partition::Mixture || partition.nearest(&drawn) == 9);
        }
    }
}
