//! Compares reports of the suite: what is the same, what rounding explains, what it does not, and where two runs part.
//!
//! It is pure: reports go in, a [`Comparison`] comes out, which is plain data. The first report is the reference;
//! each of the others is compared with it. Hashes that must agree are equal or not. Results of operations may differ
//! if both are within the operation's budget of float64. Runs may differ by the tolerances of the reference, so that
//! no report can excuse itself. `docs/reproducibility.md` explains how to read the result.

mod cause;
mod check;
mod comparison;
mod counts;
mod environment;
mod error;
mod exact;
mod item;
mod kernels;
mod kind;
mod named;
mod pair;
mod paired;
mod parting;
mod picture;
mod rows;
#[cfg(test)]
mod samples;
mod sentence;
#[cfg(test)]
mod tests;
mod training;
mod verdict;

pub use comparison::{COMPARISON_SCHEMA, Comparison, Subject, compare, compare_files};
pub use counts::{Counts, LayerCounts};
pub use environment::{Difference, described};
pub use error::{CompareError, FieldError};
pub use item::{Item, Measure, Moment};
pub use kind::ItemKind;
pub use named::NamedReport;
pub use pair::Pair;
pub use parting::RunParting;
pub use rows::{Row, rows};
pub use verdict::Verdict;
