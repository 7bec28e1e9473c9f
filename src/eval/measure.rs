//! The scores of one set of images beside another.

use super::by_class;
use super::error::{EvalError, GENERATED, REAL, of};
use super::feature_set::FeatureSet;
use super::labels;
use super::metric::Metric;
use super::scores::Scores;
use super::settings::Settings;
use super::subsets;
use super::warnings::{few_images, few_images_of_a_class};
use crate::metrics::{
    GaussianStats, KernelFeatures, Neighbourhoods, Spread, coverage_and_recall, frechet_distance, inception_score,
    kernel_distance_of_subsets, precision_and_density,
};

/// What is known about real images.
#[derive(Debug, Clone)]
pub struct Real {
    /// Mean and covariance of their features.
    pub gaussian: GaussianStats,
    /// Their features, unless there are only statistics.
    pub set: Option<FeatureSet>,
    /// Names of their classes; empty if they have none.
    pub class_names: Vec<String>,
}

/// Measures generated images. `labels_are_classes` says whether a label of a generated image is the number of a class.
///
/// # Errors
/// If features are not finite, are too few for a metric, or differ in dimension, or a metric needs more of the real
/// images than is known.
pub fn measure(
    real: &Real,
    generated: &FeatureSet,
    labels_are_classes: bool,
    metrics: &[Metric],
    settings: &Settings,
) -> Result<Scores, EvalError> {
    let mut scores = Scores::default();
    let asked = |metric: Metric| metrics.contains(&metric);
    if asked(Metric::Fid) {
        scores.frechet_distance = Some(frechet(real, generated)?);
        let sets = real.set.iter().map(|set| (REAL, set)).chain([(GENERATED, generated)]);
        scores.warnings.extend(sets.filter_map(|(name, set)| few_images(name, set.count(), set.dim)));
    }
    if asked(Metric::Kid) {
        scores.kernel_distance = Some(kernel(known(real, Metric::Kid)?, generated, settings)?);
    }
    if asked(Metric::Is) {
        let order = subsets::shuffled(generated.count(), settings.seed);
        let splits = settings.splits.min(generated.count()).max(1);
        let score = inception_score(&generated.logits_at(&order), generated.classes, splits);
        scores.inception_score = Some(score.map_err(of(GENERATED))?);
    }
    if asked(Metric::Prdc) {
        neighbours(known(real, Metric::Prdc)?, generated, settings, &mut scores)?;
    }
    if let Some(set) = real.set.as_ref().filter(|_| labels_are_classes) {
        scores.classes = by_class::compare(set, generated, &real.class_names, metrics);
        scores.warnings.extend(few_images_of_a_class(&scores.classes, generated.dim));
    }
    if asked(Metric::Labels) {
        scores.labels = labels::compare(generated, labels_are_classes).map_err(of(GENERATED))?;
        if scores.labels.is_none() {
            scores.warnings.push("the generated images have no labels, so nothing says how good these are".to_owned());
        }
    }
    Ok(scores)
}

fn known(real: &Real, metric: Metric) -> Result<&FeatureSet, EvalError> {
    real.set.as_ref().ok_or(EvalError::StatisticsOnly { metric: metric.name() })
}

fn frechet(real: &Real, generated: &FeatureSet) -> Result<f64, EvalError> {
    let fitted = GaussianStats::from_features(&generated.features, generated.dim).map_err(of(GENERATED))?;
    Ok(frechet_distance(&real.gaussian, &fitted)?)
}

fn kernel(real: &FeatureSet, generated: &FeatureSet, settings: &Settings) -> Result<Spread, EvalError> {
    let of_real = KernelFeatures::new(&real.features, real.dim).map_err(of(REAL))?;
    let of_generated = KernelFeatures::new(&generated.features, generated.dim).map_err(of(GENERATED))?;
    let counts = [real.count(), generated.count()];
    let size = settings.kernel_subset_size.min(counts[0]).min(counts[1]);
    let pairs = subsets::pairs(counts, settings.kernel_subsets, size, settings.seed);
    Ok(kernel_distance_of_subsets(&of_real, &of_generated, &pairs)?)
}

fn neighbours(
    real: &FeatureSet,
    generated: &FeatureSet,
    settings: &Settings,
    scores: &mut Scores,
) -> Result<(), EvalError> {
    let balls = |set: &FeatureSet, name: &'static str| {
        let chosen = subsets::sample(set.count(), settings.neighbour_images, settings.seed);
        Neighbourhoods::from_features(&set.features_at(&chosen), set.dim).map_err(of(name))
    };
    let (real, generated) = (balls(real, REAL)?, balls(generated, GENERATED)?);
    let near = coverage_and_recall(&real, &generated)?;
    let close = precision_and_density(&real, &generated)?;
    (scores.coverage, scores.recall) = (Some(near.coverage), Some(near.recall));
    (scores.precision, scores.density) = (Some(close.precision), Some(close.density));
    Ok(())
}
