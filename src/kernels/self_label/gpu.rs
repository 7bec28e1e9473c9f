//! Self-labelling on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::self_label::{Labelled, Options, SelfLabelOps};
use crate::kernels::shader::{Shader, shader};

impl SelfLabelOps for CubeBackend {
    fn self_label(
        logits: CubeTensor,
        prior: CubeTensor,
        allowed: CubeTensor,
        known: CubeTensor,
        Options { tau, has_prior, is_soft }: Options,
        launch: Launch,
    ) -> Labelled<Self> {
        let [batch, count] = logits.shape().dims();
        let [logits, allowed, known] = [logits, allowed, known].map(into_contiguous);
        // If there is no prior to read, other memory takes its place; browsers refuse to bind a tensor twice.
        let prior = if has_prior { into_contiguous(prior) } else { launch.output(&logits, [1]) };
        let label_weights = launch.output(&logits, [batch, count]);
        let gate = launch.output(&logits, [batch, 1]);
        let confidence = launch.output(&logits, [batch, 1]);
        let buffers = [&logits, &prior, &allowed, &known, &label_weights, &gate, &confidence];
        specialized([batch, count], has_prior, is_soft).launch(launch.elementwise(batch), &buffers, &[tau]);
        Labelled { label_weights, gate, confidence }
    }
}

/// With and without a prior, for both forms of pseudo-labels, for one image, a workgroup of images and more.
pub fn variants() -> Vec<Shader> {
    let options = [(false, false), (false, true), (true, false), (true, true)];
    [[1, 1], [64, 10], [65, 100]]
        .into_iter()
        .flat_map(|dims| options.map(|(has_prior, is_soft)| specialized(dims, has_prior, is_soft)))
        .collect()
}

fn specialized([batch, labels]: [usize; 2], has_prior: bool, is_soft: bool) -> Shader {
    shader!("self_label").with(&[
        ("BATCH", batch),
        ("LABELS", labels),
        ("PRIOR", usize::from(has_prior)),
        ("SOFT", usize::from(is_soft)),
    ])
}
