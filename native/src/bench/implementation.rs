//! The two implementations that a benchmark compares.

/// The implementation to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implementation {
    /// slgan, as in training.
    Ours,
    /// The same work with `burn::nn` and `burn::optim::Adam` (the crate slgan-stock).
    Stock,
}
