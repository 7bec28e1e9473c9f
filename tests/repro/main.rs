//! The reproducibility suite, and the faults that its reports reveal.

#[path = "../adapter/mod.rs"]
mod adapter;
mod faults;
mod reports;
mod suite;
