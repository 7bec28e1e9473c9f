//! Images from a generator, for grids, evaluation and `generate`.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

use crate::data::Images;
use crate::image::{Picture, to_bytes};
use crate::labels::{LatentPartition, Latents, one_hot};
use crate::nn::{Generator, Statistics};
use crate::rng::{Purpose, stream};

/// Images per batch.
const BATCH: usize = 250;

/// Images per row of a sample grid.
pub const GRID_COLUMNS: usize = 10;

/// Rows of a grid that shows a choice of labels.
pub const GRID_ROWS_MAX: usize = 32;

/// The labels that a grid shows if nobody chooses: all, or with more than [`GRID_ROWS_MAX`] that many, evenly spaced.
pub fn shown_labels(label_count: usize) -> Vec<usize> {
    let rows = label_count.min(GRID_ROWS_MAX);
    (0..rows).map(|row| row * label_count / rows).collect()
}

/// Generates images; each depends on its own latent alone.
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
    let (dim, count) = (partition.dim(), partition.label_count());
    for (vectors, labels) in latents.vectors.chunks(BATCH * dim).zip(latents.labels.chunks(BATCH)) {
        let vectors = Tensor::from_data(TensorData::new(vectors.to_vec(), [labels.len(), dim]), device);
        let labels = one_hot(labels, count, device);
        let images = generator.forward(vectors, &labels, Statistics::Kept).into_data_async().await?;
        pixels.extend(to_bytes(images.as_slice::<f32>().expect("images are f32")));
    }
    Ok(Images { shape, pixels })
}

/// The latents of a grid: one row of `columns` latents per label. Column `c` of a label is the same for any number of
/// columns and any choice of labels. `truncation`, from 0 to 1, scales the noise.
pub fn rows(partition: &LatentPartition, labels: &[usize], columns: usize, truncation: f32, seed: u64) -> Latents {
    let mut latents = Latents { vectors: Vec::new(), labels: Vec::new() };
    for &label in labels {
        let mut draws = stream(seed, Purpose::Samples, label as u64);
        for _ in 0..columns {
            latents.vectors.extend(partition.draw_labelled(label, truncation, &mut draws));
            latents.labels.push(label);
        }
    }
    latents
}

/// Two strips of `columns` latents per label, at least 2: straight lines from the label's first latent to its second,
/// and to the first latent of the next label.
pub fn strips(partition: &LatentPartition, labels: &[usize], columns: usize, truncation: f32, seed: u64) -> Latents {
    let ends = rows(partition, labels, 2, truncation, seed);
    let end = |row: usize, column: usize| &ends.vectors[(2 * row + column) * partition.dim()..][..partition.dim()];
    let mut strips = Latents { vectors: Vec::new(), labels: Vec::new() };
    for (row, &label) in labels.iter().enumerate() {
        let next = (row + 1) % labels.len();
        for (to, to_label) in [(end(row, 1), label), (end(next, 0), labels[next])] {
            strips.extend(line((end(row, 0), label), (to, to_label), columns));
        }
    }
    strips
}

/// `columns` latents, at least 2, on the straight line from the first latent of a label to the first of another.
pub fn between(partition: &LatentPartition, labels: [usize; 2], columns: usize, truncation: f32, seed: u64) -> Latents {
    let [from, to] = labels.map(|label| (rows(partition, &[label], 1, truncation, seed).vectors, label));
    line((&from.0, from.1), (&to.0, to.1), columns)
}

/// `columns` latents on the straight line from one to another, each with the label of the nearer end.
fn line((from, from_label): (&[f32], usize), (to, to_label): (&[f32], usize), columns: usize) -> Latents {
    let mut line = Latents { vectors: Vec::new(), labels: Vec::new() };
    for column in 0..columns {
        let share = column as f32 / (columns - 1) as f32;
        line.vectors.extend(from.iter().zip(to).map(|(a, b)| a + share * (b - a)));
        line.labels.push(if share < 0.5 { from_label } else { to_label });
    }
    line
}

/// `count` latents, each a function of its own number; `labels` take turns.
pub fn numbered(partition: &LatentPartition, labels: &[usize], count: usize, truncation: f32, seed: u64) -> Latents {
    /// Keeps these streams apart from the streams of [`rows`].
    const FIRST_STREAM: u64 = 1 << 32;
    let mut latents = Latents { vectors: Vec::new(), labels: Vec::new() };
    for index in 0..count {
        let label = labels[index % labels.len()];
        let mut draws = stream(seed, Purpose::Samples, FIRST_STREAM + index as u64);
        latents.vectors.extend(partition.draw_labelled(label, truncation, &mut draws));
        latents.labels.push(label);
    }
    latents
}

/// Images as a grid, enlarged for viewing.
pub fn picture(images: &Images, columns: usize) -> Picture {
    let scale = (64 / images.shape.size).max(1);
    Picture::grid(&images.pixels, images.shape, columns, scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_shows_all_labels_or_a_choice_of_all() {
        assert_eq!(shown_labels(10), (0..10).collect::<Vec<_>>());
        assert_eq!(shown_labels(GRID_ROWS_MAX), (0..GRID_ROWS_MAX).collect::<Vec<_>>());
        for labels in [33, 255, 10_000] {
            let shown = shown_labels(labels);
            assert_eq!((shown.len(), shown[0]), (GRID_ROWS_MAX, 0));
            assert!(shown.windows(2).all(|pair| pair[0] < pair[1]) && shown[GRID_ROWS_MAX - 1] < labels);
            assert!(labels - shown[GRID_ROWS_MAX - 1] <= labels.div_ceil(GRID_ROWS_MAX));
        }
    }
}
