//! Adam and moving averages from their definitions.

use burn::tensor::{Device, Tensor};

use crate::kernels::adam::average::{average_in_step, average_with};
use crate::kernels::adam::{AdamSettings, AdamStep, Updated, adam};
use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};

/// Sizes: one element, exact multiples of an invocation's and of a workgroup's share, one more, and ragged.
const COUNTS: [usize; 5] = [1, 64, 256, 257, 1_000];

/// Decays of the first and second moment: typical for GANs, and the usual ones.
const BETAS: [[f64; 2]; 2] = [[0.0, 0.9], [0.9, 0.999]];

const LEARNING_RATE: f64 = 0.01;

/// So strong that an update without it shows.
const WEIGHT_DECAY: f64 = 2.0;

const EPSILON: f64 = 1e-8;

/// Updates of a case.
const UPDATES: usize = 5;

/// Decay of the average in Adam's cases; so fast that a wrong one shows.
const DECAY: f64 = 0.75;

/// A few f32 roundings per update.
const BUDGET: f64 = 2e-6;

/// Checks Adam over several updates, and moving averages alone.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for betas in BETAS {
        for count in COUNTS {
            for (averaged, held) in [(false, false), (false, true), (true, false), (true, true)] {
                let problem = Problem { averaged, held, ..Problem::new(count, betas) };
                outcomes.extend(check_updates(&problem, "", target).await);
            }
        }
        let resumed = Problem::new(257, betas).resumed();
        outcomes.extend(check_updates(&resumed, ", resumed", target).await);
        let decayed = Problem { weight_decay: WEIGHT_DECAY, averaged: true, ..Problem::new(257, betas) };
        outcomes.extend(check_updates(&decayed, ", with weight decay", target).await);
        for bad in [f64::NAN, f64::INFINITY] {
            let mut problem = Problem { averaged: true, ..Problem::new(257, betas) };
            problem.gradients[1][5] = bad;
            problem.value[7] = bad;
            outcomes.extend(check_updates(&problem, &format!(", with {bad}"), target).await);
        }
    }
    let mut unread = Problem::new(257, BETAS[0]);
    unread.start.first.fill(f64::NAN);
    outcomes.extend(check_updates(&unread, ", from a first moment of NaNs, which does not matter", target).await);
    outcomes.extend(check_averages(target).await);
    outcomes
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for betas in BETAS {
        let plain = Problem::new(257, betas);
        let averaged = Problem { averaged: true, weight_decay: WEIGHT_DECAY, ..plain.clone() };
        outcomes.extend(check_updates(&plain, "", target).await);
        outcomes.extend(check_updates(&averaged, ", with weight decay", target).await);
    }
    outcomes.extend(check_average([4, 3, 5, 5], 0.999, None, target).await);
    outcomes
}

async fn check_updates(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let Problem { betas, averaged, held, .. } = *problem;
    let count = problem.value.len();
    let flat = |values: &[f64]| on_device(values, [values.len()], &target.device);
    let description = format!("{count}, betas {betas:?}, average {averaged}, held {held}{note}");
    let mut case = Case::new("adam", description, BUDGET);
    let mut state = problem.initial();
    let mut value = flat(&state.value);
    let mut moments = problem.moments_on(&target.device);
    let mut average = averaged.then(|| flat(&state.average));
    for (step, gradient) in problem.gradients.iter().enumerate() {
        let settings = problem.settings(step);
        let slope = flat(gradient);
        let held = held.then(|| (value.clone(), slope.clone(), moments.clone(), average.clone()));
        let update = AdamStep::new_with(settings, DECAY, &target.device, target.launch);
        let updated = adam(value, slope, moments, average, &update);
        if let Some((value, slope, [first, second], average)) = held {
            case.expect("gradient that is held", slope, gradient).await;
            case.expect("parameter that is held", value, &state.value).await;
            case.expect("first moment that is held", first, &state.moments.first).await;
            case.expect("second moment that is held", second, &state.moments.second).await;
            if let Some(average) = average {
                case.expect("average that is held", average, &state.average).await;
            }
        }
        state = state.after(gradient, &settings);
        assert_eq!(updated.average.is_some(), averaged, "adam: there is an average if there was one");
        Updated { value, moments, average } = updated;
    }
    let [first, second] = moments;
    case.expect("parameter", value, &state.value).await;
    case.expect("first moment", first, &state.moments.first).await;
    case.expect("second moment", second, &state.moments.second).await;
    if let Some(average) = average {
        case.expect("average", average, &state.average).await;
    }
    case.outcomes()
}

