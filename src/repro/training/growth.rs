//! Tolerances from an ensemble of perturbed runs.
//!
//! Two correct platforms compute the same run with errors that the kernels' budgets bound. A perturbed run has errors
//! of just that size, so it is as far from the exact run as a correct platform may be; two platforms are at most twice
//! as far from each other (triangle inequality). Results that no perturbation has reached yet, such as the first
//! images, may differ by an error of their own, the floor.

use super::distance::{Distances, StepDistances, between};
use super::noise::NOISE;
use super::seen::{Group, Record, StepSeen};
use crate::repro::report::{Distance, GroupDistance, Growth, GrowthStep, short};

/// How many times the largest distance of the ensemble two correct runs may be apart.
const SIDES: f64 = 2.0;

/// How many levels a pixel may be off because it is rounded to a byte.
const PIXEL_FLOOR: f64 = 1.0;

const METHOD: &str = "Every weight and gradient of every step of runs on the CPU was changed at random by up to \
                      `noise` of its tensor's largest number, the largest budget of an operation. A tolerance is twice \
                      the largest distance of these runs from the unchanged one, plus such an error of the result \
                      itself.";

/// The distances of perturbed runs from the unperturbed one.
pub struct Ensemble<'a> {
    base: &'a Record,
    members: Vec<Distances>,
}

impl<'a> Ensemble<'a> {
    /// An ensemble around a run.
    pub fn new(base: &'a Record) -> Self {
        Self { base, members: Vec::new() }
    }

    /// Adds a perturbed run.
    pub fn add(&mut self, run: &Record) {
        self.members.push(between(self.base, run));
    }

    /// The growth of distances, with those of a device's run.
    pub fn growth(&self, device: &Record) -> Growth {
        let device = between(self.base, device);
        let steps = self.base.steps.iter().zip(&device.steps).enumerate();
        Growth {
            method: METHOD.to_owned(),
            members: self.members.len(),
            noise: NOISE,
            steps: steps.map(|(at, (seen, device))| self.at_step(at, seen, device)).collect(),
            pixels: self.distance(|member| member.pixels, device.pixels, PIXEL_FLOOR),
        }
    }

    fn at_step(&self, at: usize, seen: &StepSeen, device: &StepDistances) -> GrowthStep {
        let largest_loss =
            seen.losses.iter().flatten().fold(1.0, |largest: f64, loss| largest.max(f64::from(loss.abs())));
        // The slope of a probability in the difference of two logits, each with its own error, is at most a quarter.
        let confidence_floor = NOISE * f64::from(seen.largest_logit).max(1.0) / 2.0;
        let groups = seen.groups.iter().zip(&device.groups).enumerate().map(|(place, (group, device))| GroupDistance {
            phase: group.phase,
            group: group.name.to_owned(),
            distance: self.distance(|member| member.steps[at].groups[place].2, device.2, floor(group)),
        });
        GrowthStep {
            step: seen.step,
            losses: self.distance(|member| member.steps[at].losses, device.losses, NOISE * largest_loss),
            confidences: self.distance(|member| member.steps[at].confidences, device.confidences, confidence_floor),
            groups: groups.collect(),
        }
    }

    fn distance(&self, of: impl Fn(&Distances) -> f64, device: f64, floor: f64) -> Distance {
        let all: Vec<f64> = self.members.iter().map(of).collect();
        let largest = all.iter().copied().fold(0.0, f64::max);
        Distance {
            mean: short(all.iter().sum::<f64>() / all.len().max(1) as f64),
            max: short(largest),
            device: short(device),
            tolerance: short(SIDES * (largest + floor)),
        }
    }
}

/// The relative distance of a group if every number is off by [`NOISE`] of its tensor's largest one.
fn floor(group: &Group) -> f64 {
    let (mut errors, mut size) = (0.0, 0.0);
    for (_, values) in &group.tensors {
        let largest = values.iter().fold(0.0, |largest: f64, &value| largest.max(f64::from(value).abs()));
        errors += values.len() as f64 * largest * largest;
        size += values.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>();
    }
    if size > 0.0 { NOISE * libm::sqrt(errors / size) } else { NOISE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ImageShape, Images};
    use crate::repro::report::Phase;

    fn run(weights: &[f32], loss: f32, pixel: u8) -> Record {
        let tensors = vec![("w".to_owned(), weights.to_vec())];
        let groups = vec![Group { phase: Phase::Generator, name: "weights", tensors }];
        let seen =
            StepSeen { step: 1, losses: [Some(loss), None, None], decisions: vec![], largest_logit: 0.0, groups };
        Record { steps: vec![seen], images: Images { shape: ImageShape { channels: 1, size: 1 }, pixels: vec![pixel] } }
    }

    #[test]
    fn a_tolerance_is_twice_the_farthest_member_and_the_floor() {
        let base = run(&[3.0, 4.0], 2.0, 10);
        let mut ensemble = Ensemble::new(&base);
        ensemble.add(&run(&[3.0, 4.5], 2.0, 12));
        ensemble.add(&run(&[3.0, 4.25], 2.5, 10));
        let growth = ensemble.growth(&run(&[3.0, 4.0], 2.25, 13));
        let step = &growth.steps[0];
        assert_eq!((growth.members, growth.noise), (2, NOISE));
        assert_eq!((step.losses.mean, step.losses.max, step.losses.device), (Some(0.25), Some(0.5), Some(0.25)));
        assert_eq!(step.losses.tolerance, short(2.0 * (0.5 + 2.0 * NOISE)));
        let weights = step.groups[0].distance;
        assert_eq!((weights.max, weights.device), (Some(0.1), Some(0.0)));
        let floor = NOISE * (32.0f64 / 25.0).sqrt();
        assert!(weights.tolerance.is_some_and(|found| (found - 2.0 * (0.1 + floor)).abs() < 1e-8), "{weights:?}");
        assert_eq!(
            (growth.pixels.max, growth.pixels.device, growth.pixels.tolerance),
            (Some(2.0), Some(3.0), Some(6.0))
        );
    }

    #[test]
    fn what_is_not_finite_is_null() {
        let base = run(&[1.0], 1.0, 0);
        let mut ensemble = Ensemble::new(&base);
        ensemble.add(&run(&[1.0], 1.0, 0));
        let growth = ensemble.growth(&run(&[f32::NAN], f32::NAN, 0));
        assert_eq!((growth.steps[0].losses.device, growth.steps[0].groups[0].distance.device), (None, None));
        assert!(growth.steps[0].losses.tolerance.is_some());
    }
}
