//! The layer of kernels: every operation on fixed inputs, beside float64.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernels::class::DeviceClass;

/// Every operation on fixed inputs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelsLayer {
    /// How the budget of each operation follows from what it computes, in a sentence or two, by operation.
    pub derivations: BTreeMap<String, String>,
    /// The results, in the order in which they were computed. (operation, case, plan, result) names each.
    pub results: Vec<KernelResult>,
}

/// Whether a result comes from the function itself or from its derivative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The function.
    Forward,
    /// A gradient.
    Backward,
}

/// One result of one operation on one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelResult {
    /// The operation, as its folder in `src/kernels/` is named, or a part of it.
    pub operation: String,
    /// Sizes and options.
    pub case: String,
    /// The class of devices whose kernels computed it; none if all classes share them.
    pub plan: Option<DeviceClass>,
    /// Which of the operation's results.
    pub result: String,
    /// Forward or backward.
    pub direction: Direction,
    /// How many numbers it has.
    pub count: u64,
    /// SHA-256 of their bits as little-endian float32, with one NaN for all.
    pub sha256: String,
    /// Errors as fractions of the largest expected value, or of 1 if that is smaller. The budget is about these.
    pub relative: Errors,
    /// Errors in units in the last place of the expected value as a float32 (at least the smallest normal number).
    pub ulps: Errors,
    /// The largest relative error that rounding explains.
    pub budget: f64,
}

/// Errors against float64. Both are null if NaNs or infinities are in other places than expected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// The largest.
    pub max: Option<f64>,
    /// The mean over all numbers whose expected value is finite.
    pub mean: Option<f64>,
}

impl KernelResult {
    /// Whether the error is within the budget; without an error, it is not.
    pub fn within_budget(&self) -> bool {
        self.relative.max.is_some_and(|error| error <= self.budget)
    }
}
