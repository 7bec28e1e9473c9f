//! The parts of a data set.

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Split {
    /// Training images.
    Train,
    /// Held-out images.
    Test,
    /// Both.
    All,
}
