//! The features of images by class, ready to be compared with those of other images.

use super::figures::ClassFigures;
use super::network::FEATURES;
use crate::metrics::{GaussianStats, Neighbourhoods, coverage_and_recall, frechet_distance};

/// With more classes than this, nothing is compared by class: every evaluation would take seconds for it.
pub const CLASSES_MAX: usize = 256;

/// The images of a class that are compared: the time grows with the square of their number, to a tenth of a second.
const CLASS_IMAGES_MAX: usize = 1_000;

/// The features of the first images of a class; none of what too few images do not have.
#[derive(Debug)]
pub(super) struct ClassFeatures {
    gaussian: Option<GaussianStats>,
    neighbourhoods: Option<Neighbourhoods>,
}

impl ClassFeatures {
    /// Sorts rows of features by the class of each, which is below `count`; empty if there are too many classes.
    pub fn by_class(features: &[f32], classes: impl IntoIterator<Item = usize>, count: usize) -> Vec<Self> {
        if count > CLASSES_MAX {
            return Vec::new();
        }
        let mut of_class: Vec<Vec<f32>> = vec![Vec::new(); count];
        for (row, class) in features.chunks_exact(FEATURES).zip(classes) {
            if of_class[class].len() < CLASS_IMAGES_MAX * FEATURES {
                of_class[class].extend_from_slice(row);
            }
        }
        of_class.iter().map(|features| Self::new(features)).collect()
    }

    fn new(features: &[f32]) -> Self {
        Self {
            gaussian: GaussianStats::from_features(features, FEATURES).ok(),
            neighbourhoods: Neighbourhoods::from_features(features, FEATURES).ok(),
        }
    }

    /// Compares these features of real images with those of generated ones.
    pub fn compare(&self, generated: &Self) -> ClassFigures {
        let gaussians = self.gaussian.as_ref().zip(generated.gaussian.as_ref());
        let neighbourhoods = self.neighbourhoods.as_ref().zip(generated.neighbourhoods.as_ref());
        let shares = neighbourhoods.and_then(|(real, generated)| coverage_and_recall(real, generated).ok());
        ClassFigures {
            frechet: gaussians.and_then(|(real, generated)| frechet_distance(real, generated).ok()),
            coverage: shares.map(|shares| shares.coverage),
            recall: shares.map(|shares| shares.recall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_images_of_a_class_are_compared() {
        // What comes after the first thousand would make every figure none.
        let features: Vec<f32> = (0..CLASS_IMAGES_MAX + 100)
            .flat_map(|row| [if row < CLASS_IMAGES_MAX { (row % 7) as f32 } else { f32::NAN }; FEATURES])
            .collect();
        let classes = vec![1; CLASS_IMAGES_MAX + 100];
        let found = ClassFeatures::by_class(&features, classes, 2);
        let figures = found[1].compare(&found[1]);
        assert_eq!((figures.coverage, figures.recall), (Some(1.0), Some(1.0)));
        assert!(figures.frechet.is_some_and(|distance| distance < 1e-3), "{figures:?}");
        assert_eq!(found[0].compare(&found[1]), ClassFigures::default());
    }

    #[test]
    fn a_figure_with_too_few_images_is_none() {
        let of = |count: usize| {
            let features: Vec<f32> = (0..count * FEATURES).map(|place| (place % 11) as f32).collect();
            ClassFeatures::by_class(&features, vec![0; count], 1).remove(0)
        };
        for (count, has_distance, has_shares) in
            [(0, false, false), (1, false, false), (2, true, false), (6, true, true)]
        {
            let figures = of(9).compare(&of(count));
            assert_eq!((figures.frechet.is_some(), figures.coverage.is_some()), (has_distance, has_shares), "{count}");
            assert_eq!(figures.recall.is_some(), has_shares, "{count}");
        }
    }

    #[test]
    fn very_many_classes_are_not_compared() {
        assert!(ClassFeatures::by_class(&[], [], CLASSES_MAX + 1).is_empty());
        assert_eq!(ClassFeatures::by_class(&[], [], CLASSES_MAX).len(), CLASSES_MAX);
    }
}
