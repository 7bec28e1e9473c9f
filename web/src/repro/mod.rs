//! The reproducibility suite on the visitor's device, and comparisons of reports.
//!
//! Reports come and go as the bytes of their files. Nothing is kept between calls, so that a worker may end at any
//! time.

mod comparison;
mod environment;
mod suite;
