//! Comparison of a device's results with expected values.

pub mod activation;
pub mod figures;

use std::fmt;

use burn::tensor::{Device, Tensor, TensorData};

pub use figures::Figures;
use figures::compared;

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
    /// Other errors, and a digest of the bits.
    pub figures: Figures,
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
        let found: Vec<f64> = match found.into_data_async().await {
            Ok(data) => data.iter::<f64>().collect(),
            // Nothing is not what was expected.
            Err(_) => Vec::new(),
        };
        let (error, figures) = compared(&found, expected);
        let Self { kernel, case, budget, .. } = self;
        self.outcomes.push(Outcome { kernel, case: case.clone(), result, error, budget: *budget, figures });
    }

    pub fn outcomes(self) -> Vec<Outcome> {
        self.outcomes
    }
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
