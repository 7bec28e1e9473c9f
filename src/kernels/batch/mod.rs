//! Batches of real images from bytes.

#[cfg(feature = "checks")]
pub(super) mod check;
pub(super) mod gpu;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, Int, Tensor};

use crate::data::{ImageShape, Images};
use crate::kernels::host::is_cpu;
use crate::kernels::launch::Launch;
use crate::kernels::upload::{upload, upload_integers};

/// The index of no image. Its place in a batch is free; what is there has no meaning.
pub const FREE: u32 = MIRRORED - 1;

/// Gathers images by index into `[batch, channels, size, size]` in -1 to 1, and mirrors an image from left to right if
/// its flip is set. [`FREE`] leaves a place for another image.
///
/// # Panics
/// If an index is out of range, or there are not as many flips as indices.
pub fn assemble(images: &Images, indices: &[u32], flips: &[bool], device: &Device) -> Tensor<4> {
    upload(pixels(images, indices, flips), batch_shape(images.shape, indices), device)
}

/// The elements of [`assemble`], for an upload with others.
///
/// # Panics
/// As [`assemble`].
pub fn pixels(images: &Images, indices: &[u32], flips: &[bool]) -> Vec<f32> {
    assert_eq!(indices.len(), flips.len(), "a flip for every index");
    let mut values = Vec::with_capacity(indices.len() * images.shape.bytes());
    for (&index, &flip) in indices.iter().zip(flips) {
        if index == FREE {
            values.resize(values.len() + images.shape.bytes(), 0.0);
            continue;
        }
        for row in images.image(index as usize).chunks_exact(images.shape.size) {
            let scaled = |&byte: &u8| f32::from(byte) / 127.5 - 1.0;
            if flip {
                values.extend(row.iter().rev().map(scaled));
            } else {
                values.extend(row.iter().map(scaled));
            }
        }
    }
    values
}

/// The shape of a batch.
pub fn batch_shape(ImageShape { channels, size }: ImageShape, indices: &[u32]) -> [usize; 4] {
    [indices.len(), channels, size, size]
}

/// How a data set is kept on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Residence {
    /// Most bytes of a part; a part has at least one image.
    pub part: usize,
    /// Most bytes of a data set that is kept; a larger one is streamed, a batch at a time.
    pub whole: usize,
}

impl Default for Residence {
    /// Parts that every adapter can bind, and a whole that leaves room in any GPU's memory, which no adapter reports.
    fn default() -> Self {
        Self { part: 128 << 20, whole: 1 << 30 }
    }
}

/// The bit of an index that mirrors its image.
const MIRRORED: u32 = 1 << 31;

/// The images of a data set in a GPU's memory, as bytes.
#[derive(Debug, Clone)]
pub struct DeviceImages {
    shape: ImageShape,
    parts: Vec<Part>,
    device: Device,
}

/// Images that one binding holds.
#[derive(Debug, Clone)]
struct Part {
    /// Their bytes, `[words]`, four in a word.
    words: Tensor<1, Int>,
    images: PartImages,
}

/// Which images of a data set a part holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartImages {
    /// Shape of an image.
    pub shape: ImageShape,
    /// Index of the first one.
    pub first: usize,
    /// How many there are.
    pub count: usize,
}

impl DeviceImages {
    /// Uploads images, in as many parts as needed. Returns `None` on the CPU, or if there are too many images to keep
    /// on the device.
    pub fn new(images: &Images, residence: Residence, device: &Device) -> Option<Self> {
        if is_cpu(device) || images.pixels.len() > residence.whole {
            return None;
        }
        let shape = images.shape;
        let in_a_part = (residence.part / shape.bytes()).max(1);
        let parts = images.pixels.chunks(in_a_part * shape.bytes()).enumerate().map(|(number, pixels)| Part {
            words: words(pixels, device),
            images: PartImages { shape, first: number * in_a_part, count: pixels.len() / shape.bytes() },
        });
        Some(Self { shape, parts: parts.collect(), device: device.clone() })
    }

    /// Like [`assemble`], with the same bits.
    ///
    /// # Panics
    /// If an index is out of range, or there are not as many flips as indices.
    pub fn assemble(&self, indices: &[u32], flips: &[bool]) -> Tensor<4> {
        self.assemble_with(indices, flips, Launch::default())
    }

    /// [`Self::assemble`] with a choice of launch.
    ///
    /// # Panics
    /// As [`Self::assemble`].
    pub fn assemble_with(&self, indices: &[u32], flips: &[bool], launch: Launch) -> Tensor<4> {
        let marked = upload_integers(self.marked(indices, flips), [indices.len()], &self.device);
        self.assemble_marked(indices, marked, launch)
    }

    /// What [`Self::assemble`] uploads, for an upload with others.
    ///
    /// # Panics
    /// As [`Self::assemble`].
    pub fn marked(&self, indices: &[u32], flips: &[bool]) -> Vec<i32> {
        assert_eq!(indices.len(), flips.len(), "a flip for every index");
        let count: usize = self.parts.iter().map(|part| part.images.count).sum();
        let exists = |&index: &u32| (index as usize) < count || index == FREE;
        assert!(indices.iter().all(exists), "there is no image past the last one");
        let marked = indices.iter().zip(flips).map(|(&index, &flip)| if flip { index | MIRRORED } else { index });
        marked.map(u32::cast_signed).collect()
    }

    /// The images of `indices`, where `marked` holds what [`Self::marked`] returned for them.
    pub fn assemble_marked(&self, indices: &[u32], marked: Tensor<1, Int>, launch: Launch) -> Tensor<4> {
        let mut batch = Tensor::<4>::empty(batch_shape(self.shape, indices), &self.device);
        // All parts, so that every batch launches the same.
        for part in &self.parts {
            let [words, marked] = [part.words.clone().into_dispatch(), marked.clone().into_dispatch()];
            let filled = <Dispatch as BatchOps>::fill_batch(batch.into_dispatch(), words, marked, part.images, launch);
            batch = Tensor::from_dispatch(filled);
        }
        batch
    }
}

/// Batch assembly by a kernel.
#[backend_extension(Cube)]
pub trait BatchOps: Backend {
    /// Writes the images of `indices` that a part holds to their places in `batch`, and returns it.
    fn fill_batch(
        batch: FloatTensor<Self>,
        words: IntTensor<Self>,
        indices: IntTensor<Self>,
        images: PartImages,
        launch: Launch,
    ) -> FloatTensor<Self>;
}

/// Bytes as words; zeros fill up the last one.
fn words(bytes: &[u8], device: &Device) -> Tensor<1, Int> {
    let (whole, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    let last = (!rest.is_empty()).then_some(last);
    let words: Vec<i32> = whole.iter().copied().chain(last).map(i32::from_le_bytes).collect();
    let count = words.len();
    upload_integers(words, [count], device)
}
