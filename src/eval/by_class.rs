//! Real and generated images of the same class beside each other.

use super::feature_set::FeatureSet;
use super::metric::Metric;
use super::scores::ClassScores;
use crate::metrics::{
    GaussianStats, KernelFeatures, Neighbourhoods, coverage_and_recall, frechet_distance, kernel_distance,
    precision_and_density,
};

/// With more classes than this, nothing is compared by class.
const CLASSES_MAX: usize = 256;

/// The images of a class that are compared: the time grows with the square of their number.
const CLASS_IMAGES_MAX: usize = 1_000;

/// Compares the images of each class; empty if either side has no labels, or there are too many classes.
pub(super) fn compare(
    real: &FeatureSet,
    generated: &FeatureSet,
    class_names: &[String],
    metrics: &[Metric],
) -> Vec<ClassScores> {
    let has_labels = |set: &FeatureSet| set.labels.iter().any(Option::is_some);
    if !has_labels(real) || !has_labels(generated) || class_names.len() > CLASSES_MAX {
        return Vec::new();
    }
    let classes = class_names.iter().enumerate();
    classes
        .map(|(class, name)| scores(name, of_class(real, class), of_class(generated, class), real.dim, metrics))
        .collect()
}

/// The features of the first images of a class, row by row.
fn of_class(set: &FeatureSet, class: usize) -> Vec<f32> {
    let indices: Vec<usize> = (0..set.count()).filter(|&index| set.labels[index] == Some(class)).collect();
    set.features_at(&indices[..indices.len().min(CLASS_IMAGES_MAX)])
}

fn scores(class: &str, real: Vec<f32>, generated: Vec<f32>, dim: usize, metrics: &[Metric]) -> ClassScores {
    let [of_real, of_generated] = [&real, &generated].map(|rows| rows.len() / dim);
    let mut scores =
        ClassScores { class: class.to_owned(), real: of_real, generated: of_generated, ..ClassScores::default() };
    if metrics.contains(&Metric::Fid) {
        let gaussian = |rows: &[f32]| GaussianStats::from_features(rows, dim).ok();
        let pair = gaussian(&real).zip(gaussian(&generated));
        scores.frechet_distance = pair.and_then(|(real, generated)| frechet_distance(&real, &generated).ok());
    }
    if metrics.contains(&Metric::Kid) {
        let features = |rows: &[f32]| KernelFeatures::new(rows, dim).ok();
        let pair = features(&real).zip(features(&generated));
        scores.kernel_distance = pair.and_then(|(real, generated)| kernel_distance(&real, &generated).ok());
    }
    if metrics.contains(&Metric::Prdc) {
        let balls = |rows: &[f32]| Neighbourhoods::from_features(rows, dim).ok();
        let pair = balls(&real).zip(balls(&generated));
        let near = pair.as_ref().and_then(|(real, generated)| coverage_and_recall(real, generated).ok());
        let close = pair.as_ref().and_then(|(real, generated)| precision_and_density(real, generated).ok());
        (scores.coverage, scores.recall) = (near.map(|shares| shares.coverage), near.map(|shares| shares.recall));
        (scores.precision, scores.density) = (close.map(|found| found.precision), close.map(|found| found.density));
    }
    scores
}
