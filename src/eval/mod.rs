//! Scores of images from anywhere: this project's runs, and folders and arrays of any other system.
//!
//! An [`Extractor`] turns images into features and logits. [`FeatureSet`] collects them in parts, so that memory grows
//! with features and not with images. [`measure`] compares two sets. [`Statistics`] of real images can be kept in a file
//! that other programs read too.
//!
//! A score means nothing without its [`Protocol`]: the same images give other numbers with other features, sizes or
//! counts.

mod by_class;
mod error;
mod extractor;
mod feature_set;
pub mod inception;
mod labels;
mod measure;
mod metric;
mod protocol;
mod scores;
mod settings;
mod statistics;
mod subsets;
mod warnings;

pub use error::EvalError;
pub use extractor::{Extractor, ExtractorFacts};
pub use feature_set::FeatureSet;
pub use labels::{LabelScores, TeacherScores};
pub use measure::{Real, measure};
pub use metric::{Metric, UnknownMetric};
pub use protocol::{DataFacts, Protocol, SubjectFacts};
pub use scores::{ClassScores, Scores};
pub use settings::Settings;
pub use statistics::{Origin, Statistics, StatisticsError};
pub use warnings::few_images;
