//! The name of the layout.

/// The layout of reports.
pub const SCHEMA: &str = "slgan-repro-1";
