//! Batches of real images from bytes.

use burn::tensor::{Device, Tensor, TensorData};

use crate::data::Images;

/// Gathers images by index into `[batch, channels, size, size]` in -1 to 1, mirrored from left to right where `flips`
/// says so.
///
/// # Panics
/// If an index is out of range, or there are not as many flips as indices.
pub fn assemble(images: &Images, indices: &[u32], flips: &[bool], device: &Device) -> Tensor<4> {
    assert_eq!(indices.len(), flips.len(), "a flip for every index");
    let size = images.shape.size;
    let mut values = Vec::with_capacity(indices.len() * images.shape.channels * size * size);
    for (&index, &flip) in indices.iter().zip(flips) {
        for row in images.image(index as usize).chunks_exact(size) {
            let scaled = |&byte: &u8| f32::from(byte) / 127.5 - 1.0;
            if flip {
                values.extend(row.iter().rev().map(scaled));
            } else {
                values.extend(row.iter().map(scaled));
            }
        }
    }
    Tensor::from_data(TensorData::new(values, [indices.len(), images.shape.channels, size, size]), device)
}
