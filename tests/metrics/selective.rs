//! Accuracy against coverage, against scikit-learn, counting, and cases by hand.

use serde::Deserialize;
use slgan::metrics::*;
use slgan::rng::{Purpose, stream};

use crate::inputs::{assert_close, scramble};

#[derive(Deserialize)]
struct Case {
    count: u32,
    levels: u32,
    base: f64,
    slope: f64,
    seed: u32,
    points: Vec<CoveragePoint>,
    aurc: f64,
}

impl Case {
    fn inputs(&self) -> (Vec<f64>, Vec<bool>) {
        let image = |image: u32| {
            let index = image + self.seed * 1_000_003;
            let confidence = f64::from(scramble(2 * index) % self.levels) / f64::from(self.levels);
            let draw = f64::from(scramble(2 * index + 1) % 1024) / 1024.0;
            (confidence, draw < self.base + self.slope * confidence)
        };
        (0..self.count).map(image).unzip()
    }
}

/// The point of a threshold by counting; none if no image passes.
fn counted(confidences: &[f64], right: &[bool], threshold: f64) -> Option<CoveragePoint> {
    let passed = || confidences.iter().zip(right).filter(|&(&confidence, _)| confidence >= threshold);
    let count = passed().count();
    let hits = passed().filter(|&(_, &right)| right).count();
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    let point = CoveragePoint { threshold, coverage: share(count, right.len()), accuracy: share(hits, count) };
    (count > 0).then_some(point)
}

#[test]
fn thresholds_and_area_agree_with_scikit_learn() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../reference/selective.json")).expect("it parses");
    assert_eq!(cases.len(), 7);
    for case in cases {
        let (confidences, right) = case.inputs();
        let name = format!("case {}", case.seed);
        assert!(!case.points.is_empty(), "{name}");
        for expected in &case.points {
            let curve = AccuracyCoverage::new(&confidences, &right, expected.threshold).expect("there are images");
            let found = curve.gate.expect("images pass");
            assert_eq!(found.threshold, expected.threshold, "{name}");
            assert_close(found.coverage, expected.coverage, 1e-12, &name);
            assert_close(found.accuracy, expected.accuracy, 1e-12, &name);
        }
        assert_close(aurc(&confidences, &right).expect("there are images"), case.aurc, 1e-12, &name);
    }
}

#[test]
fn a_curve_has_few_points_of_real_thresholds_up_to_all_images() {
    let mut draws = stream(3, Purpose::Test, 0);
    for (count, levels) in [(1, 1), (2, 9), (31, 1000), (32, 1000), (33, 1000), (500, 3), (5000, 100_000), (5000, 40)] {
        let confidences: Vec<f64> = (0..count).map(|_| f64::from(draws.below(levels)) / f64::from(levels)).collect();
        let right: Vec<bool> = (0..count).map(|_| draws.below(3) > 0).collect();
        let curve = AccuracyCoverage::new(&confidences, &right, 2.0).expect("there are images");
        assert_eq!(curve.gate, None, "no confidence reaches 2");
        assert!((1..=CURVE_POINTS).contains(&curve.points.len()), "{}", curve.points.len());
        for point in &curve.points {
            assert!(confidences.contains(&point.threshold));
            assert_eq!(Some(*point), counted(&confidences, &right, point.threshold));
        }
        assert!(curve.points.windows(2).all(|pair| pair[0].coverage < pair[1].coverage));
        assert_eq!(curve.points.last().map(|last| last.coverage), Some(1.0));
        // No step is wider than the spacing and the images that one threshold lets in together.
        let equal = confidences.iter().map(|a| confidences.iter().filter(|&b| a == b).count()).max();
        let widest = 1.0 / CURVE_POINTS as f64 + equal.expect("there are images") as f64 / f64::from(count);
        let covered = std::iter::once(0.0).chain(curve.points.iter().map(|point| point.coverage));
        assert!(covered.clone().zip(covered.skip(1)).all(|(from, to)| to - from <= widest + 1e-12), "{count} {levels}");

        let risk =
            |threshold: &f64| 1.0 - counted(&confidences, &right, *threshold).expect("it passes itself").accuracy;
        let expected = confidences.iter().map(risk).sum::<f64>() / f64::from(count);
        assert_close(aurc(&confidences, &right).expect("there are images"), expected, 1e-12, "the mean risk");
    }
}

