//! DiffAugment and its gradient, from the definition, with changes drawn from the same random numbers.

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};
use crate::kernels::diff_augment::{Augmentation, Policy};
use crate::rng::{Purpose, Stream, stream};

/// Batch, channels and size: one of everything; grey and coloured; exact multiples of a workgroup's share, ragged, and
/// more pixels than a workgroup takes.
const CASES: [[usize; 3]; 8] =
    [[1, 1, 1], [2, 3, 8], [64, 3, 16], [5, 1, 28], [4, 3, 32], [3, 2, 5], [3, 4, 17], [65, 1, 9]];

/// Means over some thousand numbers and a few products in f32.
const BUDGET: f64 = 5e-6;

/// Seed of the changes; the step is the number of the case.
const SEED: u64 = 2;

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (step, dims) in CASES.into_iter().enumerate() {
        for policy in (0..8).map(policy) {
            let problem = Problem::new(dims, policy, step as u64);
            outcomes.extend(check_case(&problem, "", target).await);
        }
    }
    for (bad, policy) in bad_cases() {
        let mut problem = Problem::new([3, 3, 8], policy, 0);
        (problem.images[5], problem.gradient[500]) = (bad, bad);
        outcomes.extend(check_case(&problem, &format!(" with {bad}"), target).await);
    }
    outcomes
}

/// The cases of the reproducibility suite: each change alone, and all of them.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for number in [1, 2, 4, 7] {
        outcomes.extend(check_case(&Problem::new([4, 3, 32], policy(number), 0), "", target).await);
    }
    outcomes
}

/// The combinations of colour, translation and cutout, by number.
fn policy(number: usize) -> Policy {
    Policy { color: number & 1 != 0, translation: number & 2 != 0, cutout: number & 4 != 0 }
}

/// Numbers that are not finite, with changes that move them to defined places. With colour changes, NaN fills the
/// image, but the order of the sums decides whether an infinity becomes NaN: infinities get no colour changes.
fn bad_cases() -> Vec<(f64, Policy)> {
    let changes_no_colour = |policy: &Policy| !policy.color;
    let infinities = [f64::INFINITY, f64::NEG_INFINITY];
    let of = |bad: f64| {
        (1..8)
            .map(policy)
            .filter(move |policy| bad.is_nan() || changes_no_colour(policy))
            .map(move |policy| (bad, policy))
    };
    infinities.into_iter().chain([f64::NAN]).flat_map(of).collect()
}

