//! The networks that turn images into features and logits.

use burn::tensor::{Device, ExecutionError};
use serde::{Deserialize, Serialize};

use crate::data::{ImageShape, Images};
use crate::kernels::class::DeviceClass;
use crate::nn::RESIDUAL_FEATURES;
use crate::train::judge::residual::{JudgeFacts, JudgeFileError, Readings, ResidualJudge};
use crate::train::seal::sha256;

/// A network that turns images into features and logits.
#[derive(Debug, Clone)]
pub struct Extractor {
    judge: ResidualJudge,
    sha256: String,
}

/// What decides an extractor's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtractorFacts {
    /// `judge`.
    pub name: String,
    /// SHA-256 of its weights file.
    pub sha256: String,
    /// Features of an image.
    pub features: usize,
    /// Shape of the images that it takes.
    pub image: ImageShape,
    /// How images become its inputs: `none` if they are not resized.
    pub resize: String,
    /// What it learned from: the data set, and the first digits of a SHA-256 of its contents.
    pub trained_on: String,
    /// Its accuracy on held-out images, from 0 to 1.
    pub accuracy: f64,
}

impl Extractor {
    /// The judge in the bytes of a file, for a device of a class.
    ///
    /// # Errors
    /// If the bytes are damaged, or are no judge.
    pub fn judge(bytes: &[u8], device: &Device, class: DeviceClass) -> Result<Self, JudgeFileError> {
        Ok(Self { judge: ResidualJudge::load(bytes, device, class)?, sha256: sha256(bytes) })
    }

    /// What decides its numbers.
    pub fn facts(&self) -> ExtractorFacts {
        let JudgeFacts { data, fingerprint, image, accuracy, .. } = &self.judge.facts;
        ExtractorFacts {
            name: "judge".to_owned(),
            sha256: self.sha256.clone(),
            features: RESIDUAL_FEATURES,
            image: *image,
            resize: "none".to_owned(),
            trained_on: format!("{data} {fingerprint}"),
            accuracy: *accuracy,
        }
    }

    /// Names of the classes of its logits.
    pub fn class_names(&self) -> &[String] {
        &self.judge.facts.class_names
    }

    /// Features and logits of images, each independent of the others.
    ///
    /// # Errors
    /// If the device cannot be read.
    ///
    /// # Panics
    /// If the images have another shape than the extractor takes.
    pub async fn read(&self, images: &Images, device: &Device) -> Result<Readings, ExecutionError> {
        self.judge.read(images, device).await
    }
}
