//! Several reports, compared with the first.

use serde::{Deserialize, Serialize};

use super::environment::described;
use super::error::CompareError;
use super::named::NamedReport;
use super::pair::{Pair, pair};
use crate::repro::report::Environment;

/// The layout of comparisons as JSON.
pub const COMPARISON_SCHEMA: &str = "slgan-comparison-1";

/// Several reports, compared with the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The layout: [`COMPARISON_SCHEMA`].
    pub schema: String,
    /// The suite of all reports.
    pub suite: String,
    /// Whether every pair may come from correct devices.
    pub good: bool,
    /// The reports; the first is the reference.
    pub reports: Vec<Subject>,
    /// Each other report, compared with the reference.
    pub pairs: Vec<Pair>,
}

/// A report that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Its environment in a line, for people.
    pub about: String,
    /// Its environment.
    pub environment: Environment,
}

/// Compares reports with the first of them.
///
/// # Errors
/// If there are fewer than two, or one is of another suite than the first.
pub fn compare(reports: &[NamedReport]) -> Result<Comparison, CompareError> {
    let (reference, others) = match reports {
        [reference, others @ ..] if !others.is_empty() => (reference, others),
        few => return Err(CompareError::TooFew(few.len())),
    };
    others.iter().try_for_each(|other| other.check_suite(reference))?;
    let pairs: Vec<Pair> = others.iter().map(|other| pair(reference, other)).collect();
    Ok(Comparison {
        schema: COMPARISON_SCHEMA.to_owned(),
        suite: reference.report.suite.clone(),
        good: pairs.iter().all(Pair::is_good),
        reports: reports.iter().map(subject).collect(),
        pairs,
    })
}

/// [`compare`] for the names and the bytes of files.
///
/// # Errors
/// As [`compare`] and [`NamedReport::read`].
pub fn compare_files(files: &[(String, Vec<u8>)]) -> Result<Comparison, CompareError> {
    let read = files.iter().map(|(name, file)| NamedReport::read(name, file));
    compare(&read.collect::<Result<Vec<_>, _>>()?)
}

fn subject(named: &NamedReport) -> Subject {
    let environment = &named.report.environment;
    Subject { name: named.name.clone(), about: described(environment), environment: environment.clone() }
}
