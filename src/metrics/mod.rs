//! Figures for the quality of labels and images, computed on the host from plain slices.
//!
//! They watch a run and never steer it, so nothing here touches a tensor, a device or a random number. A figure without
//! a meaning for its input, such as the accuracy of no images, is `None`, never 0 or NaN. In events, `None` becomes
//! `null`.

mod assignment;
mod clustering;
mod contingency;
mod estimate;
mod features;
mod frechet;
mod gate;
mod inception_score;
mod kernel_distance;
mod neighbours;
mod selective;
mod spread;

pub use assignment::best_assignment;
pub use clustering::{adjusted_rand_index, clustering_accuracy, matched, normalized_mutual_information, purity};
pub use contingency::{ContingencyTable, RaggedTable};
pub use estimate::{CONFIDENCE, Estimate, two_sided_t};
pub use features::FeaturesError;
pub use frechet::{GaussianStats, frechet_distance};
pub use gate::{gate_coverage, gate_precision, share};
pub use inception_score::inception_score;
pub use kernel_distance::{KernelFeatures, SubsetPair, kernel_distance, kernel_distance_of_subsets};
pub use neighbours::{
    CoverageAndRecall, NEIGHBOURS, Neighbourhoods, PrecisionAndDensity, coverage_and_recall, precision_and_density,
};
pub use selective::{AccuracyCoverage, CURVE_POINTS, CoveragePoint, aurc};
pub use spread::Spread;
