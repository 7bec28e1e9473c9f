//! Checks the metrics against scikit-learn, scipy, the package PRDC, brute force and their own invariances.
//!
//! The scripts in `reference/` wrote the expected values.

mod clustering;
mod frechet;
mod inputs;
mod neighbours;