/// Checks moving averages of several ranks and decays.
async fn check_averages(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for decay in [0.0, 0.9, 0.999, 1.0] {
        for count in COUNTS {
            outcomes.extend(check_average([count], decay, None, target).await);
        }
        outcomes.extend(check_average([7, 33], decay, None, target).await);
        outcomes.extend(check_average([4, 3, 5, 5], decay, None, target).await);
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        outcomes.extend(check_average([257], 0.9, Some(bad), target).await);
    }
    outcomes
}

/// Checks one moving average; `bad` replaces one number of the average and another of the value.
async fn check_average<const D: usize>(
    dims: [usize; D],
    decay: f64,
    bad: Option<f64>,
    target: &Target,
) -> Vec<Outcome> {
    let count = dims.iter().product();
    let (mut old, mut value) = (numbers(0, count), numbers(1, count));
    if let Some(bad) = bad {
        (old[5], value[200]) = (bad, bad);
    }
    let expected: Vec<f64> = old.iter().zip(&value).map(|(&old, &value)| moved(old, value, decay)).collect();
    let [old_on_device, value_on_device] = [&old, &value].map(|values| on_device(values, dims, &target.device));
    let found = average_with(old_on_device.clone(), value_on_device.clone(), decay, target.launch);
    let note = bad.map(|bad| format!(", with {bad}")).unwrap_or_default();
    let mut case = Case::new("average", format!("{dims:?}, decay {decay}{note}"), BUDGET);
    case.expect("average", found, &expected).await;
    let step = AdamStep::new_with(Problem::new(1, BETAS[0]).settings(0), decay, &target.device, target.launch);
    let found = average_in_step(old_on_device.clone(), value_on_device.clone(), &step);
    case.expect("average in a step", found, &expected).await;
    case.expect("old average that is held", old_on_device, &old).await;
    case.expect("value that is held", value_on_device, &value).await;
    case.outcomes()
}

/// A moving average after a step.
fn moved(old: f64, value: f64, decay: f64) -> f64 {
    decay * old + (1.0 - decay) * value
}

/// The moments of a parameter, each `[count]`.
#[derive(Debug, Clone, PartialEq)]
struct Moments {
    first: Vec<f64>,
    second: Vec<f64>,
}

/// A random parameter and its gradients.
#[derive(Debug, Clone)]
struct Problem {
    betas: [f64; 2],
    weight_decay: f64,
    /// Whether the parameter has a moving average.
    averaged: bool,
    /// Whether someone else holds the parameter, its gradient, moments and average during an update.
    held: bool,
    /// Updates before the first one here.
    done: u64,
    /// `[count]`.
    value: Vec<f64>,
    start: Moments,
    /// `[updates][count]`.
    gradients: Vec<Vec<f64>>,
}

impl Problem {
    /// A parameter that has not been updated yet, without an average.
    fn new(count: usize, betas: [f64; 2]) -> Self {
        Self {
            betas,
            weight_decay: 0.0,
            averaged: false,
            held: false,
            done: 0,
            value: numbers(0, count),
            start: Moments { first: vec![0.0; count], second: vec![0.0; count] },
            gradients: (0..UPDATES).map(|step| numbers(10 + step as u64, count)).collect(),
        }
    }

    /// The same parameter after so many updates that the moments' biases are gone.
    fn resumed(self) -> Self {
        let count = self.value.len();
        // Away from 0, so that no step is much larger than the learning rate.
        let second = numbers(2, count).into_iter().map(|number| f64::from((0.5 + number.abs()) as f32)).collect();
        Self { done: 100_000, start: Moments { first: numbers(1, count), second }, averaged: true, held: true, ..self }
    }

