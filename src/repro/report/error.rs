//! Why a file is not a usable report.

use super::schema::SCHEMA;
use crate::train::seal::BrokenSeal;

/// Why a file is not a usable report. The message goes after the file's name.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The end of the file is missing.
    #[error("cut short: the JSON ends after {bytes} bytes, within line {line}, column {column}")]
    Cut {
        /// Length of the file.
        bytes: usize,
        /// Where it ends.
        line: usize,
        /// Where it ends.
        column: usize,
    },
    /// The end of a compressed file is missing.
    #[error("cut short: the gzip file ends after {bytes} bytes")]
    CutPacked {
        /// Length of the file.
        bytes: usize,
    },
    /// It is compressed, and damaged.
    #[error("damaged gzip file: {0}")]
    Packed(std::io::Error),
    /// It is compressed, and too large.
    #[error("too large: it unpacks to more than {most} MiB, which no report has")]
    TooLarge {
        /// The limit in mebibytes.
        most: u64,
    },
    /// It is not JSON, or not an object with a schema.
    #[error("not a report of `slgan repro run`: {0}")]
    Foreign(serde_json::Error),
    /// It has another schema.
    #[error("schema: expected `{SCHEMA}`, found `{0}`; another version of slgan wrote it")]
    Schema(String),
    /// It is a report of another suite, whose items cannot be compared with those of this one.
    #[error("suite: expected `{expected}`, found `{found}`; reports of two suites cannot be compared")]
    Suite {
        /// The suite that is needed.
        expected: String,
        /// The suite of the report.
        found: String,
    },
    /// The seal is missing.
    #[error("edited by hand: its last field should be `seal`, which is missing")]
    Unsealed,
    /// The text has changed since it was written.
    #[error("edited by hand, or damaged: {0}")]
    Edited(BrokenSeal),
    /// The seal fits, but the fields are not those of the schema.
    #[error("the fields are not those of `{SCHEMA}`: {0}")]
    Fields(serde_json::Error),
}
