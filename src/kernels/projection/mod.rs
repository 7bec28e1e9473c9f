//! The head of a projection discriminator: features to scores.

#[cfg(feature = "checks")]
pub(super) mod check;
mod cpu;
pub(super) mod gpu;
mod strict;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use crate::kernels::autodiff::{BackwardPass, record};
use crate::kernels::launch::Launch;

/// The parameters of a projection head.
#[derive(Debug, Clone)]
pub struct Head {
    /// What features are multiplied by whatever the label, `[1, features]`.
    pub output: Tensor<2>,
    /// Added to all scores, `[1]`.
    pub bias: Tensor<1>,
    /// A vector for each label, `[labels, features]`.
    pub embedding: Tensor<2>,
}

/// Scores `[batch, 1]` of `features` `[batch, features]` (Miyato & Koyama 2018, equation 3): their product with the
/// head's `output`, plus `bias`, plus `gate` `[batch, 1]` times their product with the label's vector. `labels`
/// `[batch, labels]` are the weights of the vectors. Gradients flow into the features and the head.
///
/// # Panics
/// If the shapes do not fit each other.
pub fn projection(features: Tensor<2>, labels: Tensor<2>, gate: Tensor<2>, head: Head) -> Tensor<2> {
    projection_with(features, labels, gate, head, Launch::default())
}

/// [`projection`] with a choice of launch.
///
/// # Panics
/// As [`projection`].
pub fn projection_with(
    features: Tensor<2>,
    labels: Tensor<2>,
    gate: Tensor<2>,
    head: Head,
    launch: Launch,
) -> Tensor<2> {
    let Head { output, bias, embedding } = head;
    let ([batch, count], [label_count, _]) = (features.dims(), embedding.dims());
    let fit = labels.dims() == [batch, label_count] && gate.dims() == [batch, 1];
    assert!(fit, "projection: labels are [batch, labels] and gates [batch, 1]");
    let fit = output.dims() == [1, count] && embedding.dims() == [label_count, count] && bias.dims() == [1];
    assert!(fit, "projection: the head's rows have an element for each feature, and its bias has one");
    let [features, labels, gate, output, embedding] =
        [features, labels, gate, output, embedding].map(Tensor::into_dispatch);
    let bias = bias.into_dispatch();
    let scores = <Dispatch as ProjectionOps>::projection(features, labels, gate, output, bias, embedding, launch);
    Tensor::from_dispatch(scores)
}

/// Projection on each backend.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait ProjectionOps: Backend {
    /// [`projection`].
    fn projection(
        features: FloatTensor<Self>,
        labels: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        output: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        embedding: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// Its gradients, from the gradient `[batch, 1]` of the scores.
pub trait ProjectionGradients: Backend {
    /// The gradient of the features.
    fn features_gradient(
        gradient: FloatTensor<Self>,
        labels: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        output: FloatTensor<Self>,
        embedding: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self>;

    /// The gradients of output, bias and embedding.
    fn head_gradients(
        features: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        labels: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        launch: Launch,
    ) -> [FloatTensor<Self>; 3];
}

#[derive(Debug)]
struct ProjectionBackward;

impl<B: ProjectionGradients> BackwardPass<B, 4> for ProjectionBackward {
    /// Features, labels, gate, output and embedding.
    type Kept = ([FloatTensor<B>; 5], Launch);

    fn gradients(
        ([features, labels, gate, output, embedding], launch): Self::Kept,
        gradient: FloatTensor<B>,
        [of_features, of_head @ ..]: [bool; 4],
    ) -> [Option<FloatTensor<B>>; 4] {
        let features_gradient = of_features
            .then(|| B::features_gradient(gradient.clone(), labels.clone(), gate.clone(), output, embedding, launch));
        let [output, bias, embedding] = if of_head.contains(&true) {
            B::head_gradients(features, gradient, labels, gate, launch).map(Some)
        } else {
            [None, None, None]
        };
        [features_gradient, output, bias, embedding]
    }
}

impl<B: ProjectionOps + ProjectionGradients, C: CheckpointStrategy> ProjectionOps for Autodiff<B, C> {
    fn projection(
        features: FloatTensor<Self>,
        labels: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        output: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        embedding: FloatTensor<Self>,
        launch: Launch,
    ) -> FloatTensor<Self> {
        let nodes = [features.node(), output.node(), bias.node(), embedding.node()];
        let bias = bias.into_primitive();
        let kept = [features, labels, gate, output, embedding].map(|tensor| tensor.into_primitive());
        let [features, labels, gate, output, embedding] = kept.clone();
        let scores = B::projection(features, labels, gate, output, bias, embedding, launch);
        record::<ProjectionBackward, B, C, 4>(nodes, scores, (kept, launch))
    }
}
