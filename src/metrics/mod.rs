//! Figures that say how well labels and images turned out, computed on the host from plain slices.
//!
//! They watch a run and never steer it, so nothing here touches a tensor, a device or a random number. A figure that
//! has no meaning for its input, such as the accuracy of no images, is `None`, never 0 or NaN; `None` becomes `null` in
//! the events.

mod assignment;
mod clustering;
mod contingency;
mod frechet;
mod gate;

pub use assignment::best_assignment;
pub use clustering::{adjusted_rand_index, clustering_accuracy, normalized_mutual_information, purity};
pub use contingency::{ContingencyTable, RaggedTable};
pub use frechet::{FrechetError, GaussianStats, frechet_distance};
pub use gate::{gate_coverage, gate_precision, share};
