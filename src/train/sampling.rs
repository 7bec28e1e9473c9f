//! Images from a generator, for grids, evaluation and `generate`.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

use crate::data::Images;
use crate::image::{Picture, to_bytes};
use crate::labels::{LatentPartition, Latents};
use crate::nn::{Generator, Statistics};
use crate::rng::{Purpose, stream};

/// Images that are generated at a time.
const BATCH: usize = 250;

/// Images a row of a sample grid.
pub const GRID_COLUMNS: usize = 10;

/// Images of latents; each depends on its own latent alone.
///
/// # Errors
/// If the device cannot be read.
pub async fn generate(
    generator: &Generator,
    partition: &LatentPartition,
    latents: &Latents,
    shape: crate::data::ImageShape,
    device: &Device,
) -> Result<Images, ExecutionError> {
    let mut generator = generator.clone();
    let mut pixels = Vec::with_capacity(latents.labels.len() * shape.bytes());
    let (dim, count) = (partition.dim(), partition.labels());
    for (vectors, labels) in latents.vectors.chunks(BATCH * dim).zip(latents.labels.chunks(BATCH)) {
        let vectors = Tensor::from_data(TensorData::new(vectors.to_vec(), [labels.len(), dim]), device);
        let mut one_hot = vec![0.0f32; labels.len() * count];
        labels.iter().enumerate().for_each(|(row, label)| one_hot[row * count + label] = 1.0);
        let one_hot = Tensor::from_data(TensorData::new(one_hot, [labels.len(), count]), device);
        let images = generator.forward(vectors, &one_hot, Statistics::Kept).into_data_async().await?;
        pixels.extend(to_bytes(images.as_slice::<f32>().expect("images are f32")));
    }
    Ok(Images { shape, pixels })
}

/// The latents of a grid: `columns` of each label, one label a row; column `c` of row `k` is the same for any number of
/// columns.
pub fn grid_latents(partition: &LatentPartition, columns: usize, truncation: f32, seed: u64) -> Latents {
    let mut latents = Latents { vectors: Vec::new(), labels: Vec::new() };
    for label in 0..partition.labels() {
        let mut draws = stream(seed, Purpose::Samples, label as u64);
        for _ in 0..columns {
            latents.vectors.extend(partition.draw_labelled(label, truncation, &mut draws));
            latents.labels.push(label);
        }
    }
    latents
}

/// Images as a grid, enlarged to be seen.
pub fn picture(images: &Images, columns: usize) -> Picture {
    let scale = (64 / images.shape.size).max(1);
    Picture::grid(&images.pixels, images.shape, columns, scale)
}
