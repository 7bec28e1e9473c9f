//! A plane through the latent space, spanned by two anchors, for people to look at.

use super::partition::remove;
use super::{LatentPartition, Latents};
use crate::rng::{Purpose, stream};

/// The plane of the latents `x a + y b + noise`, with two anchors `a` and `b`.
///
/// The noise is orthogonal to both anchors, and fixes the plane's position in the other dimensions. In an orthogonal
/// partition, it is orthogonal to all anchors, as in training; then other labels have only the corner where both
/// coordinates are negative.
#[derive(Debug, Clone)]
pub struct Plane<'a> {
    partition: &'a LatentPartition,
    anchors: [usize; 2],
    /// `[dim]`, orthogonal to both anchors.
    noise: Vec<f32>,
    /// The nearest of the other anchors, and the noise along it. It is found once: along the anchors of an orthogonal
    /// partition there is no noise but rounding, which would choose another label at each point.
    other: Option<(usize, f32)>,
}

/// Keeps these streams apart from the streams of samples.
const FIRST_STREAM: u64 = 2 << 32;

impl<'a> Plane<'a> {
    /// The plane of the anchors of two different labels; `truncation`, from 0 to 1, scales the noise.
    ///
    /// # Panics
    /// If the labels are the same, or out of range.
    pub fn new(partition: &'a LatentPartition, anchors: [usize; 2], truncation: f32, seed: u64) -> Self {
        assert!(anchors[0] != anchors[1], "two anchors span a plane");
        let mut noise = partition.noise(1.0, &mut stream(seed, Purpose::Samples, FIRST_STREAM));
        anchors.iter().for_each(|&label| remove(&partition.anchor(label), &mut noise));
        noise.iter_mut().for_each(|x| *x *= truncation);
        let products = partition.products(&noise);
        let others = products.iter().copied().enumerate().filter(|(label, _)| !anchors.contains(label));
        let other = others.reduce(|best, next| if next.1 > best.1 { next } else { best });
        drop(products);
        Self { partition, anchors, noise, other }
    }

    /// The latent at a point, with its label.
    pub fn at(&self, x: f32, y: f32) -> Latents {
        let [a, b] = self.anchors.map(|label| self.partition.anchor(label));
        let vector: Vec<f32> =
            a.iter().zip(&*b).zip(&self.noise).map(|((a, b), noise)| x * a + y * b + noise).collect();
        Latents { labels: vec![self.label_at(x, y)], vectors: vector }
    }

    /// The label of the anchor with the largest inner product.
    fn label_at(&self, x: f32, y: f32) -> usize {
        let (label, along) = if y > x { (self.anchors[1], y) } else { (self.anchors[0], x) };
        self.other.filter(|(_, other)| *other > along).map_or(label, |(other, _)| other)
    }

    /// The labels of the square from `-extent` to `extent`, `[resolution, resolution]`, row by row from the highest
    /// `y`, each at the centre of its pixel.
    pub fn map(&self, extent: f32, resolution: usize) -> Vec<usize> {
        let at = |pixel: usize| extent * ((2 * pixel + 1) as f32 / resolution as f32 - 1.0);
        let row = |y: usize| (0..resolution).map(move |x| self.label_at(at(x), -at(y)));
        (0..resolution).flat_map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, LatentConfig, Partition};

    fn partition(kind: Partition) -> LatentPartition {
        LatentPartition::new(&LatentConfig { partition: kind, ..Config::default().latent }, 10, 3)
    }

    #[test]
    fn points_have_the_wanted_coordinates() {
        for kind in [Partition::Mixture, Partition::Orthogonal] {
            let partition = partition(kind);
            let latent = Plane::new(&partition, [2, 7], 0.8, 1).at(1.5, -0.5).vectors;
            let along = |label| partition.anchor(label).iter().zip(&latent).map(|(a, x)| a * x).sum::<f32>();
            assert!((along(2) - 1.5).abs() < 1e-5 && (along(7) + 0.5).abs() < 1e-5);
            let on_others = (0..10).any(|label| along(label).abs() > 0.1 && ![2, 7].contains(&label));
            assert_eq!(on_others, kind == Partition::Mixture);
            assert!(latent.iter().map(|x| x * x).sum::<f32>() > 10.0, "there is noise");
        }
    }

    #[test]
    fn labels_of_points_are_those_of_their_latents() {
        for kind in [Partition::Mixture, Partition::Voronoi, Partition::Orthogonal] {
            let partition = partition(kind);
            let plane = Plane::new(&partition, [2, 7], 0.8, 1);
            for (x, y) in [(1.5, -0.5), (0.2, 0.9), (-0.3, 2.0), (4.0, 3.9)] {
                let latent = plane.at(x, y);
                assert_eq!(latent.labels, [partition.nearest(&latent.vectors)], "{kind:?} {x} {y}");
            }
        }
    }

    /// Along the other anchors there is only rounding, which must not speckle the map.
    #[test]
    fn the_corner_of_an_orthogonal_map_has_one_label() {
        let partition = partition(Partition::Orthogonal);
        let map = Plane::new(&partition, [2, 7], 0.8, 1).map(2.0, 20);
        let corner: Vec<usize> = (11..20).flat_map(|row| map[row * 20..][..9].to_vec()).collect();
        assert!(corner.iter().all(|&label| label == corner[0] && ![2, 7].contains(&label)), "{corner:?}");
    }

    #[test]
    fn the_map_shows_the_cells_around_the_anchors() {
        let partition = partition(Partition::Mixture);
        let map = Plane::new(&partition, [2, 7], 0.5, 1).map(5.0, 21);
        // The midpoints of the right and the upper edge lie far out along one anchor.
        assert_eq!((map[10 * 21 + 20], map[10]), (2, 7));
        // Without noise, the larger coordinate decides, unless both are negative.
        let bare = Plane::new(&partition, [2, 7], 0.0, 1);
        assert_eq!([bare.at(1.0, 0.5).labels[0], bare.at(0.5, 1.0).labels[0]], [2, 7]);
    }
}
