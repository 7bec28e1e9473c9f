//! Labels: artificial ones from the latent space, manual ones from the data set, and the relation between them.

pub mod budget;
pub mod cells;
mod confusion;
mod k_means;
pub mod labeler;
mod one_hot;
pub mod partition;
pub mod plane;
pub mod table;
pub mod teacher;

pub use cells::Cells;
pub use confusion::Confusion;
pub use k_means::k_means;
pub use labeler::{Labeler, Prediction};
pub use one_hot::{one_hot, one_hot_rows};
pub use partition::{LatentPartition, Latents};
pub use plane::Plane;
pub use table::LabelTable;
pub use teacher::Teacher;
