//! A convolution to check, and its solution from the definition.

use crate::kernels::class::DeviceClass;
use crate::kernels::compare::{Target, normals};
use crate::kernels::conv2d::ConvShape;
use crate::kernels::conv2d::gpu::{Geometry, distinct_classes, fits_winograd};

pub const ENLARGING: ConvShape = ConvShape { stride: 1, enlarge: true };

pub const fn plain(stride: usize) -> ConvShape {
    ConvShape { stride, enlarge: false }
}

/// Sums of up to a few thousand products in f32, in any order. Winograd's transforms round more often, but its sums are
/// shorter by the size of the kernel: on random numbers it needs a twentieth of the budget, less than a plain sum.
pub const BUDGET: f64 = 1e-5;

/// Sizes whose images may be parts of a batch, each a launch of its own.
pub const IN_PARTS: [([usize; 6], ConvShape); 3] =
    [([6, 64, 8, 8, 64, 3], plain(1)), ([6, 64, 8, 8, 64, 3], plain(2)), ([6, 64, 4, 8, 64, 3], ENLARGING)];

/// The target with each set of kernels that there is for a convolution, Winograd's last, however small it is.
pub fn targets(target: &Target, dims: [usize; 6], shape: ConvShape) -> Vec<Target> {
    let [batch, inputs, height, width, outputs, size] = dims;
    let geometry = Geometry::new([batch, inputs, height, width], [outputs, inputs, size, size], shape);
    let mut classes = distinct_classes(&geometry);
    classes.extend(fits_winograd(&geometry).then_some(DeviceClass::DiscreteWinograd));
    let target = Target { launch: target.launch.transforming_small(), ..target.clone() };
    target.for_classes(&classes)
}

/// Random input, weight, bias, and a gradient for the output.
#[derive(Clone)]
pub struct Problem {
    pub dims: [usize; 6],
    pub shape: ConvShape,
    pub x: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub gradient: Vec<f32>,
}

/// Its results, in float64.
pub struct Solution {
    pub y: Vec<f64>,
    pub x_gradient: Vec<f64>,
    pub weight_gradient: Vec<f64>,
    pub bias_gradient: Vec<f64>,
}

impl Problem {
    pub fn new(dims: [usize; 6], shape: ConvShape) -> Self {
        let [batch, inputs, height, width, outputs, size] = dims;
        let mut problem = Self {
            dims,
            shape,
            x: normals(0, batch * inputs * height * width),
            weight: normals(1, outputs * inputs * size * size),
            bias: normals(2, outputs),
            gradient: Vec::new(),
        };
        let [out_height, out_width] = problem.output();
        problem.gradient = normals(3, batch * outputs * out_height * out_width);
        problem
    }

    /// Whether a number is infinite.
    pub fn has_infinity(&self) -> bool {
        [&self.x, &self.weight, &self.bias, &self.gradient].into_iter().flatten().any(|value| value.is_infinite())
    }

    fn scale(&self) -> usize {
        if self.shape.enlarge { 2 } else { 1 }
    }

    pub fn output(&self) -> [usize; 2] {
        let [_, _, height, width, _, size] = self.dims;
        let padding = (size - 1) / 2;
        [height, width].map(|side| (side * self.scale() + 2 * padding - size) / self.shape.stride + 1)
    }

    /// Calls `each` with the positions in output, input and weights of every product in the definition, and with the
    /// output's channel.
    fn each_product(&self, mut each: impl FnMut(usize, usize, usize)) {
        let [batch, inputs, height, width, outputs, size] = self.dims;
        let [out_height, out_width] = self.output();
        let padding = (size - 1) / 2;
        let seen = |place: usize, tap: usize, side: usize| {
            let large = (place * self.shape.stride + tap).checked_sub(padding)?;
            Some(large / self.scale()).filter(|&small| small < side)
        };
        for y_at in 0..batch * outputs * out_height * out_width {
            let (column, row) = (y_at % out_width, y_at / out_width % out_height);
            let (output, image) =
                (y_at / (out_width * out_height) % outputs, y_at / (out_width * out_height * outputs));
            for tap in 0..size * size {
                let (Some(y), Some(x)) = (seen(row, tap / size, height), seen(column, tap % size, width)) else {
                    continue;
                };
                for input in 0..inputs {
                    let x_at = ((image * inputs + input) * height + y) * width + x;
                    each(y_at, x_at, (output * inputs + input) * size * size + tap);
                }
            }
        }
    }

    /// The output's channel at a position in it.
    fn channel(&self, y_at: usize) -> usize {
        let [out_height, out_width] = self.output();
        y_at / (out_height * out_width) % self.bias.len()
    }

    pub fn solve(&self) -> Solution {
        let [x, weight, gradient] = [&self.x, &self.weight, &self.gradient]
            .map(|values| values.iter().map(|&value| f64::from(value)).collect());
        let [x, weight, gradient]: [Vec<f64>; 3] = [x, weight, gradient];
        let mut solution = Solution {
            y: (0..gradient.len()).map(|at| f64::from(self.bias[self.channel(at)])).collect(),
            x_gradient: vec![0.0; x.len()],
            weight_gradient: vec![0.0; weight.len()],
            bias_gradient: vec![0.0; self.bias.len()],
        };
        self.each_product(|y_at, x_at, weight_at| {
            solution.y[y_at] += x[x_at] * weight[weight_at];
            solution.x_gradient[x_at] += gradient[y_at] * weight[weight_at];
            solution.weight_gradient[weight_at] += gradient[y_at] * x[x_at];
        });
        for (at, gradient) in gradient.iter().enumerate() {
            solution.bias_gradient[self.channel(at)] += gradient;
        }
        solution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle's gradients are those of its own output.
    #[test]
    fn gradients_agree_with_finite_differences() {
        for (dims, shape) in
            [([2, 2, 3, 4, 3, 3], plain(2)), ([1, 2, 2, 3, 2, 3], ENLARGING), ([1, 1, 4, 4, 2, 2], plain(1))]
        {
            let problem = Problem::new(dims, shape);
            let solution = problem.solve();
            let loss = |problem: &Problem| -> f64 {
                problem.solve().y.iter().zip(&problem.gradient).map(|(y, g)| y * f64::from(*g)).sum()
            };
            // A power of two, to lose few bits in f32; the loss is linear in each number.
            let step = 0.25;
            let slope = |field: fn(&mut Problem) -> &mut Vec<f32>, at: usize| {
                let moved = |by: f32| {
                    let mut problem = Problem::new(dims, shape);
                    let value = &mut field(&mut problem)[at];
                    let old = *value;
                    *value += by;
                    let by = f64::from(*value) - f64::from(old);
                    (loss(&problem), by)
                };
                let (above, up) = moved(step);
                let (below, down) = moved(-step);
                (above - below) / (up - down)
            };
            let agrees = |field: fn(&mut Problem) -> &mut Vec<f32>, gradient: &[f64]| {
                for (at, expected) in gradient.iter().enumerate() {
                    let found = slope(field, at);
                    assert!((found - expected).abs() < 1e-9, "{dims:?} {at}: {found} instead of {expected}");
                }
            };
            agrees(|problem| &mut problem.x, &solution.x_gradient);
            agrees(|problem| &mut problem.weight, &solution.weight_gradient);
            agrees(|problem| &mut problem.bias, &solution.bias_gradient);
        }
    }
}
