//! The sum of an image and an enlarged one, and its gradients, from the definition.

use crate::kernels::add_enlarged::{Enlargement, add_enlarged_with};
use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};

/// Shapes of what is enlarged: one of everything, exact multiples of a workgroup, ragged, one row, one column, and many
/// workgroups.
const CASES: [[usize; 4]; 7] =
    [[1, 1, 1, 1], [2, 2, 4, 4], [4, 4, 4, 4], [3, 5, 7, 3], [2, 3, 1, 5], [2, 3, 5, 1], [8, 16, 16, 16]];

/// Sums of up to sixteen products, in f32.
const BUDGET: f64 = 1e-6;

pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for enlargement in [Enlargement::Nearest, Enlargement::Bilinear] {
        for dims in CASES {
            outcomes.extend(check_case(&Problem::new(dims, enlargement), "", target).await);
        }
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut problem = Problem::new([3, 5, 7, 3], enlargement);
            // In squares apart from each other.
            (problem.h[5], problem.s[70], problem.gradient[300]) = (bad, bad, bad);
            outcomes.extend(check_case(&problem, &format!(" with {bad}"), target).await);
        }
    }
    outcomes
}

/// The cases of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for enlargement in [Enlargement::Nearest, Enlargement::Bilinear] {
        for dims in [[3, 5, 7, 3], [8, 16, 16, 16]] {
            outcomes.extend(check_case(&Problem::new(dims, enlargement), "", target).await);
        }
    }
    outcomes
}

async fn check_case(problem: &Problem, note: &str, target: &Target) -> Vec<Outcome> {
    let [batch, channels, height, width] = problem.dims;
    let enlarged = [batch, channels, 2 * height, 2 * width];
    let device = target.device.clone().autodiff();
    let h = on_device(&problem.h, enlarged, &device).require_grad();
    let s = on_device(&problem.s, problem.dims, &device).require_grad();
    let y = add_enlarged_with(h.clone(), s.clone(), problem.enlargement, target.launch);
    let gradient = on_device(&problem.gradient, enlarged, &device);
    // The gradient of a sum of products along the last axis is the other factor, whatever the order of the sum.
    let mut gradients = (y.clone() * gradient).sum_dim(3).backward();
    let mut case = Case::new("add_enlarged", format!("{:?} {:?}{note}", problem.dims, problem.enlargement), BUDGET);
    case.expect("output", y, &problem.sum()).await;
    let found = h.grad_remove(&mut gradients).expect("the large image is tracked");
    case.expect("gradient of the large image", found, &problem.gradient).await;
    let found = s.grad_remove(&mut gradients).expect("the small image is tracked");
    case.expect("gradient of the small image", found, &problem.small_gradient()).await;
    case.outcomes()
}

/// Random images and a gradient for their sum.
#[derive(Debug, Clone)]
struct Problem {
    /// Batch, channels, height and width of the small image.
    dims: [usize; 4],
    enlargement: Enlargement,
    /// `[batch, channels, 2 height, 2 width]`.
    h: Vec<f64>,
    /// `[batch, channels, height, width]`.
    s: Vec<f64>,
    /// `[batch, channels, 2 height, 2 width]`; it is also the gradient of `h`.
    gradient: Vec<f64>,
}

impl Problem {
    fn new(dims: [usize; 4], enlargement: Enlargement) -> Self {
        let count: usize = dims.iter().product();
        Self { dims, enlargement, h: numbers(0, 4 * count), s: numbers(1, count), gradient: numbers(2, 4 * count) }
    }

    /// What is added at a position of the large image: positions in the small one, with weights above 0.
    fn parts(&self, large_at: usize) -> Vec<(usize, f64)> {
        let [_, _, height, width] = self.dims;
        let (column, row) = (large_at % (2 * width), large_at / (2 * width) % (2 * height));
        let plane = large_at / (4 * width * height);
        let columns = along(self.enlargement, column, width);
        let in_row = |(row, share): (usize, f64)| {
            columns.iter().map(move |(column, part)| ((plane * height + row) * width + column, share * part))
        };
        along(self.enlargement, row, height).into_iter().flat_map(in_row).collect()
    }

