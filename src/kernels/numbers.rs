//! Numbers that shaders of several operations have.

/// Slope of leaky ReLUs below 0.
pub const SLOPE: f32 = 0.2;

/// Bilinear weight of the nearest pixel along an axis, a quarter of a pixel away.
pub const NEAR: f32 = 0.75;

/// Bilinear weight of the second nearest pixel along an axis, three quarters of a pixel away.
pub const FAR: f32 = 0.25;
