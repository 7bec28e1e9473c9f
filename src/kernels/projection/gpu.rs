//! Projection on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::projection::{ProjectionGradients, ProjectionOps};
use crate::kernels::shader::{Shader, shader};

impl ProjectionOps for CubeBackend {
    fn projection(
        features: CubeTensor,
        labels: CubeTensor,
        gate: CubeTensor,
        output: CubeTensor,
        bias: CubeTensor,
        embedding: CubeTensor,
        launch: Launch,
    ) -> CubeTensor {
        let sizes = Sizes::new(&labels, &output);
        let [features, labels, gate] = [features, labels, gate].map(into_contiguous);
        let [output, bias, embedding] = [output, bias, embedding].map(into_contiguous);
        let scores = launch.output(&features, [sizes.batch, 1]);
        let buffers = [&features, &labels, &gate, &output, &bias, &embedding, &scores];
        let [x, y] = launch.spread(sizes.batch);
        launch.kernel(sizes.of(shader!("projection"))).launch([x, y, 1], &buffers, &[]);
        scores
    }
}

impl ProjectionGradients for CubeBackend {
    fn features_gradient(
        gradient: CubeTensor,
        labels: CubeTensor,
        gate: CubeTensor,
        output: CubeTensor,
        embedding: CubeTensor,
        launch: Launch,
    ) -> CubeTensor {
        let sizes = Sizes::new(&labels, &output);
        let [gradient, labels, gate, output, embedding] =
            [gradient, labels, gate, output, embedding].map(into_contiguous);
        let features_gradient = launch.output(&gradient, [sizes.batch, sizes.features]);
        let buffers = [&gradient, &labels, &gate, &output, &embedding, &features_gradient];
        let grid = launch.elementwise(sizes.batch * sizes.features);
        launch.kernel(sizes.of(shader!("projection_input_gradient"))).launch(grid, &buffers, &[]);
        features_gradient
    }

    fn head_gradients(
        features: CubeTensor,
        gradient: CubeTensor,
        labels: CubeTensor,
        gate: CubeTensor,
        launch: Launch,
    ) -> [CubeTensor; 3] {
        let sizes = Sizes::new(&labels, &features);
        let [features, gradient, labels, gate] = [features, gradient, labels, gate].map(into_contiguous);
        let output = launch.output(&features, [1, sizes.features]);
        let bias = launch.output(&features, [1]);
        let embedding = launch.output(&features, [sizes.labels, sizes.features]);
        let buffers = [&features, &gradient, &labels, &gate, &output, &bias, &embedding];
        let grid = launch.elementwise((sizes.labels + 1) * sizes.features + 1);
        launch.kernel(sizes.of(shader!("projection_parameter_gradient"))).launch(grid, &buffers, &[]);
        [output, bias, embedding]
    }
}

/// The sizes of a projection.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch: usize,
    features: usize,
    labels: usize,
}

impl Sizes {
    /// From labels `[batch, labels]` and rows `[.., features]`.
    fn new(labels: &CubeTensor, rows: &CubeTensor) -> Self {
        let ([batch, labels], [_, features]) = (labels.shape().dims(), rows.shape().dims());
        Self { batch, features, labels }
    }

    fn of(self, shader: Shader) -> Shader {
        shader.with(&[("BATCH", self.batch), ("FEATURES", self.features), ("LABELS", self.labels)])
    }
}

/// Kernels for one of everything, the networks' heads, and sizes that leave remainders.
pub fn variants() -> Vec<Shader> {
    let sizes = [[1, 1, 1], [7, 257, 3], [64, 1_024, 10], [128, 4_096, 10], [128, 128, 100]];
    let shaders = |[batch, features, labels]: [usize; 3]| {
        let sizes = Sizes { batch, features, labels };
        let parts =
            [shader!("projection"), shader!("projection_input_gradient"), shader!("projection_parameter_gradient")];
        parts.map(|shader| sizes.of(shader))
    };
    sizes.into_iter().flat_map(shaders).collect()
}
