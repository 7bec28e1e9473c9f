//! How scores came about: whoever has the same images and the same protocol gets the same numbers.

use serde::{Deserialize, Serialize};

use super::extractor::ExtractorFacts;
use super::metric::Metric;
use super::settings::Settings;
use crate::data::ImageShape;

/// How scores came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// Version of this library.
    pub version: String,
    /// The metrics that were asked for.
    pub metrics: Vec<Metric>,
    /// The images that are measured.
    pub subject: SubjectFacts,
    /// The real images.
    pub data: DataFacts,
    /// The network whose features are compared.
    pub extractor: ExtractorFacts,
    /// How the scores are computed.
    pub settings: Settings,
    /// The device that computed the features.
    pub device: String,
}

/// The images that are measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubjectFacts {
    /// `run`, `folder`, `zip` or `npz`.
    pub kind: String,
    /// Its path, as it was given.
    pub path: String,
    /// How many images there are.
    pub images: usize,
    /// Their shape.
    pub shape: ImageShape,
    /// The step of a run's checkpoint.
    pub step: Option<u64>,
}

/// The real images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataFacts {
    /// The data specification, or the path of their statistics.
    pub spec: String,
    /// `train`, `test` or `all`; none if only statistics are known.
    pub split: Option<String>,
    /// How many images there are, if that is known.
    pub images: Option<usize>,
    /// Their shape, if that is known.
    pub shape: Option<ImageShape>,
    /// The first digits of a SHA-256 of the data set, if it was read.
    pub fingerprint: Option<String>,
}
