//! Losses on the GPU. Each returns the loss `[1]` and the gradient of its input, so that a backward pass only has to
//! multiply it by the gradient of the loss.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::losses::{Count, Counts, Hinge, LossGradients, LossOps};
use crate::kernels::shader::{Shader, shader};

/// One workgroup for the whole batch.
const ALONE: [usize; 3] = [1, 1, 1];

impl LossOps for CubeBackend {
    fn hinge_loss(scores: CubeTensor, weights: CubeTensor, kind: Hinge, launch: Launch) -> CubeTensor {
        let [loss, _] = Self::hinge_loss_with_gradient(scores, weights, kind, launch);
        loss
    }

    fn cross_entropy(
        logits: CubeTensor,
        targets: CubeTensor,
        trusted: CubeTensor,
        counts: Counts,
        launch: Launch,
    ) -> CubeTensor {
        let [loss, _] = Self::cross_entropy_with_gradient(logits, targets, trusted, counts, launch);
        loss
    }
}

impl LossGradients for CubeBackend {
    /// # Panics
    /// If there are fewer than `real` scores.
    fn hinge_loss_with_gradient(
        scores: CubeTensor,
        weights: CubeTensor,
        kind: Hinge,
        launch: Launch,
    ) -> [CubeTensor; 2] {
        let count = scores.shape()[0];
        let [scores, weights] = [scores, weights].map(into_contiguous);
        let loss = launch.output(&scores, [1]);
        let gradient = launch.output(&scores, scores.shape());
        launch.kernel(hinge_shader(count, kind)).launch(ALONE, &[&scores, &weights, &loss, &gradient], &[]);
        [loss, gradient]
    }

    fn cross_entropy_with_gradient(
        logits: CubeTensor,
        targets: CubeTensor,
        trusted: CubeTensor,
        counts: Counts,
        launch: Launch,
    ) -> [CubeTensor; 2] {
        let dims @ [_, labels]: [usize; 2] = logits.shape().dims();
        let [logits, targets] = [logits, targets].map(into_contiguous);
        // If the kernel does not read trust, other memory takes its place; browsers refuse to bind a tensor twice.
        let is_read = counts.weighed.images > 0;
        let trusted = if is_read { into_contiguous(trusted) } else { launch.output(&logits, [1]) };
        let loss = launch.output(&logits, [1]);
        let gradient = launch.output(&logits, dims);
        let buffers = [&logits, &targets, &trusted, &loss, &gradient];
        let factors = counts.each().map(|count| count.factor);
        launch.kernel(entropy_shader(labels, counts)).launch(ALONE, &buffers, &factors);
        [loss, gradient]
    }
}

/// Each loss, for one image, a workgroup of images and more.
pub fn variants() -> Vec<Shader> {
    let discriminator = |real| Hinge::Discriminator { real };
    let hinges = [
        (2, discriminator(1)),
        (128, discriminator(64)),
        (135, discriminator(65)),
        (1, Hinge::Generator),
        (64, Hinge::Generator),
    ];
    let entropies = [([0, 1, 0], 1), ([1, 0, 0], 1), ([0, 64, 0], 10), ([65, 0, 0], 100), ([64, 64, 32], 10)];
    let hinges = hinges.map(|(count, kind)| hinge_shader(count, kind));
    let entropies = entropies.map(|(images, labels)| {
        let [weighed, first, second] = images.map(|images| Count { images, factor: 1.0 });
        entropy_shader(labels, Counts { weighed, first, second })
    });
    hinges.into_iter().chain(entropies).collect()
}

fn hinge_shader(count: usize, kind: Hinge) -> Shader {
    let (real, is_generator) = match kind {
        Hinge::Discriminator { real } => (real, false),
        Hinge::Generator => (0, true),
    };
    assert!(real <= count, "{real} of {count} scores cannot be of real images");
    let sizes = [("REAL", real), ("GENERATED", count - real), ("GENERATOR", usize::from(is_generator))];
    shader!("losses_hinge").with(&sizes)
}

fn entropy_shader(labels: usize, counts: Counts) -> Shader {
    let [weighed, first, second] = counts.each().map(|count| count.images);
    shader!("losses_cross_entropy").with(&[
        ("WEIGHED", weighed),
        ("FIRST", first),
        ("SECOND", second),
        ("LABELS", labels),
    ])
}
