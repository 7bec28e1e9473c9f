//! Projection on the CPU, by burn's matrix products, unless arithmetic is strict.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;

use crate::kernels::launch::Launch;
use crate::kernels::projection::{ProjectionGradients, ProjectionOps, strict};

impl ProjectionOps for Flex {
    fn projection(
        features: FlexTensor,
        labels: FlexTensor,
        gate: FlexTensor,
        output: FlexTensor,
        bias: FlexTensor,
        embedding: FlexTensor,
        launch: Launch,
    ) -> FlexTensor {
        if launch.is_strict() {
            return strict::scores([features, labels, gate, output, bias, embedding]);
        }
        let weighted = Self::float_mul(features, directions(labels, gate, output, embedding));
        let scores = Self::float_sum_dim(weighted, 1);
        Self::float_add(scores, Self::float_reshape(bias, [1, 1].into()))
    }
}

impl ProjectionGradients for Flex {
    fn features_gradient(
        gradient: FlexTensor,
        labels: FlexTensor,
        gate: FlexTensor,
        output: FlexTensor,
        embedding: FlexTensor,
        launch: Launch,
    ) -> FlexTensor {
        if launch.is_strict() {
            return strict::features_gradient([gradient, labels, gate, output, embedding]);
        }
        Self::float_mul(directions(labels, gate, output, embedding), gradient)
    }

    fn head_gradients(
        features: FlexTensor,
        gradient: FlexTensor,
        labels: FlexTensor,
        gate: FlexTensor,
        launch: Launch,
    ) -> [FlexTensor; 3] {
        if launch.is_strict() {
            return strict::head_gradients([features, gradient, labels, gate]);
        }
        let weights = Self::float_mul(labels, Self::float_mul(gate, gradient.clone()));
        let embedding = Self::float_matmul(Self::float_swap_dims(weights, 0, 1), features.clone());
        let output = Self::float_matmul(Self::float_swap_dims(gradient.clone(), 0, 1), features);
        let bias = Self::float_reshape(Self::float_sum_dim(gradient, 0), [1].into());
        [output, bias, embedding]
    }
}

/// What the features of each image are multiplied by, `[batch, features]`.
fn directions(labels: FlexTensor, gate: FlexTensor, output: FlexTensor, embedding: FlexTensor) -> FlexTensor {
    let embedded = Flex::float_matmul(Flex::float_mul(labels, gate), embedding);
    Flex::float_add(embedded, output)
}
