//! Scores of made features: what belongs to which metric, by class, with labels, and what is refused.

use slgan::eval::{EvalError, FeatureSet, Metric, Real, Settings, measure};
use slgan::metrics::{FeaturesError, GaussianStats, KernelFeatures, frechet_distance, kernel_distance};
use slgan::rng::{Purpose, stream};
use slgan::train::judge::residual::Readings;

const DIM: usize = 4;
const CLASSES: usize = 2;

/// Images whose features lie around their class, and whose logits are certain of it. Classes take turns.
fn set(count: usize, seed: u64, labels: bool) -> FeatureSet {
    let mut draws = stream(seed, Purpose::Test, 0);
    let mut set = FeatureSet::new(DIM, CLASSES);
    for image in 0..count {
        let class = image % CLASSES;
        let features = draws.normals(DIM).into_iter().map(|draw| draw + 5.0 * class as f32).collect();
        let logits = (0..CLASSES).map(|other| if other == class { 9.0 } else { -9.0 }).collect();
        set.extend(Readings { features, logits }, [labels.then_some(class)]);
    }
    set
}

fn real(set: FeatureSet) -> Real {
    let gaussian = GaussianStats::from_features(&set.features, DIM).expect("finite features");
    Real { gaussian, set: Some(set), class_names: vec!["left".to_owned(), "right".to_owned()] }
}

#[test]
fn every_metric_gives_its_scores_and_no_others() {
    let (real, generated) = (real(set(60, 1, true)), set(50, 2, true));
    for metric in Metric::ALL {
        let scores = measure(&real, &generated, true, &[metric], &Settings::new(0)).expect("sound features");
        let has = [
            (Metric::Fid, scores.frechet_distance.is_some()),
            (Metric::Kid, scores.kernel_distance.is_some()),
            (Metric::Is, scores.inception_score.is_some()),
            (Metric::Prdc, scores.precision.is_some()),
            (Metric::Prdc, scores.recall.is_some() && scores.density.is_some() && scores.coverage.is_some()),
            (Metric::Labels, scores.labels.is_some()),
        ];
        assert!(has.iter().all(|&(own, has)| has == (own == metric)), "{metric}: {scores:?}");
        assert_eq!(scores.classes.len(), CLASSES);
        assert!(scores.classes.iter().all(|class| class.frechet_distance.is_some() == (metric == Metric::Fid)));
        assert!(scores.classes.iter().all(|class| class.kernel_distance.is_some() == (metric == Metric::Kid)));
        assert!(scores.classes.iter().all(|class| class.density.is_some() == (metric == Metric::Prdc)));
        assert_eq!(scores.warnings, [""; 0]);
    }
}

#[test]
fn the_scores_are_those_of_the_whole_sets_and_of_each_class() {
    let (real, generated) = (real(set(60, 1, true)), set(50, 2, true));
    let scores = measure(&real, &generated, true, &Metric::ALL, &Settings::new(7)).expect("sound features");
    let distance = |indices: &dyn Fn(usize) -> bool| {
        let [real, generated] = [real.set.as_ref().expect("it has a set"), &generated].map(|set| {
            let chosen: Vec<usize> = (0..set.count()).filter(|&image| indices(image)).collect();
            GaussianStats::from_features(&set.features_at(&chosen), DIM).expect("finite features")
        });
        frechet_distance(&real, &generated).expect("equal dimensions")
    };
    assert_eq!(scores.frechet_distance, Some(distance(&|_| true)));
    assert_eq!(scores.classes[1].frechet_distance, Some(distance(&|image| image % CLASSES == 1)));
    assert_eq!((scores.classes[0].real, scores.classes[0].generated), (30, 25));
    let [of_real, of_generated] = [real.set.as_ref().expect("it has a set"), &generated].map(|set| {
        let first: Vec<usize> = (0..set.count()).step_by(CLASSES).collect();
        KernelFeatures::new(&set.features_at(&first), DIM).expect("finite features")
    });
    let expected = kernel_distance(&of_real, &of_generated).expect("equal dimensions");
    assert_eq!(scores.classes[0].kernel_distance, Some(expected));
    // Certain images of two classes; each part has five of them.
    assert!(scores.inception_score.is_some_and(|score| score.mean > 1.5 && score.mean < 2.0));
    let labels = scores.labels.expect("there are labels");
    assert_eq!((labels.images, labels.agreement, labels.purity, labels.nmi), (50, Some(1.0), Some(1.0), Some(1.0)));
    let again = measure(&real, &generated, true, &Metric::ALL, &Settings::new(7)).expect("sound features");
    assert_eq!(again.kernel_distance, scores.kernel_distance);
}

