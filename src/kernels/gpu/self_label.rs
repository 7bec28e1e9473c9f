//! Self-labelling on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::self_label::SelfLabelOps;
use crate::kernels::shader::{Shader, elementwise, output, shader};

impl SelfLabelOps for CubeBackend {
    fn label(
        logits: CubeTensor,
        prior: CubeTensor,
        allowed: CubeTensor,
        known: CubeTensor,
        tau: f32,
        corrects: bool,
        soft: bool,
    ) -> (CubeTensor, CubeTensor, CubeTensor) {
        let [batch, count] = logits.shape().dims();
        let [logits, allowed, known] = [logits, allowed, known].map(into_contiguous);
        // Where the prior is not read, neither is the tensor that stands in for it; browsers refuse to bind one twice.
        let prior = if corrects { into_contiguous(prior) } else { output(&logits, [1]) };
        let labels = output(&logits, [batch, count]);
        let gate = output(&logits, [batch, 1]);
        let confidence = output(&logits, [batch, 1]);
        let buffers = [&logits, &prior, &allowed, &known, &labels, &gate, &confidence];
        specialized([batch, count], corrects, soft).launch(elementwise(batch), &buffers, &[tau]);
        (labels, gate, confidence)
    }
}

/// Kernels with and without the prior and of both kinds of labels, of one label, a workgroup of images and more.
pub fn variants() -> Vec<Shader> {
    let options = [(false, false), (false, true), (true, false), (true, true)];
    [[1, 1], [64, 10], [65, 100]]
        .into_iter()
        .flat_map(|dims| options.map(|(corrects, soft)| specialized(dims, corrects, soft)))
        .collect()
}

fn specialized([batch, labels]: [usize; 2], corrects: bool, soft: bool) -> Shader {
    shader!("self_label").with(&[
        ("BATCH", batch),
        ("LABELS", labels),
        ("PRIOR", usize::from(corrects)),
        ("SOFT", usize::from(soft)),
    ])
}
