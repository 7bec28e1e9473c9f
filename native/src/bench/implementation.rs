//! The two implementations that a benchmark compares.

/// Whose work is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implementation {
    /// slgan as it trains.
    Ours,
    /// The same with `burn::nn` and `burn::optim::Adam` (the crate slgan-stock).
    Stock,
}
