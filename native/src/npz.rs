//! NumPy archives in the form that common GAN evaluators read.

use std::io::{Cursor, Write};

use anyhow::Result;
use slgan::data::Images;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// `arr_0`: bytes `[N, height, width, channels]`; `arr_1`: labels `[N]` as 64-bit integers.
///
/// # Errors
/// If the archive cannot be written.
pub fn archive(images: &Images, labels: &[usize]) -> Result<Vec<u8>> {
    let shape = images.shape;
    let dims = [images.count(), shape.size, shape.size, shape.channels];
    let labels_bytes: Vec<u8> = labels.iter().flat_map(|&label| (label as i64).to_le_bytes()).collect();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().large_file(true);
    zip.start_file("arr_0.npy", options)?;
    zip.write_all(&array("|u1", &dims, &channels_last(images)))?;
    zip.start_file("arr_1.npy", options)?;
    zip.write_all(&array("<i8", &[labels.len()], &labels_bytes))?;
    Ok(zip.finish()?.into_inner())
}

/// `[N, channels, size, size]` to `[N, size, size, channels]`.
fn channels_last(images: &Images) -> Vec<u8> {
    let plane = images.shape.size * images.shape.size;
    let interleaved = |image: &[u8]| -> Vec<u8> {
        (0..plane).flat_map(|pixel| image.iter().skip(pixel).step_by(plane).copied().collect::<Vec<_>>()).collect()
    };
    (0..images.count()).flat_map(|index| interleaved(images.image(index))).collect()
}

/// A `.npy` file (NEP 1, version 1.0).
fn array(dtype: &str, dims: &[usize], data: &[u8]) -> Vec<u8> {
    let dims: String = dims.iter().map(|dim| format!("{dim}, ")).collect();
    let mut header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({}), }}", dims.trim_end());
    const PREFIX: usize = 10;
    let padding = 63 - (PREFIX + header.len()) % 64;
    header.push_str(&" ".repeat(padding));
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(data);
    file
}
