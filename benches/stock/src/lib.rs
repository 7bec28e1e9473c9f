//! slgan's training step as burn comes: `burn::nn` modules, `burn::optim::Adam` and tensor operations, nothing else.
//!
//! It is what slgan's own kernels are compared with. So it depends on burn alone, computes the same step layer for layer,
//! and does everything the way a program on burn would: networks live on the autodiff device, gradients travel as
//! [`GradientsParams`](burn::optim::GradientsParams). The step is that of the default configuration; what is
//! off by default (conditional generator, slope penalty) it does not know.

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
pub use sizes::{Convolution, Sizes, Trunk};
pub use trainer::Trainer;
pub use weights::Weights;
