//! A report and its name.

use super::check;
use super::error::CompareError;
use crate::repro::report::{Report, ReportError};

/// A report with the name that messages call it by, such as that of its file.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedReport {
    /// The name.
    pub name: String,
    /// The report.
    pub report: Report,
}

impl NamedReport {
    /// A report that was made here, whose fields are sound.
    pub fn new(name: impl Into<String>, report: Report) -> Self {
        Self { name: name.into(), report }
    }

    /// Reads a report from the bytes of its file. Its fields are checked further than its types tell.
    ///
    /// # Errors
    /// If the file is cut short, edited, of another schema, no report, or has a field with an impossible value. The
    /// error names the file, and the field.
    pub fn read(name: &str, file: &[u8]) -> Result<Self, CompareError> {
        let report = Report::read(file)
            .map_err(|error| CompareError::Report { name: name.to_owned(), error: Box::new(error) })?;
        check::check(&report).map_err(|error| CompareError::Field { name: name.to_owned(), error })?;
        Ok(Self::new(name, report))
    }

    /// Checks that the report is of the same suite as a reference.
    ///
    /// # Errors
    /// If it is of another one.
    pub fn check_suite(&self, reference: &Self) -> Result<(), CompareError> {
        let (expected, found) = (&reference.report.suite, &self.report.suite);
        if expected == found {
            return Ok(());
        }
        let error = ReportError::Suite { expected: expected.clone(), found: found.clone() };
        Err(CompareError::Report { name: self.name.clone(), error: Box::new(error) })
    }
}
