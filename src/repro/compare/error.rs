//! Why reports cannot be compared.

use crate::repro::report::ReportError;

/// Why reports cannot be compared. The message names the report.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A file is no usable report, or a report is of another suite than the first.
    #[error("{name}: {error}")]
    Report {
        /// The report's name.
        name: String,
        /// What is wrong.
        error: Box<ReportError>,
    },
    /// A field has a value that no run of the suite writes.
    #[error("{name}: {error}")]
    Field {
        /// The report's name.
        name: String,
        /// What is wrong.
        error: FieldError,
    },
    /// There is nothing to compare with.
    #[error("expected at least two reports, found {0}")]
    TooFew(usize),
}

/// A field with an impossible value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}, found `{found}`")]
pub struct FieldError {
    /// The field, such as `training[few labels].course.images.png`.
    pub field: String,
    /// What it should have been.
    pub expected: &'static str,
    /// What it is.
    pub found: String,
}