#[test]
fn labels_with_arbitrary_numbers_are_matched_and_compare_no_classes() {
    let real = real(set(60, 1, true));
    let mut generated = set(50, 2, true);
    generated.labels.iter_mut().for_each(|label| *label = label.map(|class| 7 - class));
    let scores = measure(&real, &generated, false, &Metric::ALL, &Settings::new(0)).expect("sound features");
    let labels = scores.labels.expect("there are labels");
    assert_eq!((labels.agreement, labels.clustering_accuracy, labels.ari), (None, Some(1.0), Some(1.0)));
    assert!(scores.classes.is_empty());

    let scores = measure(&real, &set(50, 2, false), true, &Metric::ALL, &Settings::new(0)).expect("sound features");
    assert!(scores.labels.is_none() && scores.classes.is_empty());
    assert!(scores.warnings.iter().any(|warning| warning.contains("have no labels")), "{:?}", scores.warnings);
}

#[test]
fn few_images_are_warned_about_and_statistics_serve_the_frechet_distance() {
    let mut real = real(set(60, 1, true));
    let few = set(4, 2, true);
    let scores = measure(&real, &few, true, &[Metric::Fid], &Settings::new(0)).expect("sound features");
    assert_eq!(scores.warnings.len(), 2);
    assert!(scores.warnings[0].contains("4 generated images for 4 features"), "{:?}", scores.warnings);
    assert!(scores.warnings[1].contains("2 images of a class for 4 features"), "{:?}", scores.warnings);

    real.set = None;
    let of_statistics = measure(&real, &few, true, &[Metric::Fid, Metric::Is], &Settings::new(0)).expect("sound");
    assert_eq!(of_statistics.frechet_distance, scores.frechet_distance);
    for metric in [Metric::Kid, Metric::Prdc] {
        let error = measure(&real, &few, true, &[metric], &Settings::new(0)).expect_err("only statistics");
        assert_eq!(error, EvalError::StatisticsOnly { metric: metric.name() });
    }
}

#[test]
fn features_that_cannot_be_measured_are_refused_by_the_name_of_their_set() {
    let real = real(set(60, 1, true));
    let mut bad = set(50, 2, true);
    bad.features[4 * DIM + 1] = f32::NAN;
    for metric in [Metric::Fid, Metric::Kid, Metric::Prdc] {
        let error = measure(&real, &bad, true, &[metric], &Settings::new(0)).expect_err("a feature is not a number");
        assert!(error.to_string().starts_with("generated images: feature 1 of row "), "{error}");
    }
    let mut bad = set(50, 2, true);
    bad.logits[3 * CLASSES] = f32::INFINITY;
    for metric in [Metric::Is, Metric::Labels] {
        let error = measure(&real, &bad, true, &[metric], &Settings::new(0)).expect_err("a logit is infinite");
        assert!(error.to_string().starts_with("generated images: feature 0 of row "), "{error}");
    }
    let error = measure(&real, &set(5, 2, true), true, &[Metric::Prdc], &Settings::new(0)).expect_err("too few");
    let too_few = FeaturesError::TooFewSamples { least: 6, count: 5 };
    assert_eq!(error, EvalError::Features { set: "generated images", error: too_few });
}
