//! A label table: a label and a gate for every real image, which the discriminator sees until the next table.

use std::ops::Range;

use super::Confusion;
use crate::kernels::self_label::SMALLEST_PRIOR;
use crate::rng::Stream;

/// A label and a gate for every real image, and how often each label occurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelTable {
    labels: Vec<u16>,
    passes: Vec<bool>,
    /// Images with each label.
    counts: Vec<u32>,
    /// Images with each label that pass the gate.
    passing: Vec<u32>,
    confusion: Option<Confusion>,
}

impl LabelTable {
    /// A table of `labels` below `label_count`, with 1 gate each: whether the discriminator sees the label.
    ///
    /// # Panics
    /// If a label is `label_count` or more, or there is not a gate for each label.
    pub fn new(labels: Vec<u16>, passes: Vec<bool>, label_count: usize) -> Self {
        assert_eq!(labels.len(), passes.len(), "label table: a gate for each label");
        let (mut counts, mut passing) = (vec![0; label_count], vec![0; label_count]);
        for (&label, &passes) in labels.iter().zip(&passes) {
            counts[usize::from(label)] += 1;
            passing[usize::from(label)] += u32::from(passes);
        }
        Self { labels, passes, counts, passing, confusion: None }
    }

    /// The same table with the confusion of the teacher that made it.
    pub fn with_confusion(self, confusion: Option<Confusion>) -> Self {
        Self { confusion, ..self }
    }

    /// The confusion of the teacher that made it, if it was estimated.
    pub fn confusion(&self) -> Option<&Confusion> {
        self.confusion.as_ref()
    }

    /// The labels of all images.
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// Whether the discriminator sees the label of each image.
    pub fn passes(&self) -> &[bool] {
        &self.passes
    }

    /// How many images have each label.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Draws a label with the probability that it has among the images.
    pub fn draw(&self, draws: &mut Stream) -> usize {
        self.at(u64::from(draws.below(self.labels.len() as u32)))
    }

    /// `count` labels in ascending order, as often as among the images, as nearly as their number allows.
    pub fn spread(&self, count: usize) -> Vec<usize> {
        let total = self.labels.len() as u64;
        (0..count as u64).map(|index| self.at((2 * index + 1) * total / (2 * count as u64))).collect()
    }

    /// Draws whether a generated image with a label passes: with the probability that real images with it do.
    pub fn draw_gate(&self, label: usize, draws: &mut Stream) -> bool {
        let count = self.counts[label];
        count > 0 && draws.below(count) < self.passing[label]
    }

    /// The label of the image at `position` of all images, if these are sorted by label.
    fn at(&self, position: u64) -> usize {
        let mut end = 0;
        let is_past = |count: &u32| {
            end += u64::from(*count);
            position < end
        };
        self.counts.iter().position(is_past).expect("the position is below the number of images")
    }
}

/// The label, or with a probability of `share` a random other one of `count` labels.
pub fn flipped(label: usize, share: f64, count: usize, draws: &mut Stream) -> usize {
    if draws.chance(share as f32) {
        let other = draws.below(count as u32 - 1) as usize;
        other + usize::from(other >= label)
    } else {
        label
    }
}

/// Labels all images from the probabilities of their labels: the most probable one that an image may have, once every
/// probability is divided by the mean over all images, if `corrects`. So labels are as balanced as those of generated
/// images. An image passes if its label then has a probability of at least `tau`.
///
/// `allowed` has the labels that the class of a manually labelled image owns, which always passes; none for others.
///
/// # Panics
/// If there is not an entry of `allowed` for each image.
pub fn label_all(
    mut probabilities: Vec<Vec<f64>>,
    allowed: &[Option<Range<usize>>],
    corrects: bool,
    tau: f64,
) -> (Vec<u16>, Vec<bool>) {
    assert_eq!(probabilities.len(), allowed.len(), "label table: allowed labels for each image");
    if corrects {
        let prior = mean(&probabilities);
        let correct = |(share, prior): (&mut f64, &f64)| *share /= prior.max(f64::from(SMALLEST_PRIOR));
        probabilities.iter_mut().for_each(|row| row.iter_mut().zip(&prior).for_each(correct));
    }
    probabilities.iter().zip(allowed).map(|(row, allowed)| label_one(row, allowed.clone(), tau)).unzip()
}

