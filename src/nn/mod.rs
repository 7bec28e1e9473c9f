//! The three networks and their parts, and the classifier that judges images.
//!
//! Modules hold their parameters on a plain device. `Module::train` lifts a copy onto the autodiff device for the phase
//! that trains it. Initial values come from our own random numbers.

pub mod architecture;
mod batch_norm;
mod classifier;
mod discriminator;
mod generator;
mod initializer;
pub(crate) mod layers;
pub mod packed;
pub mod parameters;
mod residual;
mod spectral_norm;
pub(crate) mod trunk;

pub use architecture::Architecture;
pub use batch_norm::Statistics;
pub use classifier::Classifier;
pub use discriminator::{Discriminator, Scorer};
pub use generator::Generator;
pub use initializer::Initializer;
pub use residual::{Judged, RESIDUAL_FEATURES, ResidualClassifier};
pub use spectral_norm::Division;
