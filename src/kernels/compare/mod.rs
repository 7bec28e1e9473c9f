//! Comparison of a device's results with expected values.

pub mod activation;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use burn::tensor::{Device, Tensor, TensorData};

use crate::kernels::class::DeviceClass;
use crate::kernels::host::is_cpu;
use crate::kernels::launch::Launch;
use crate::rng::{Purpose, stream};

/// Where an operation is checked, and how its kernels are launched.
#[derive(Debug, Clone)]
pub struct Target {
    /// A plain device.
    pub device: Device,
    /// The launch that the operations get.
    pub launch: Launch,
}

impl Target {
    /// The same device with the kernels of each of some classes. The CPU has no kernels, so one stands for all there.
    pub fn for_classes(&self, classes: &[DeviceClass]) -> Vec<Self> {
        let count = if is_cpu(&self.device) { 1 } else { classes.len() };
        let with = |&class| Self { launch: self.launch.for_class(class), ..self.clone() };
        classes.iter().take(count).map(with).collect()
    }
}

/// How one result of one case compares with what was expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The operation.
    pub kernel: &'static str,
    /// Sizes and options.
    pub case: String,
    /// Which of the operation's results.
    pub result: &'static str,
    /// The largest difference, as a fraction of the largest expected value or of 1; NaN if NaNs or infinities are in
    /// other places than expected.
    pub error: f64,
    /// The largest error that rounding explains.
    pub budget: f64,
    /// A digest of the bits of the result, for comparison with another run; all NaNs count as equal.
    pub digest: u64,
}

impl Outcome {
    /// Whether the error is within the budget; NaN is not.
    pub fn passes(&self) -> bool {
        self.error <= self.budget
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, case, result, error, budget, .. } = self;
        write!(formatter, "{kernel} {case}, {result}: error {error:.1e}, budget {budget:.1e}")
    }
}

/// A case of an operation whose results are compared one by one.
pub struct Case {
    kernel: &'static str,
    case: String,
    budget: f64,
    outcomes: Vec<Outcome>,
}

impl Case {
    pub fn new(kernel: &'static str, case: impl Into<String>, budget: f64) -> Self {
        Self { kernel, case: case.into(), budget, outcomes: Vec::new() }
    }

    /// Reads a result and compares it.
    pub async fn expect<const D: usize>(&mut self, result: &'static str, found: Tensor<D>, expected: &[f64]) {
        let (error, digest) = match found.into_data_async().await {
            Ok(data) => {
                let found: Vec<f64> = data.iter::<f64>().collect();
                (largest_error(&found, expected), digest(&found))
            }
            Err(_) => (f64::NAN, 0),
        };
        let Self { kernel, case, budget, .. } = self;
        self.outcomes.push(Outcome { kernel, case: case.clone(), result, error, budget: *budget, digest });
    }

    pub fn outcomes(self) -> Vec<Outcome> {
        self.outcomes
    }
}

fn digest(values: &[f64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for value in values {
        (if value.is_nan() { f64::NAN } else { *value }).to_bits().hash(&mut hasher);
    }
    hasher.finish()
}

fn largest_error(found: &[f64], expected: &[f64]) -> f64 {
    let alike = |(found, expected): (&f64, &f64)| {
        found.is_nan() == expected.is_nan() && (expected.is_finite() || found == expected || found.is_nan())
    };
    if found.len() != expected.len() || !found.iter().zip(expected).all(alike) {
        return f64::NAN;
    }
    let finite = || found.iter().zip(expected).filter(|(_, expected)| expected.is_finite());
    let scale = finite().fold(1.0f64, |scale, (_, expected)| scale.max(expected.abs()));
    // `max` would ignore NaN; this comparison keeps it.
    finite().map(|(found, expected)| (found - expected).abs()).fold(0.0, |a, b| if b <= a { a } else { b }) / scale
}

/// Standard normal numbers; equal arguments give equal numbers.
pub fn normals(number: u64, count: usize) -> Vec<f32> {
    stream(1, Purpose::Test, number).normals(count)
}

pub fn tensor<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

/// A tensor of numbers that f32 holds exactly.
pub fn on_device<const D: usize>(values: &[f64], shape: [usize; D], device: &Device) -> Tensor<D> {
    tensor(&values.iter().map(|&value| value as f32).collect::<Vec<_>>(), shape, device)
}

/// Standard normal numbers of f32; equal arguments give equal numbers.
pub fn numbers(number: u64, count: usize) -> Vec<f64> {
    normals(number, count).into_iter().map(f64::from).collect()
}

/// A number rounded to f32.
pub fn rounded(value: f64) -> f64 {
    f64::from(value as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_relative_to_the_largest_value_and_bad_values_stand_out() {
        assert_eq!(largest_error(&[1.0, -99.0], &[1.0, -100.0]), 0.01);
        assert_eq!(largest_error(&[0.5], &[0.25]), 0.25);
        assert!(largest_error(&[1.0], &[1.0, 2.0]).is_nan());
        assert!(largest_error(&[f64::NAN], &[0.0]).is_nan());
        assert!(largest_error(&[0.0], &[f64::NAN]).is_nan());
        assert!(largest_error(&[f64::INFINITY], &[0.0]).is_infinite());
        assert!(largest_error(&[f64::INFINITY, 2.0], &[f64::NEG_INFINITY, 2.0]).is_nan());
        assert_eq!(largest_error(&[f64::INFINITY, f64::NAN, 2.0], &[f64::INFINITY, f64::NAN, 2.0]), 0.0);
    }
}
