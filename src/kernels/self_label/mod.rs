//! Self-labelling: label weights and the confidence gate from a teacher's logits, on the device.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;
mod strict;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::launch::Launch;

/// The labels of a batch.
#[derive(Debug, Clone)]
pub struct SelfLabels {
    /// Label weights `[rows, labels]`, each row summing to 1; as many rows as images, unless more were given.
    pub label_weights: Tensor<2>,
    /// 1 for images that pass the confidence gate and 0 for others, `[batch, 1]`.
    pub gate: Tensor<2>,
    /// The teacher's highest probability, `[batch, 1]`.
    pub confidence: Tensor<2>,
}

/// The least probability of a prior, so that a label that was never given is not favoured forever.
pub const SMALLEST_PRIOR: f32 = 1e-3;

/// Logits `[batch, labels]` minus the log of a prior `[1, labels]`.
pub fn corrected(logits: Tensor<2>, prior: Tensor<2>) -> Tensor<2> {
    logits - prior.clamp_min(SMALLEST_PRIOR).log()
}

/// The form of a pseudo-label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PseudoLabel {
    /// The most probable label.
    Hard,
    /// The probabilities of all labels.
    Soft,
}

/// Labels a batch by a teacher's `logits` `[batch, labels]`, corrected by a `prior` `[1, labels]` if there is one.
///
/// `allowed` `[batch, labels]` is 1 for the labels an image may have: all of them, or the cells of its manual class.
/// `known` `[batch, 1]` is 1 for images with a manual label, which pass the gate whatever the teacher predicts. Other
/// images pass if their highest probability is at least `tau`; NaN does not pass.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn self_label(
    logits: Tensor<2>,
    prior: Option<Tensor<2>>,
    allowed: Tensor<2>,
    known: Tensor<2>,
    tau: f64,
    form: PseudoLabel,
) -> SelfLabels {
    self_label_with(logits, prior, allowed, known, tau, form, Launch::default())
}

/// [`self_label`] with a choice of launch.
///
/// # Panics
/// As [`self_label`].
pub fn self_label_with(
    logits: Tensor<2>,
    prior: Option<Tensor<2>>,
    allowed: Tensor<2>,
    known: Tensor<2>,
    tau: f64,
    form: PseudoLabel,
    launch: Launch,
) -> SelfLabels {
    let fit = allowed.dims() == logits.dims() && known.dims()[0] == logits.dims()[0];
    assert!(fit, "self_label: allowed is [batch, labels] and known [batch, 1]");
    let real = logits.dims()[0];
    label_rows_with(logits, prior, [allowed, known], real, tau, form, launch)
}

/// Labels real images like [`self_label`], and gates images with labels of their own like those without.
///
/// The first `real` rows of `logits` `[batch, labels]` are of real images. `marks` `[rows, labels]` has at least as many
/// rows as `logits`: the allowed labels of the real images, and then label weights of others, which the result's label
/// weights `[rows, labels]` repeat. Gate and confidence, `[batch, 1]`, of the others are those of images that may have
/// any label. Rows past the batch have none. `known`, from `[real, 1]` to `[batch, 1]`, is 1 for images that pass the gate
/// whatever the teacher predicts; others have none.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn label_rows(
    logits: Tensor<2>,
    prior: Option<Tensor<2>>,
    [marks, known]: [Tensor<2>; 2],
    real: usize,
    tau: f64,
    form: PseudoLabel,
) -> SelfLabels {
    label_rows_with(logits, prior, [marks, known], real, tau, form, Launch::default())
}

/// [`label_rows`] with a choice of launch.
///
/// # Panics
/// As [`label_rows`].
pub fn label_rows_with(
    logits: Tensor<2>,
    prior: Option<Tensor<2>>,
    [marks, known]: [Tensor<2>; 2],
    real: usize,
    tau: f64,
    form: PseudoLabel,
    launch: Launch,
) -> SelfLabels {
    let ([batch, count], [rows, columns], [flags, one]) = (logits.dims(), marks.dims(), known.dims());
    let fit = columns == count && one == 1 && (real..=batch).contains(&flags) && batch <= rows;
    assert!(fit, "self_label: marks are [batch or more, labels] and known is [from real to batch, 1]");
    assert!(prior.as_ref().is_none_or(|prior| prior.dims() == [1, count]), "self_label: a prior is [1, labels]");
    let is_soft = form == PseudoLabel::Soft;
    let options =
        Options { tau: tau as f32, has_prior: prior.is_some(), is_soft, rows, real, pseudo: real, known: flags };
    // The stand-in for a missing prior is not read.
    let prior = prior.unwrap_or_else(|| known.clone());
    dispatched([logits, prior, marks, known], options, launch)
}

