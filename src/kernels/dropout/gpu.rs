//! Factors that a GPU draws.

use burn::backend::wgpu::CubeBackend;
use burn::tensor::{DType, Shape};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{DropoutOps, MOST_PARTS, Share};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

/// Words of a block of ChaCha.
const WORDS: usize = 16;

impl DropoutOps for CubeBackend {
    fn factors(streams: CubeTensor, counts: [usize; MOST_PARTS], share: Share, launch: Launch) -> CubeTensor {
        let streams = into_contiguous(streams);
        let like = CubeTensor { dtype: DType::F32, ..streams.clone() };
        let factors = launch.output(&like, Shape::new([counts.iter().sum()]));
        let blocks = counts.iter().map(|count| count.div_ceil(WORDS)).sum();
        shader_of(counts, share).launch(launch.elementwise(blocks), &[&streams, &factors], &[]);
        factors
    }
}

/// One part, and three of ragged sizes.
pub fn variants() -> Vec<Shader> {
    let share = Share { dropped: 0.5 };
    [[1, 0, 0], [1_024, 0, 0], [1_025, 33, 7]].map(|counts| shader_of(counts, share)).to_vec()
}

fn shader_of([first, second, third]: [usize; MOST_PARTS], share: Share) -> Shader {
    shader!("dropout").with(&[
        ("COUNT_0", first),
        ("COUNT_1", second),
        ("COUNT_2", third),
        ("DROPPED", share.bound() as usize),
        ("KEPT", share.kept().to_bits() as usize),
    ])
}
