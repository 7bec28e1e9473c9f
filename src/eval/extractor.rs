//! The networks that turn images into features and logits.

use burn::tensor::{Device, ExecutionError};
use serde::{Deserialize, Serialize};

use super::inception::{self, Inception, InceptionError, Resize};
use crate::data::{ImageShape, Images};
use crate::kernels::batch::assemble;
use crate::kernels::class::DeviceClass;
use crate::nn::RESIDUAL_FEATURES;
use crate::train::judge::residual::{JudgeFacts, JudgeFileError, Readings, ResidualJudge};
use crate::train::seal::sha256;

/// Images that pass through Inception at once: at 299 pixels, each takes 50 MB.
const INCEPTION_BATCH: usize = 20;

/// A network that turns images into features and logits.
#[derive(Debug, Clone)]
pub enum Extractor {
    /// A classifier of the real images, with the SHA-256 of its file.
    Judge(Box<ResidualJudge>, String),
    /// Inception-v3.
    Inception(Box<Inception>),
}

/// What decides an extractor's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExtractorFacts {
    /// `judge` or `inception`.
    pub name: String,
    /// SHA-256 of its weights file.
    pub sha256: String,
    /// Features of an image.
    pub features: usize,
    /// Shape of the images that it takes; none if it takes all.
    pub image: Option<ImageShape>,
    /// How images become its inputs: `none` if they are not resized, `pytorch` or `tensorflow`.
    pub resize: String,
    /// What a judge learned from: the data set, and the first digits of a SHA-256 of its contents.
    pub trained_on: Option<String>,
    /// A judge's accuracy on held-out images, from 0 to 1.
    pub accuracy: Option<f64>,
}

impl Extractor {
    /// The judge in the bytes of a file, for a device of a class.
    ///
    /// # Errors
    /// If the bytes are damaged, or are no judge.
    pub fn judge(bytes: &[u8], device: &Device, class: DeviceClass) -> Result<Self, JudgeFileError> {
        Ok(Self::Judge(Box::new(ResidualJudge::load(bytes, device, class)?), sha256(bytes)))
    }

    /// The Inception network in the bytes of a file, for a device of a class.
    ///
    /// # Errors
    /// If it is no file of weights, is damaged, or holds another network.
    pub fn inception(
        bytes: &[u8],
        resize: Resize,
        device: &Device,
        class: DeviceClass,
    ) -> Result<Self, InceptionError> {
        Ok(Self::Inception(Box::new(Inception::load(bytes, resize, device, class)?)))
    }

    /// What decides its numbers.
    pub fn facts(&self) -> ExtractorFacts {
        match self {
            Self::Judge(judge, sha256) => {
                let JudgeFacts { data, fingerprint, image, accuracy, .. } = &judge.facts;
                ExtractorFacts {
                    name: "judge".to_owned(),
                    sha256: sha256.clone(),
                    features: RESIDUAL_FEATURES,
                    image: Some(*image),
                    resize: "none".to_owned(),
                    trained_on: Some(format!("{data} {fingerprint}")),
                    accuracy: Some(*accuracy),
                }
            }
            Self::Inception(network) => ExtractorFacts {
                name: "inception".to_owned(),
                sha256: network.sha256.clone(),
                features: inception::FEATURES,
                image: None,
                resize: network.resize.name().to_owned(),
                trained_on: None,
                accuracy: None,
            },
        }
    }

    /// Logits of an image.
    pub fn classes(&self) -> usize {
        match self {
            Self::Judge(judge, _) => judge.facts.class_names.len(),
            Self::Inception(_) => inception::CLASSES,
        }
    }

    /// Names of the classes of its logits, if these are classes of real images.
    pub fn class_names(&self) -> Option<&[String]> {
        match self {
            Self::Judge(judge, _) => Some(&judge.facts.class_names),
            Self::Inception(_) => None,
        }
    }

    /// What a reader of its scores should know; nothing of a judge.
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Inception(network) if !network.is_published() => Some(format!(
                "the weights of Inception are not the published file, whose SHA-256 begins with {}; unless they are the \
                 same in another format, scores cannot be compared with published ones",
                inception::PUBLISHED_SHA256
            )),
            _ => None,
        }
    }

    /// Features and logits of images, each independent of the others.
    ///
    /// # Errors
    /// If the device cannot be read.
    ///
    /// # Panics
    /// If the images have another shape than the extractor takes.
    pub async fn read(&self, images: &Images, device: &Device) -> Result<Readings, ExecutionError> {
        match self {
            Self::Judge(judge, _) => judge.read(images, device).await,
            Self::Inception(network) => read_inception(network, images, device).await,
        }
    }
}

async fn read_inception(network: &Inception, images: &Images, device: &Device) -> Result<Readings, ExecutionError> {
    let mut found = Readings::default();
    for first in (0..images.count()).step_by(INCEPTION_BATCH) {
        let indices: Vec<u32> = (first as u32..(first + INCEPTION_BATCH).min(images.count()) as u32).collect();
        let batch = assemble(images, &indices, &vec![false; indices.len()], device);
        let (features, logits) = network.forward(batch);
        for (all, tensor) in [(&mut found.features, features), (&mut found.logits, logits)] {
            let data = tensor.into_data_async().await?;
            all.extend_from_slice(data.as_slice::<f32>().expect("features and logits are f32"));
        }
    }
    Ok(found)
}