/// The probabilities `[batch, labels]` of all labels, from logits of the same shape. On the CPU they do not depend on
/// the system's exponential function.
pub fn probabilities(logits: Tensor<2>) -> Tensor<2> {
    probabilities_with(logits, Launch::default())
}

/// [`probabilities`] with a choice of launch.
pub fn probabilities_with(logits: Tensor<2>, launch: Launch) -> Tensor<2> {
    // Soft labels of images that are not real; the gate does not matter.
    let [batch, _] = logits.dims();
    let options = Options { tau: 0.0, has_prior: false, is_soft: true, rows: batch, real: 0, pseudo: batch, known: 0 };
    // Only the logits are read.
    dispatched([0; 4].map(|_| logits.clone()), options, launch).label_weights
}

/// Labels by logits, prior, marks and known.
fn dispatched(inputs: [Tensor<2>; 4], options: Options, launch: Launch) -> SelfLabels {
    let [logits, prior, marks, known] = inputs.map(Tensor::into_dispatch);
    let labelled = <Dispatch as SelfLabelOps>::self_label(logits, prior, marks, known, options, launch);
    SelfLabels {
        label_weights: Tensor::from_dispatch(labelled.label_weights),
        gate: Tensor::from_dispatch(labelled.gate),
        confidence: Tensor::from_dispatch(labelled.confidence),
    }
}

/// How a batch is labelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The gate's threshold.
    pub tau: f32,
    /// Whether there is a prior to read.
    pub has_prior: bool,
    /// Whether labels are soft.
    pub is_soft: bool,
    /// Rows of label weights.
    pub rows: usize,
    /// How many of the first images are real: their marks say what is allowed.
    pub real: usize,
    /// How many of the first images get pseudo-labels. Other rows of label weights are those of the marks.
    pub pseudo: usize,
    /// How many of the first images may be known.
    pub known: usize,
}

impl Options {
    /// Whether any marks are read.
    fn reads_marks(&self) -> bool {
        self.real > 0 || self.pseudo < self.rows
    }
}

/// [`SelfLabels`] on a backend.
#[derive(ExtensionType)]
pub struct Labelled<B: Backend> {
    /// `[rows, labels]`.
    pub label_weights: FloatTensor<B>,
    /// `[batch, 1]`.
    pub gate: FloatTensor<B>,
    /// `[batch, 1]`.
    pub confidence: FloatTensor<B>,
}

/// Self-labelling on each backend.
#[backend_extension(Cube, Flex)]
pub trait SelfLabelOps: Backend {
    /// [`label_rows`], with the numbers of rows in `options`. What `options` exclude is not read.
    fn self_label(
        logits: FloatTensor<Self>,
        prior: FloatTensor<Self>,
        marks: FloatTensor<Self>,
        known: FloatTensor<Self>,
        options: Options,
        launch: Launch,
    ) -> Labelled<Self>;
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    const LOGITS: [[f32; 4]; 4] =
        [[9.0, 0.0, 0.0, 0.0], [1.0, 2.0, 1.0, 0.0], [0.0, 5.0, 0.0, 8.0], [f32::NAN, 0.0, 0.0, 0.0]];

    /// The third image is of a class that owns labels 0 and 1; the others may have any label.
    fn labelled(tau: f64, kind: PseudoLabel) -> [Vec<f32>; 3] {
        let device = Device::flex();
        let logits = Tensor::from_data(TensorData::from(LOGITS), &device);
        let allowed = Tensor::from_data([[1.0f32; 4], [1.0; 4], [1.0, 1.0, 0.0, 0.0], [1.0; 4]], &device);
        let known = Tensor::from_data([[0.0f32], [0.0], [1.0], [0.0]], &device);
        let found = self_label(logits, None, allowed, known, tau, kind);
        [found.label_weights, found.gate, found.confidence].map(|tensor| tensor.into_data().iter::<f32>().collect())
    }

    #[test]
    fn only_confident_and_manually_labelled_images_pass() {
        let [labels, gate, confidence] = labelled(0.9, PseudoLabel::Hard);
        assert_eq!(gate, [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(labels[..12], [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let expected = 9.0f64.exp() / (9.0f64.exp() + 3.0);
        assert!((f64::from(confidence[0]) - expected).abs() < 1e-6);
        assert!(confidence[3].is_nan());
    }

    #[test]
    fn a_low_threshold_passes_everything_but_nan() {
        assert_eq!(labelled(0.01, PseudoLabel::Hard)[1], [1.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn soft_labels_are_probabilities_of_what_is_allowed() {
        let [labels, ..] = labelled(0.9, PseudoLabel::Soft);
        let total = 1.0f64 + 5.0f64.exp();
        for (found, expected) in labels[8..12].iter().zip([1.0 / total, 5.0f64.exp() / total, 0.0, 0.0]) {
            assert!((f64::from(*found) - expected).abs() < 1e-6, "{labels:?}");
        }
    }
}
