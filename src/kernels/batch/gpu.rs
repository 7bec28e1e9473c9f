//! Batches of real images from bytes that stay on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::data::ImageShape;
use crate::kernels::batch::{BatchOps, PartImages};
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

impl BatchOps for CubeBackend {
    fn fill_batch(
        batch: CubeTensor,
        words: CubeTensor,
        indices: CubeTensor,
        images: PartImages,
        launch: Launch,
    ) -> CubeTensor {
        let [batch, indices] = [batch, indices].map(into_contiguous);
        let count = indices.shape()[0];
        let grid = launch.elementwise(count * images.shape.bytes().div_ceil(4));
        part_shader(count, images, launch.class()).launch(grid, &[&words, &indices, &batch], &[]);
        batch
    }
}

/// Kernels for the data sets, a part that is not the first, and sizes that do not fill words.
pub fn variants() -> Vec<Shader> {
    [
        ([1, 1], 1, [0, 1]),
        ([3, 5], 7, [2, 9]),
        ([1, 28], 64, [0, 60_000]),
        ([3, 32], 128, [0, 43_690]),
        ([3, 32], 128, [43_690, 6_310]),
        ([3, 96], 64, [4_854, 4_854]),
    ]
    .into_iter()
    .flat_map(|([channels, size], batch, [first, count])| {
        let images = PartImages { shape: ImageShape { channels, size }, first, count };
        let classes = [DeviceClass::Software, DeviceClass::Discrete];
        let mut shaders = Vec::from(classes.map(|class| part_shader(batch, images, class)));
        shaders.dedup();
        shaders
    })
    .collect()
}

/// The results of both kernels have the same bits.
fn part_shader(batch: usize, PartImages { shape, first, count }: PartImages, class: DeviceClass) -> Shader {
    let ImageShape { channels, size } = shape;
    let sizes = [("BATCH", batch), ("CHANNELS", channels), ("SIZE", size), ("FIRST", first), ("COUNT", count)];
    let in_words = class != DeviceClass::Software && size.is_multiple_of(4);
    let shader = if in_words { shader!("batch_words") } else { shader!("batch") };
    shader.with(&sizes)
}
