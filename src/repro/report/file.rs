//! A whole report, and its file.

use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::error::ReportError;
use super::exact::ExactItem;
use super::kernels::{KernelResult, KernelsLayer};
use super::packed::unpacked;
use super::schema::SCHEMA;
use super::training::TrainingRun;
use crate::train::seal;

/// What one run of the suite found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The layout: [`SCHEMA`].
    pub schema: String,
    /// Which suite ran, with its version. Only reports of the same suite have the same items.
    pub suite: String,
    /// Where it ran.
    pub environment: Environment,
    /// What must agree on every platform.
    pub exact: Vec<ExactItem>,
    /// What the device computes in strict arithmetic: on all devices the same as on the CPU. Empty in reports that are
    /// older than it.
    #[serde(default)]
    pub strict: Vec<ExactItem>,
    /// Every operation on fixed inputs.
    pub kernels: KernelsLayer,
    /// Small runs.
    pub training: Vec<TrainingRun>,
}

/// A report as it is written.
#[derive(Serialize)]
struct Sealed<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// The last field, so that [`seal::close`] finds it.
    seal: &'a str,
}

/// What decides whether, and how, the rest is read.
#[derive(Deserialize)]
struct Form {
    schema: String,
    seal: Option<String>,
}

/// A report with the seal that was checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checked {
    schema: String,
    suite: String,
    environment: Environment,
    exact: Vec<ExactItem>,
    #[serde(default)]
    strict: Vec<ExactItem>,
    kernels: KernelsLayer,
    training: Vec<TrainingRun>,
    #[serde(rename = "seal")]
    _seal: String,
}

impl Report {
    /// The report as a file: JSON with a seal, and a line break at the end. Equal reports give equal bytes.
    ///
    /// # Panics
    /// Never: all keys are text, and the values are numbers and text.
    pub fn to_file(&self) -> Vec<u8> {
        let sealed = Sealed { report: self, seal: seal::BLANK };
        let mut file = serde_json::to_vec(&sealed).expect("keys are text, and JSON has all values");
        let text = file.len();
        seal::close(&mut file, text);
        file.push(b'\n');
        file
    }

    /// Reads a report from the bytes of its file: JSON, or JSON that is compressed with gzip. White space at the end of
    /// the JSON does not matter.
    ///
    /// # Errors
    /// If the bytes are cut short, changed, of another schema, or not a report.
    pub fn read(file: &[u8]) -> Result<Self, ReportError> {
        let json = unpacked(file)?;
        let text = json.trim_ascii_end();
        let Form { schema, seal } =
            serde_json::from_slice(text).map_err(|error| unreadable(error, text, json.len()))?;
        if schema != SCHEMA {
            return Err(ReportError::Schema(schema));
        }
        let seal = seal.ok_or(ReportError::Unsealed)?;
        seal::check(text, text.len(), &seal).map_err(ReportError::Edited)?;
        let checked = serde_json::from_slice(text).map_err(ReportError::Fields)?;
        let Checked { schema, suite, environment, exact, strict, kernels, training, .. } = checked;
        Ok(Self { schema, suite, environment, exact, strict, kernels, training })
    }

    /// Like [`Self::read`], for a report of one suite.
    ///
    /// # Errors
    /// As [`Self::read`], and if it is of another suite.
    pub fn read_of_suite(file: &[u8], suite: &str) -> Result<Self, ReportError> {
        let report = Self::read(file)?;
        if report.suite == suite {
            Ok(report)
        } else {
            Err(ReportError::Suite { expected: suite.to_owned(), found: report.suite })
        }
    }

    /// Results of operations that are further from float64 than rounding explains.
    pub fn outside(&self) -> impl Iterator<Item = &KernelResult> {
        self.kernels.results.iter().filter(|result| !result.within_budget())
    }

    /// Whether every run that was made twice was the same, bit for bit.
    pub fn repeats(&self) -> bool {
        self.training.iter().all(|run| run.repeat.identical)
    }

    /// Whether the device agrees with float64 and with itself.
    pub fn is_good(&self) -> bool {
        self.outside().next().is_none() && self.repeats()
    }
}

/// Why the first look at a file failed. A number that was cut, such as `1e-`, is a wrong number at the end of the text.
fn unreadable(error: serde_json::Error, text: &[u8], bytes: usize) -> ReportError {
    let (line, column) = (error.line(), error.column());
    let lines = text.split(|&byte| byte == b'\n');
    let last = lines.clone().next_back().unwrap_or_default();
    let at_end = line == lines.count() && column >= last.len();
    if error.is_eof() || error.is_syntax() && at_end {
        return ReportError::Cut { bytes, line, column };
    }
    ReportError::Foreign(error)
}
