//! Checks the metrics against scikit-learn, scipy, PRDC, pytorch-fid, torch-fidelity, brute force and their own
//! invariances.
//!
//! The scripts in `reference/` wrote the expected values.

mod clustering;
mod estimate;
mod frechet;
mod inception_score;
mod inputs;
mod kernel_distance;
mod neighbours;
mod scores;
mod selective;