fn label_one(shares: &[f64], allowed: Option<Range<usize>>, tau: f64) -> (u16, bool) {
    let is_manual = allowed.is_some();
    let range = allowed.unwrap_or(0..shares.len());
    let best = range.clone().reduce(|best, label| if shares[label] > shares[best] { label } else { best });
    let best = best.expect("an image may have a label");
    let confidence = shares[best] / shares[range].iter().sum::<f64>();
    (best as u16, is_manual || confidence >= tau)
}

/// The mean of all rows.
fn mean(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut sums = vec![0.0; rows.first().map_or(0, Vec::len)];
    rows.iter().for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, share)| *sum += share));
    sums.into_iter().map(|sum| sum / rows.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, stream};

    /// Three images have label 0, one has label 1, none has label 2, four have label 3.
    fn table() -> LabelTable {
        let passes = vec![true, false, true, true, false, true, true, true];
        LabelTable::new(vec![0, 3, 0, 3, 1, 0, 3, 3], passes, 4)
    }

    #[test]
    fn labels_are_drawn_as_often_as_images_have_them() {
        let mut draws = stream(1, Purpose::Test, 0);
        let mut found = [0; 4];
        (0..80_000).for_each(|_| found[table().draw(&mut draws)] += 1);
        assert_eq!(found[2], 0);
        for (found, expected) in found.iter().zip([30_000, 10_000, 0, 40_000i32]) {
            assert!((found - expected).abs() < 500, "{found}");
        }
    }

    #[test]
    fn labels_are_spread_as_often_as_images_have_them() {
        assert_eq!(table().spread(8), [0, 0, 0, 1, 3, 3, 3, 3]);
        assert_eq!(table().spread(4), [0, 1, 3, 3]);
        assert_eq!(table().spread(1), [3]);
        let counted = table().spread(8_000);
        assert_eq!([0, 1, 2, 3].map(|label| counted.iter().filter(|&&l| l == label).count()), [3_000, 1_000, 0, 4_000]);
    }

    #[test]
    fn generated_images_pass_as_often_as_real_ones_with_their_label() {
        let mut draws = stream(1, Purpose::Test, 1);
        let mut share = |label| (0..4_000).filter(|_| table().draw_gate(label, &mut draws)).count() as f64 / 4_000.0;
        for (label, expected) in [(0, 1.0), (1, 0.0), (2, 0.0), (3, 0.75)] {
            assert!((share(label) - expected).abs() < 0.03, "{label}");
        }
    }

    #[test]
    fn flipped_labels_are_others_and_equally_often() {
        let mut draws = stream(1, Purpose::Test, 2);
        let mut found = [0; 5];
        (0..50_000).for_each(|_| found[flipped(3, 0.4, 5, &mut draws)] += 1);
        for (found, expected) in found.iter().zip([5_000, 5_000, 5_000, 30_000, 5_000i32]) {
            assert!((found - expected).abs() < 400, "{found}");
        }
        assert_eq!([0.0, 1.0].map(|share| flipped(1, share, 2, &mut draws)), [1, 0]);
    }

    #[test]
    fn the_mean_over_all_images_corrects_the_labels() {
        let rows = || vec![vec![0.6, 0.4], vec![0.9, 0.1], vec![0.9, 0.1]];
        assert_eq!(label_all(rows(), &[None, None, None], false, 0.9), (vec![0, 0, 0], vec![false, true, true]));
        // The means are 0.8 and 0.2: 0.75 against 2, and 1.125 against 0.5.
        let corrected = label_all(rows(), &[None, None, None], true, 2.0 / 2.75);
        assert_eq!(corrected, (vec![1, 0, 0], vec![true, false, false]));
    }

    #[test]
    fn manual_labels_decide_and_pass() {
        let rows = vec![vec![0.1, 0.2, 0.3, 0.4], vec![0.1, 0.2, 0.3, 0.4]];
        assert_eq!(label_all(rows, &[Some(0..2), None], false, 0.9), (vec![1, 3], vec![true, false]));
    }
}
