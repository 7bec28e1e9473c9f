//! The inputs of a step: a pure function of the task and the step's number.
//!
//! They are drawn on the host ([`Draws`]), packed into one parcel for an update or a step, and uploaded before its
//! first kernel. A batch is one tensor: real images, as many generated ones, and the images with manual labels that
//! only the classifier sees. So a network that sees several kinds of images takes them in one pass.

mod classifier;
mod draws;
mod maker;
mod table_labels;
mod update;

pub use classifier::{ClassifierTensors, PackedClassifier};
pub use draws::{Draws, LabelledLatents, RealImages};
pub use maker::InputMaker;
pub use table_labels::TableLabels;
pub use update::{AugmentationForm, PackedAugmentation, PackedUpdate, UpdateTensors};