#[test]
fn the_area_is_least_if_confidence_knows_what_is_right() {
    let confidences = [0.9, 0.8, 0.7, 0.6];
    let area = |right: [bool; 4]| aurc(&confidences, &right).expect("there are images");
    assert_eq!(area([true; 4]), 0.0);
    assert_eq!(area([false; 4]), 1.0);
    assert_close(area([true, true, false, false]), (1.0 / 3.0 + 0.5) / 4.0, 1e-15, "right ones first");
    assert_close(area([false, false, true, true]), (1.0 + 1.0 + 2.0 / 3.0 + 0.5) / 4.0, 1e-15, "wrong ones first");
    // Equal confidences tell nothing apart, in whatever order they come.
    assert_eq!(aurc(&[0.5; 4], &[false, true, true, true]), Some(0.25));
    assert_eq!(aurc(&[0.5; 4], &[true, true, true, false]), Some(0.25));
}

#[test]
fn nothing_is_said_of_no_images_or_of_confidences_that_are_no_numbers() {
    assert_eq!((AccuracyCoverage::new(&[], &[], 0.5), aurc(&[], &[])), (None, None));
    for confidence in [f64::NAN, f64::INFINITY] {
        let confidences = [0.5, confidence];
        assert_eq!(AccuracyCoverage::new(&confidences, &[true; 2], 0.5), None);
        assert_eq!(aurc(&confidences, &[true; 2]), None);
    }
}

#[test]
fn a_curve_survives_json_in_few_bytes() {
    let confidences: Vec<f64> = (0..10_000).map(|image| 1.0 - f64::from(image) / 10_007.0).collect();
    let right: Vec<bool> = (0..10_000).map(|image| image % 7 > 0).collect();
    let curve = AccuracyCoverage::new(&confidences, &right, 0.9).expect("there are images");
    let json = serde_json::to_string(&curve).expect("numbers");
    assert!(json.starts_with(r#"{"gate":[0.9,"#) && json.len() < 2000, "{} bytes: {json}", json.len());
    let read: AccuracyCoverage = serde_json::from_str(&json).expect("it parses");
    assert_eq!(read.points.len(), curve.points.len());
    let all = |curve: &AccuracyCoverage| [curve.gate.as_slice(), &curve.points[..]].concat();
    for (read, point) in all(&read).iter().zip(&all(&curve)) {
        let pairs =
            [(read.threshold, point.threshold), (read.coverage, point.coverage), (read.accuracy, point.accuracy)];
        assert!(pairs.iter().all(|(read, number)| (read - number).abs() < 1e-12), "{read:?} of {point:?}");
    }
}

#[test]
fn matched_labels_are_those_that_clustering_accuracy_counts() {
    let mut draws = stream(4, Purpose::Test, 0);
    for (clusters, classes) in [(5, 5), (9, 3), (2, 7)] {
        let truth: Vec<usize> = (0..300).map(|_| draws.below(classes) as usize).collect();
        let noise = |class: &usize, draw: u32| if draw < 2 { draw as usize } else { (class + 1) % clusters };
        let assigned: Vec<usize> = truth.iter().map(|class| noise(class, draws.below(6))).collect();
        let table = ContingencyTable::with_shape(&assigned, &truth, clusters, classes as usize);
        let matched = matched(&table, &assigned, &truth);
        assert_eq!(share(&matched), clustering_accuracy(&table));
        // One class at most for each label, and one label for each class.
        let pairs = || matched.iter().zip(assigned.iter().zip(&truth)).filter(|(matched, _)| **matched).map(|(_, p)| p);
        assert!(pairs().all(|(label, class)| pairs().all(|(l, c)| (l == label) == (c == class))));
    }
}
