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
        marks: CubeTensor,
        known: CubeTensor,
        options: Options,
        launch: Launch,
    ) -> Labelled<Self> {
        let dims @ [batch, count] = logits.shape().dims();
        let logits = into_contiguous(logits);
        // What the kernel does not read gets other memory; browsers refuse to bind a tensor twice.
        let read = |tensor: CubeTensor, is_read: bool| {
            if is_read { into_contiguous(tensor) } else { launch.output(&logits, [1]) }
        };
        let prior = read(prior, options.has_prior);
        let marks = read(marks, options.reads_marks());
        let known = read(known, options.known > 0);
        let label_weights = launch.output(&logits, [options.rows, count]);
        let gate = launch.output(&logits, [batch, 1]);
        let confidence = launch.output(&logits, [batch, 1]);
        let buffers = [&logits, &prior, &marks, &known, &label_weights, &gate, &confidence];
        launch.kernel(specialized(dims, options)).launch(launch.elementwise(options.rows), &buffers, &[options.tau]);
        Labelled { label_weights, gate, confidence }
    }
}

/// With and without a prior, for both forms of pseudo-labels, for one image, a workgroup of images and more: all real,
/// none real, and some of each with rows that are given, of which real ones or all may be known.
pub fn variants() -> Vec<Shader> {
    let mut shaders = Vec::new();
    for [batch, labels] in [[1, 1], [64, 10], [65, 100]] {
        for (has_prior, is_soft) in [(false, false), (false, true), (true, false), (true, true)] {
            let half = batch / 2;
            for [rows, real, pseudo, known] in [
                [batch, batch, batch, batch],
                [batch, 0, batch, 0],
                [batch + 7, half, half, half],
                [batch + 7, half, half, batch],
            ] {
                let options = Options { tau: 0.0, has_prior, is_soft, rows, real, pseudo, known };
                shaders.push(specialized([batch, labels], options));
            }
        }
    }
    shaders
}

fn specialized([batch, labels]: [usize; 2], options: Options) -> Shader {
    shader!("self_label").with(&[
        ("BATCH", batch),
        ("ROWS", options.rows),
        ("REAL", options.real),
        ("PSEUDO", options.pseudo),
        ("KNOWN", options.known),
        ("LABELS", labels),
        ("PRIOR", usize::from(options.has_prior)),
        ("SOFT", usize::from(options.is_soft)),
    ])
}
