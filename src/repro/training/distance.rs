//! How far two runs are apart.

use super::seen::{Group, Record, StepSeen};
use crate::repro::report::Phase;

/// The distances of two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Distances {
    /// From step 1 on.
    pub steps: Vec<StepDistances>,
    /// Largest difference of a pixel of the final images.
    pub pixels: f64,
}

/// The distances at one step. A distance is infinite if a number is not finite.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDistances {
    /// Largest absolute difference of a loss.
    pub losses: f64,
    /// Largest absolute difference of a confidence.
    pub confidences: f64,
    /// Relative distances of the groups.
    pub groups: Vec<(Phase, &'static str, f64)>,
}

/// The distances of a run from another one of the same task.
pub fn between(base: &Record, other: &Record) -> Distances {
    let pixels = base.images.pixels.iter().zip(&other.images.pixels);
    Distances {
        steps: base.steps.iter().zip(&other.steps).map(|(base, other)| at_step(base, other)).collect(),
        pixels: pixels.map(|(one, two)| one.abs_diff(*two)).max().unwrap_or(0).into(),
    }
}

fn at_step(base: &StepSeen, other: &StepSeen) -> StepDistances {
    let losses = base.losses.iter().zip(&other.losses).map(|(one, two)| match (one, two) {
        (Some(one), Some(two)) => apart(*one, *two),
        _ => 0.0,
    });
    let confidence = |seen: &StepSeen| -> Vec<f32> {
        seen.decisions.iter().map(|decision| decision.confidence.value().unwrap_or(f32::NAN)).collect()
    };
    let confidences = confidence(base).into_iter().zip(confidence(other)).map(|(one, two)| apart(one, two));
    StepDistances {
        losses: losses.fold(0.0, f64::max),
        confidences: confidences.fold(0.0, f64::max),
        groups: base
            .groups
            .iter()
            .zip(&other.groups)
            .map(|(one, two)| (one.phase, one.name, relative(one, two)))
            .collect(),
    }
}

/// The difference of two numbers; infinite if one is not finite.
fn apart(one: f32, two: f32) -> f64 {
    let difference = (f64::from(one) - f64::from(two)).abs();
    if difference.is_finite() { difference } else { f64::INFINITY }
}

/// The norm of the difference over the norm of the first; 0 if both are 0.
fn relative(base: &Group, other: &Group) -> f64 {
    let pairs = base.tensors.iter().zip(&other.tensors).flat_map(|((_, one), (_, two))| one.iter().zip(two));
    let squares: f64 = pairs.map(|(one, two)| apart(*one, *two)).map(|distance| distance * distance).sum();
    let size: f64 = base.tensors.iter().flat_map(|(_, values)| values).map(|&x| f64::from(x) * f64::from(x)).sum();
    if squares == 0.0 { 0.0 } else { libm::sqrt(squares / size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(values: &[f32]) -> Group {
        Group { phase: Phase::Generator, name: "weights", tensors: vec![("w".into(), values.to_vec())] }
    }

    #[test]
    fn distances_are_relative_to_the_first_run() {
        assert_eq!(relative(&group(&[3.0, 4.0]), &group(&[3.0, 4.5])), 0.1);
        assert_eq!(relative(&group(&[0.0]), &group(&[-0.0])), 0.0);
        assert!(relative(&group(&[0.0]), &group(&[1.0])).is_infinite());
        assert!(relative(&group(&[1.0]), &group(&[f32::NAN])).is_infinite());
    }
}