async fn check_case(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let Problem { dims: [batch, channels, size], policy, step, .. } = *problem;
    let shape = [batch, channels, size, size];
    let augmentation = Augmentation::draw(policy, batch, size, &mut draws(step), &target.device);
    let device = target.device.clone().autodiff();
    let x = on_device(&problem.images, shape, &device).require_grad();
    let y = augmentation.apply_with(x.clone(), target.launch);
    let gradient = on_device(&problem.gradient, shape, &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(3).backward();
    let Policy { color, translation, cutout } = policy;
    let changes = format!("colour {color}, translation {translation}, cutout {cutout}");
    let mut case = Case::new("diff_augment", format!("{shape:?}, {changes}{note}"), BUDGET);
    case.expect("output", y, &problem.changed()).await;
    let found = x.grad_remove(&mut gradients).expect("the images are tracked");
    case.expect("gradient of the images", found, &problem.images_gradient()).await;
    case.outcomes()
}

/// The random numbers of a case's changes.
fn draws(step: u64) -> Stream {
    stream(SEED, Purpose::Test, step)
}

/// Random images, their changes, and a gradient for the result.
#[derive(Debug, Clone)]
struct Problem {
    /// Batch, channels and size.
    dims: [usize; 3],
    policy: Policy,
    step: u64,
    /// One per image.
    changes: Vec<Change>,
    /// `[batch, channels, size, size]`.
    images: Vec<f64>,
    /// `[batch, channels, size, size]`.
    gradient: Vec<f64>,
}

impl Problem {
    fn new(dims @ [batch, channels, size]: [usize; 3], policy: Policy, step: u64) -> Self {
        let count = batch * channels * size * size;
        let changes = Change::draw(policy, batch, size, &mut draws(step));
        Self { dims, policy, step, changes, images: numbers(0, count), gradient: numbers(1, count) }
    }

    fn changed(&self) -> Vec<f64> {
        let [_, channels, size] = self.dims;
        let changed = |(image, change): (&[f64], &Change)| {
            let mut image = Pixels { channels, size, values: image.to_vec() };
            if self.policy.color {
                image.brighten(change.brightness);
                image.saturate(change.saturation);
                image.stretch(change.contrast);
            }
            if self.policy.translation {
                image.shift(change.down, change.right);
            }
            if self.policy.cutout {
                image.cut(change);
            }
            image.values
        };
        self.images.chunks(channels * size * size).zip(&self.changes).flat_map(changed).collect()
    }

    /// The gradient of the images: every change transposed, in the opposite order. The transpose of a shift is the
    /// shift back; the matrices of the others are symmetric.
    fn images_gradient(&self) -> Vec<f64> {
        let [_, channels, size] = self.dims;
        let gradient = |(gradient, change): (&[f64], &Change)| {
            let mut gradient = Pixels { channels, size, values: gradient.to_vec() };
            if self.policy.cutout {
                gradient.cut(change);
            }
            if self.policy.translation {
                gradient.shift(-change.down, -change.right);
            }
            if self.policy.color {
                gradient.stretch(change.contrast);
                gradient.saturate(change.saturation);
            }
            gradient.values
        };
        self.gradient.chunks(channels * size * size).zip(&self.changes).flat_map(gradient).collect()
    }
}

/// How one image changes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Change {
    /// Added to every number.
    brightness: f64,
    /// Factor of the distance to a pixel's grey.
    saturation: f64,
    /// Factor of the distance to the image's mean.
    contrast: f64,
    /// Row `i` is taken from row `i + down`.
    down: i64,
    /// Column `j` is taken from column `j - right`.
    right: i64,
    /// First row of the square that is cut out; may be outside the image.
    top: i64,
    /// First column.
    left: i64,
    /// Its side.
    side: i64,
}

impl Change {
    /// Draws the changes of a batch: one kind of number for all images, then the next kind.
    fn draw(policy: Policy, batch: usize, size: usize, draws: &mut Stream) -> Vec<Self> {
        let mut changes = vec![Self::default(); batch];
        if policy.color {
            changes.iter_mut().for_each(|change| change.brightness = draws.between(-0.5, 0.5).into());
            changes.iter_mut().for_each(|change| change.saturation = draws.between(0.0, 2.0).into());
            changes.iter_mut().for_each(|change| change.contrast = draws.between(0.5, 1.5).into());
        }
        if policy.translation {
            // An eighth of the side, rounded.
            let reach = (size as u32 + 4) / 8;
            let mut shift = || i64::from(draws.below(2 * reach + 1)) - i64::from(reach);
            changes.iter_mut().for_each(|change| change.down = shift());
            changes.iter_mut().for_each(|change| change.right = shift());
        }
        if policy.cutout {
            let side = size as u32 / 2;
            let mut corner = || i64::from(draws.below(size as u32 + 1)) - i64::from(side / 2);
            changes.iter_mut().for_each(|change| change.left = corner());
            changes.iter_mut().for_each(|change| change.top = corner());
            changes.iter_mut().for_each(|change| change.side = side.into());
        }
        changes
    }
}

/// One image, `[channels, size, size]`.
#[derive(Debug, Clone)]
struct Pixels {
    channels: usize,
    size: usize,
    values: Vec<f64>,
}

impl Pixels {
    fn plane(&self) -> usize {
        self.size * self.size
    }

    fn brighten(&mut self, brightness: f64) {
        self.values.iter_mut().for_each(|value| *value += brightness);
    }

    /// Moves every pixel away from its grey, the mean of its channels, or towards it.
    fn saturate(&mut self, factor: f64) {
        for pixel in 0..self.plane() {
            let places: Vec<usize> = (0..self.channels).map(|channel| channel * self.plane() + pixel).collect();
            self.scale_about_mean(&places, factor);
        }
    }

    /// Moves all numbers away from their mean, or towards it.
    fn stretch(&mut self, factor: f64) {
        let places: Vec<usize> = (0..self.values.len()).collect();
        self.scale_about_mean(&places, factor);
    }

