//! Inception-v3 as the FID community uses it: the network of TensorFlow's file of 2015, in PyTorch's form.
//!
//! It differs from torchvision's in three ways, which pytorch-fid describes: 1,008 classes; means that leave out what is
//! beyond the border; and a maximum instead of a mean in the last block. The weights are not ours to ship: the user names
//! their file.

mod blocks;
mod layers;
mod load;
mod network;
mod resize;

pub use layers::{LayerShape, layers};
pub use load::{InceptionError, PUBLISHED_SHA256};
pub use network::{CLASSES, FEATURES, Inception};
pub use resize::{Resize, UnknownResize};