    fn sum(&self) -> Vec<f64> {
        let added = |at| self.parts(at).iter().map(|(small_at, weight)| weight * self.s[*small_at]).sum::<f64>();
        self.h.iter().enumerate().map(|(at, h)| h + added(at)).collect()
    }

    fn small_gradient(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.s.len()];
        for (at, gradient) in self.gradient.iter().enumerate() {
            for (small_at, weight) in self.parts(at) {
                sums[small_at] += weight * gradient;
            }
        }
        sums
    }
}

/// The pixels of a row of `count` that make up pixel `at` of the enlarged row, with their weights.
fn along(enlargement: Enlargement, at: usize, count: usize) -> Vec<(usize, f64)> {
    // Pixels are unit squares, and the enlarged ones half as large; the middle of the first pixel is at 0.
    let position = (at as f64 + 0.5) / 2.0 - 0.5;
    let inside = |place: f64| place.clamp(0.0, count as f64 - 1.0) as usize;
    match enlargement {
        Enlargement::Nearest => vec![(inside(position.round()), 1.0)],
        Enlargement::Bilinear => {
            let before = position.floor();
            let fraction = position - before;
            vec![(inside(before), 1.0 - fraction), (inside(before + 1.0), fraction)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle's output on numbers that are easy to follow.
    #[test]
    fn a_pixel_becomes_a_square() {
        let mut problem = Problem::new([1, 2, 1, 2], Enlargement::Nearest);
        (problem.h, problem.s) = (vec![0.5; 16], vec![1.0, 2.0, 3.0, 4.0]);
        let rows = [[1.5, 1.5, 2.5, 2.5], [1.5, 1.5, 2.5, 2.5], [3.5, 3.5, 4.5, 4.5], [3.5, 3.5, 4.5, 4.5]];
        assert_eq!(problem.sum(), rows.concat());
    }

    /// The 2x2 example of PyTorch's documentation of `Upsample`, with `mode="bilinear", align_corners=False`.
    #[test]
    fn pixels_lie_a_quarter_of_the_way_from_the_nearest_to_the_next() {
        let mut problem = Problem::new([1, 1, 2, 2], Enlargement::Bilinear);
        (problem.h, problem.s) = (vec![0.0; 16], vec![1.0, 2.0, 3.0, 4.0]);
        let rows = [[1.0, 1.25, 1.75, 2.0], [1.5, 1.75, 2.25, 2.5], [2.5, 2.75, 3.25, 3.5], [3.0, 3.25, 3.75, 4.0]];
        assert_eq!(problem.sum(), rows.concat());
    }

    /// The oracle's gradients are those of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        for dims in [[1, 1, 1, 1], [2, 3, 2, 1], [1, 2, 3, 4]] {
            for enlargement in [Enlargement::Nearest, Enlargement::Bilinear] {
                let problem = Problem::new(dims, enlargement);
                agrees(&problem, |problem| &mut problem.h, &problem.gradient);
                agrees(&problem, |problem| &mut problem.s, &problem.small_gradient());
            }
        }
    }

    fn agrees(problem: &Problem, field: fn(&mut Problem) -> &mut Vec<f64>, gradient: &[f64]) {
        for (at, expected) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut problem = problem.clone();
                field(&mut problem)[at] += by;
                problem.sum().iter().zip(&problem.gradient).map(|(y, g)| y * g).sum::<f64>()
            };
            // The loss is linear in each number, so a step of 1 will do.
            let found = moved(0.5) - moved(-0.5);
            let Problem { dims, enlargement, .. } = problem;
            assert!((found - expected).abs() < 1e-9, "{dims:?} {enlargement:?} {at}: {found} instead of {expected}");
        }
    }
}