    /// The average starts from other numbers than the parameter.
    fn initial(&self) -> State {
        State { value: self.value.clone(), moments: self.start.clone(), average: numbers(3, self.value.len()) }
    }

    /// The moments before the first update; one tensor for both if they are equal, as zeros are.
    fn moments_on(&self, device: &Device) -> [Tensor<1>; 2] {
        let Moments { first, second } = &self.start;
        let first_on_device = on_device(first, [first.len()], device);
        if first == second {
            return [first_on_device.clone(), first_on_device];
        }
        [first_on_device, on_device(second, [second.len()], device)]
    }

    fn settings(&self, step: usize) -> AdamSettings {
        let (&Self { betas: [beta_1, beta_2], weight_decay, .. }, update) = (self, self.done + step as u64 + 1);
        AdamSettings { learning_rate: LEARNING_RATE, beta_1, beta_2, weight_decay, update }
    }
}

/// A parameter between two updates.
#[derive(Debug, Clone)]
struct State {
    value: Vec<f64>,
    moments: Moments,
    average: Vec<f64>,
}

impl State {
    /// The state after one update (Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2).
    fn after(mut self, gradient: &[f64], settings: &AdamSettings) -> Self {
        let AdamSettings { learning_rate, beta_1, beta_2, weight_decay, update } = *settings;
        let correction = |beta: f64| 1.0 - libm::pow(beta, update as f64);
        for (at, &gradient) in gradient.iter().enumerate() {
            let (first, second) = (&mut self.moments.first[at], &mut self.moments.second[at]);
            // A moment with weight 0 may be NaN.
            *first = if beta_1 == 0.0 { gradient } else { moved(*first, gradient, beta_1) };
            *second = moved(*second, gradient * gradient, beta_2);
            let step = *first / correction(beta_1) / ((*second / correction(beta_2)).sqrt() + EPSILON);
            // In this order, infinity stays infinity without weight decay.
            self.value[at] = (1.0 - learning_rate * weight_decay) * self.value[at] - learning_rate * step;
            self.average[at] = moved(self.average[at], self.value[at], DECAY);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a constant gradient, both corrected moments are exact from the first update on, so every step of the oracle
    /// is as long as the learning rate.
    #[test]
    fn steps_against_a_constant_gradient_are_equal() {
        for betas in BETAS {
            let mut problem = Problem::new(2, betas);
            problem.gradients = vec![vec![-3.0, 0.5]; UPDATES];
            let mut state = problem.initial();
            for (step, gradient) in problem.gradients.iter().enumerate() {
                state = state.after(gradient, &problem.settings(step));
            }
            let way = UPDATES as f64 * LEARNING_RATE;
            assert!((state.value[0] - (problem.value[0] + way)).abs() < 1e-8, "{state:?}");
            assert!((state.value[1] - (problem.value[1] - way)).abs() < 1e-8, "{state:?}");
        }
    }

    /// The oracle's first two updates of one number, by hand.
    #[test]
    fn moments_and_average_follow_the_paper() {
        let mut problem = Problem::new(1, [0.5, 0.75]);
        problem.value = vec![1.0];
        let mut state = problem.initial();
        state.average = vec![2.0];
        state = state.after(&[2.0], &problem.settings(0));
        assert_eq!(state.moments, Moments { first: vec![1.0], second: vec![1.0] });
        assert!((state.value[0] - 0.99).abs() < 1e-9);
        assert!((state.average[0] - (0.75 * 2.0 + 0.25 * 0.99)).abs() < 1e-9);
        state = state.after(&[0.0], &problem.settings(1));
        assert_eq!(state.moments, Moments { first: vec![0.5], second: vec![0.75] });
        // The corrections are 1 - 0.25 and 1 - 0.5625.
        let expected = 0.99 - 0.01 * (0.5 / 0.75) / (0.75f64 / 0.4375).sqrt();
        assert!((state.value[0] - expected).abs() < 1e-9);
    }
}