    fn scale_about_mean(&mut self, places: &[usize], factor: f64) {
        let mean = places.iter().map(|&at| self.values[at]).sum::<f64>() / places.len() as f64;
        for &at in places {
            self.values[at] = (self.values[at] - mean) * factor + mean;
        }
    }

    /// Takes every number from `down` rows below and from `right` columns to the left, or 0 from outside.
    fn shift(&mut self, down: i64, right: i64) {
        let old = self.values.clone();
        let (plane, size) = (self.plane(), self.size as i64);
        for (at, value) in self.values.iter_mut().enumerate() {
            let (row, column) = ((at % plane / self.size) as i64 + down, (at % self.size) as i64 - right);
            let is_inside = (0..size).contains(&row) && (0..size).contains(&column);
            *value = if is_inside { old[at / plane * plane + (row * size + column) as usize] } else { 0.0 };
        }
    }

    /// Multiplies the numbers in the square by 0.
    fn cut(&mut self, change: &Change) {
        let plane = self.plane();
        for (at, value) in self.values.iter_mut().enumerate() {
            let (row, column) = ((at % plane / self.size) as i64, (at % self.size) as i64);
            let rows = change.top..change.top + change.side;
            let columns = change.left..change.left + change.side;
            if rows.contains(&row) && columns.contains(&column) {
                *value *= 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(channels: usize, size: usize) -> Pixels {
        Pixels { channels, size, values: (1..=channels * size * size).map(|number| number as f64).collect() }
    }

    /// The oracle's changes on numbers that are easy to follow.
    #[test]
    fn changes_do_what_they_say() {
        let mut moved = pixels(1, 3);
        moved.shift(1, 1);
        assert_eq!(moved.values, [0.0, 4.0, 5.0, 0.0, 7.0, 8.0, 0.0, 0.0, 0.0]);
        let mut cut = pixels(1, 3);
        cut.cut(&Change { top: -1, left: 1, side: 2, ..Change::default() });
        assert_eq!(cut.values, [1.0, 0.0, 0.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        let mut grey = pixels(2, 2);
        grey.saturate(0.0);
        assert_eq!(grey.values, [3.0, 4.0, 5.0, 6.0, 3.0, 4.0, 5.0, 6.0]);
        let mut stretched = pixels(1, 2);
        stretched.stretch(2.0);
        assert_eq!(stretched.values, [-0.5, 1.5, 3.5, 5.5]);
    }

    /// The changes include shifts in all directions, and squares that reach across every edge.
    #[test]
    fn changes_are_various() {
        let changes = Problem::new([64, 3, 16], policy(7), 2).changes;
        let any = |condition: fn(&Change) -> bool| changes.iter().any(condition);
        assert!(any(|change| change.down < 0) && any(|change| change.down > 0));
        assert!(any(|change| change.right < 0) && any(|change| change.right > 0));
        assert!(any(|change| change.top < 0) && any(|change| change.top > 8));
        assert!(any(|change| change.left < 0) && any(|change| change.left > 8));
        assert!(any(|change| change.saturation < 1.0) && any(|change| change.saturation > 1.0));
    }

    /// The oracle's gradient is that of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        for (dims, policy) in [[1, 1, 1], [2, 3, 5], [3, 1, 4]].into_iter().zip([7, 7, 7].map(policy)) {
            let problem = Problem::new(dims, policy, 1);
            agrees(&problem);
        }
        for policy in (0..8).map(policy) {
            agrees(&Problem::new([4, 2, 4], policy, 3));
        }
    }

    fn agrees(problem: &Problem) {
        for (at, expected) in problem.images_gradient().iter().enumerate() {
            let moved = |by: f64| {
                let mut problem = problem.clone();
                problem.images[at] += by;
                problem.changed().iter().zip(&problem.gradient).map(|(y, g)| y * g).sum::<f64>()
            };
            // The loss is linear in each number, so a step of 1 will do.
            let found = moved(0.5) - moved(-0.5);
            let Problem { dims, policy, .. } = problem;
            assert!((found - expected).abs() < 1e-9, "{dims:?} {policy:?} {at}: {found} instead of {expected}");
        }
    }
}
