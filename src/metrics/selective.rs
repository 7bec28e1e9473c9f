//! Selective classification: how accurate labels are if only confident ones count.
//!
//! A classifier that may abstain trades coverage for risk (Geifman & El-Yaniv 2017, arXiv 1705.08500). Each threshold
//! of a confidence gate is a point of this trade. The curve says what other thresholds would give; the area says how
//! well confidence separates right labels from wrong ones, without any threshold.

use serde::{Deserialize, Serialize};

/// Most points of a curve, at evenly spaced coverages.
pub const CURVE_POINTS: usize = 32;

/// What a threshold gives. Serialised as `[threshold, coverage, accuracy]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f64; 3]", into = "[f64; 3]")]
pub struct CoveragePoint {
    /// The least confidence of a label that counts.
    pub threshold: f64,
    /// Share of images whose confidence is at least the threshold, above 0 and at most 1.
    pub coverage: f64,
    /// Share of right labels among these, from 0 to 1.
    pub accuracy: f64,
}

/// Accuracy against coverage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccuracyCoverage {
    /// The point of the gate's threshold; none if no image passes.
    pub gate: Option<CoveragePoint>,
    /// At most [`CURVE_POINTS`] points, from the most confident images to all of them.
    pub points: Vec<CoveragePoint>,
}

impl AccuracyCoverage {
    /// The curve of images with these confidences, whose labels are right or not. None without images, or if a
    /// confidence is not finite.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn new(confidences: &[f64], right: &[bool], gate_threshold: f64) -> Option<Self> {
        let all = every_threshold(confidences, right)?;
        let passing = all.partition_point(|point| point.threshold >= gate_threshold);
        let gate = passing.checked_sub(1).map(|last| CoveragePoint { threshold: gate_threshold, ..all[last] });
        Some(Self { gate, points: thinned(&all) })
    }
}

/// The area under the risk-coverage curve, AURC (Geifman, Uziel & El-Yaniv 2019, arXiv 1805.08206), which is the area
/// above the accuracy-coverage curve: the mean over images of the share of wrong labels among all images that are at
/// least as confident, `1/n sum_i r(c_i)` with `r(t) = #{j: c_j >= t, label j wrong} / #{j: c_j >= t}`.
///
/// It is from 0, if all labels are right, to 1. Confidences that know nothing give the share of wrong labels on
/// average. None without images, or if a confidence is not finite.
///
/// # Panics
/// If the slices differ in length.
pub fn aurc(confidences: &[f64], right: &[bool]) -> Option<f64> {
    let (mut area, mut covered) = (0.0, 0.0);
    for CoveragePoint { coverage, accuracy, .. } in every_threshold(confidences, right)? {
        area += (coverage - covered) * (1.0 - accuracy);
        covered = coverage;
    }
    Some(area)
}

/// The points of all thresholds that differ in what they let pass, from the highest to the lowest.
fn every_threshold(confidences: &[f64], right: &[bool]) -> Option<Vec<CoveragePoint>> {
    assert_eq!(confidences.len(), right.len(), "every image needs a confidence and a verdict");
    let is_ranked = !confidences.is_empty() && confidences.iter().all(|confidence| confidence.is_finite());
    let mut ranked: Vec<(f64, bool)> = confidences.iter().copied().zip(right.iter().copied()).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut points: Vec<CoveragePoint> = Vec::new();
    let mut hits = 0_u64;
    for (place, (threshold, is_right)) in ranked.iter().copied().enumerate() {
        hits += u64::from(is_right);
        let passed = (place + 1) as f64;
        let point = CoveragePoint { threshold, coverage: passed / ranked.len() as f64, accuracy: hits as f64 / passed };
        match points.last_mut().filter(|last| last.threshold == threshold) {
            Some(equal) => *equal = point,
            None => points.push(point),
        }
    }
    is_ranked.then_some(points)
}

/// For each of evenly spaced coverages, the first point that reaches it. The last one covers all images.
fn thinned(all: &[CoveragePoint]) -> Vec<CoveragePoint> {
    let reaching = |part: usize| all.partition_point(|point| point.coverage < part as f64 / CURVE_POINTS as f64);
    let mut places: Vec<usize> = (1..=CURVE_POINTS).map(reaching).collect();
    places.dedup();
    places.into_iter().map(|place| all[place]).collect()
}

impl From<[f64; 3]> for CoveragePoint {
    fn from([threshold, coverage, accuracy]: [f64; 3]) -> Self {
        Self { threshold, coverage, accuracy }
    }
}

impl From<CoveragePoint> for [f64; 3] {
    fn from(CoveragePoint { threshold, coverage, accuracy }: CoveragePoint) -> Self {
        [threshold, coverage, accuracy]
    }
}
