//! slgan's training step with stock burn: only `burn::nn` modules, `burn::optim::Adam` and tensor operations.
//!
//! Benchmarks compare slgan's kernels with it. So it depends on burn alone, computes the same step layer for layer, and
//! does everything as a program on burn would: networks live on the autodiff device, and gradients travel as
//! [`GradientsParams`](burn::optim::GradientsParams). It has the step of the default configuration, without what is off
//! by default (conditional generator, slope penalty).

mod augment;
mod average;
mod inputs;
pub mod labelling;
pub mod losses;
mod networks;
pub mod ops;
mod shift;
mod sizes;
pub mod spectral;
mod trainer;
mod weights;

pub use augment::Augmentation;
pub use inputs::{Adversarial, Batch, Losses, Settings};
pub use networks::{Classifier, Discriminator, Generator, Networks};
pub use shift::Shift;
pub use sizes::{CLASSIFIER_KERNEL, Convolution, Sizes, Trunk};
pub use trainer::Trainer;
pub use weights::Weights;
