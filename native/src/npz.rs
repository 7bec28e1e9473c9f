//! NumPy archives in the form that common GAN evaluators read.

use anyhow::Result;
use slgan::data::Images;
use slgan::data::numpy::ArchiveWriter;
use slgan::labels::Latents;

/// `arr_0`: bytes `[N, height, width, channels]`; `arr_1`: labels `[N]` as 64-bit integers; `latents`: the latents
/// `[N, dim]` of the images as 32-bit floats.
///
/// # Errors
/// If the archive cannot be written.
pub fn archive(images: &Images, Latents { vectors, labels }: &Latents) -> Result<Vec<u8>> {
    let shape = images.shape;
    let dims = [images.count(), shape.size, shape.size, shape.channels];
    let labels_bytes: Vec<u8> = labels.iter().flat_map(|&label| (label as i64).to_le_bytes()).collect();
    let dim = vectors.len() / labels.len().max(1);
    let latents: Vec<u8> = vectors.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut archive = ArchiveWriter::default();
    archive.add("arr_0", "|u1", &dims, &channels_last(images))?;
    archive.add("arr_1", "<i8", &[labels.len()], &labels_bytes)?;
    archive.add("latents", "<f4", &[labels.len(), dim], &latents)?;
    Ok(archive.finish()?)
}

/// `[N, channels, size, size]` to `[N, size, size, channels]`.
fn channels_last(images: &Images) -> Vec<u8> {
    let plane = images.shape.size * images.shape.size;
    let interleaved = |image: &[u8]| -> Vec<u8> {
        (0..plane).flat_map(|pixel| image.iter().skip(pixel).step_by(plane).copied().collect::<Vec<_>>()).collect()
    };
    (0..images.count()).flat_map(|index| interleaved(images.image(index))).collect()
}
