//! The slope of leaky ReLUs, which several operations apply.

/// Slope below 0.
pub const SLOPE: f32 = 0.2;
