//! Labels for images outside of training: what `label` and the evaluation report.

use burn::tensor::{Device, ExecutionError, Tensor};

use super::{Cells, Teacher};
use crate::config::Config;
use crate::data::Images;
use crate::kernels::batch::assemble;
use crate::onnx::{Scope, Value};

/// The teacher's prediction for one image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The most probable artificial label.
    pub label: usize,
    /// The most probable class, if labels belong to classes.
    pub class: Option<usize>,
    /// The highest probability of a label, from 0 to 1.
    pub confidence: f64,
    /// Whether the confidence reaches the gate's threshold.
    pub passes_gate: bool,
}

/// A teacher, and the settings that turn its logits into labels.
#[derive(Debug, Clone)]
pub struct Labeler<'a> {
    /// The teacher, on a plain device.
    pub teacher: &'a Teacher,
    /// Which labels belong to which class.
    pub cells: Option<Cells>,
    /// The gate's threshold.
    pub tau: f64,
    /// Whether the teacher's prior corrects the logits.
    pub prior_correction: bool,
}

/// Images per batch.
const BATCH: usize = 250;

impl<'a> Labeler<'a> {
    /// The labeler of a run, from its teacher, cells and configuration.
    pub fn new(teacher: &'a Teacher, cells: Option<Cells>, config: &Config) -> Self {
        Self { teacher, cells, tau: config.gate.tau, prior_correction: config.classifier.prior_correction }
    }

    /// Labels all images. It awaits `breathe` after every batch, so that a page can give the browser its turn.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn label(
        &self,
        images: &Images,
        device: &Device,
        mut breathe: impl AsyncFnMut(),
    ) -> Result<Vec<Prediction>, ExecutionError> {
        let mut predictions = Vec::with_capacity(images.count());
        for batch in self.batches(images, device) {
            predictions.extend(self.predictions(self.logits(batch)).await?);
            breathe().await;
        }
        Ok(predictions)
    }

    fn batches(&self, images: &Images, device: &Device) -> impl Iterator<Item = Tensor<4>> {
        (0..images.count()).step_by(BATCH).map(move |first| {
            let indices: Vec<u32> = (first as u32..(first + BATCH).min(images.count()) as u32).collect();
            assemble(images, &indices, &vec![false; indices.len()], device)
        })
    }

    /// The logits `[batch, labels]`, corrected if the settings say so.
    pub fn logits(&self, images: Tensor<4>) -> Tensor<2> {
        let logits = self.teacher.classifier.forward(images);
        if self.prior_correction { self.teacher.corrected(logits) } else { logits }
    }

    /// The probability of every artificial label, `[n, labels]`, for ONNX.
    pub fn describe(&self, images: &Value, scope: &mut Scope) -> Value {
        let mut logits = self.teacher.classifier.describe(images, &mut scope.child("classifier"));
        if self.prior_correction {
            let correction = scope.constant("correction", self.teacher.corrected(self.teacher.prior().zeros_like()));
            logits = scope.add(&logits, &correction);
        }
        scope.softmax(&logits)
    }

    /// The probability of every artificial label for every image. It awaits `breathe` after every batch.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn probabilities(
        &self,
        images: &Images,
        device: &Device,
        mut breathe: impl AsyncFnMut(),
    ) -> Result<Vec<Vec<f64>>, ExecutionError> {
        let mut probabilities = Vec::with_capacity(images.count());
        for batch in self.batches(images, device) {
            let logits = self.logits(batch);
            let labels = logits.dims()[1];
            let data = logits.into_data_async().await?;
            let values = data.as_slice::<f32>().expect("logits are f32");
            probabilities.extend(values.chunks_exact(labels).map(softmax));
            breathe().await;
        }
        Ok(probabilities)
    }

    /// Predictions from logits `[batch, labels]`.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn predictions(&self, logits: Tensor<2>) -> Result<Vec<Prediction>, ExecutionError> {
        let labels = logits.dims()[1];
        let data = logits.into_data_async().await?;
        let values = data.as_slice::<f32>().expect("logits are f32");
        Ok(values.chunks_exact(labels).map(|row| self.prediction(row)).collect())
    }

    fn prediction(&self, logits: &[f32]) -> Prediction {
        self.predict(&softmax(logits))
    }

    /// The prediction from the probabilities of all labels, `[labels]`.
    pub fn predict(&self, probabilities: &[f64]) -> Prediction {
        let label = first_largest(probabilities);
        let confidence = probabilities[label];
        let class = self.cells.map(|cells| {
            let of_class = |class| cells.labels_of(class).map(|label| probabilities[label]).sum::<f64>();
            first_largest(&(0..cells.classes).map(of_class).collect::<Vec<_>>())
        });
        Prediction { label, class, confidence, passes_gate: confidence >= self.tau }
    }
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    let highest = logits.iter().fold(f64::NEG_INFINITY, |highest, &x| highest.max(f64::from(x)));
    let powers: Vec<f64> = logits.iter().map(|&x| libm::exp(f64::from(x) - highest)).collect();
    let total: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / total).collect()
}

/// The position of the largest value, the first of equals.
fn first_largest(values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best })
}
