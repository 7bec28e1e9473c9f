//! A trained residual judge, and what it makes of images.

use burn::tensor::{Device, ExecutionError};

use super::facts::JudgeFacts;
use crate::data::{Images, Split};
use crate::kernels::batch::assemble;
use crate::metrics::share;
use crate::nn::{Judged, ResidualClassifier, Statistics};

/// Images per batch.
const BATCH: usize = 250;

/// A trained residual classifier, with what is known about it.
#[derive(Debug, Clone)]
pub struct ResidualJudge {
    pub(super) network: ResidualClassifier,
    /// What it was trained on, how, and how good it is.
    pub facts: JudgeFacts,
}

/// What a judge makes of images, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readings {
    /// `[count, RESIDUAL_FEATURES]`, row by row, none below 0.
    pub features: Vec<f32>,
    /// `[count, classes]`, row by row.
    pub logits: Vec<f32>,
}

impl ResidualJudge {
    /// Features and logits of images, each independent of the others.
    ///
    /// # Errors
    /// If the device cannot be read.
    ///
    /// # Panics
    /// If the images do not have the shape in `facts`.
    pub async fn read(&self, images: &Images, device: &Device) -> Result<Readings, ExecutionError> {
        assert_eq!(images.shape, self.facts.image, "a judge reads images of one shape");
        readings(&self.network, images, device).await
    }
}

async fn readings(network: &ResidualClassifier, images: &Images, device: &Device) -> Result<Readings, ExecutionError> {
    let (mut network, mut found) = (network.clone(), Readings::default());
    for first in (0..images.count()).step_by(BATCH) {
        let indices: Vec<u32> = (first as u32..(first + BATCH).min(images.count()) as u32).collect();
        let batch = assemble(images, &indices, &vec![false; indices.len()], device);
        let Judged { features, logits } = network.forward(batch, Statistics::Kept);
        for (all, tensor) in [(&mut found.features, features), (&mut found.logits, logits)] {
            let data = tensor.into_data_async().await?;
            all.extend_from_slice(data.as_slice::<f32>().expect("features and logits are f32"));
        }
    }
    Ok(found)
}

/// The share of the labelled images of a split whose label has the highest logit; none without labels.
pub(super) async fn accuracy(
    network: &ResidualClassifier,
    split: &Split,
    classes: usize,
    device: &Device,
) -> Result<Option<f64>, ExecutionError> {
    let found = readings(network, &split.images, device).await?;
    let rows = found.logits.chunks_exact(classes).zip(&split.labels);
    let right: Vec<bool> =
        rows.filter_map(|(logits, label)| label.map(|label| class_of(logits) == usize::from(label))).collect();
    Ok(share(&right))
}

/// The class with the highest logit of a row, the first of equals.
pub fn class_of(logits: &[f32]) -> usize {
    (1..logits.len()).fold(0, |best, class| if logits[class] > logits[best] { class } else { best })
}
