//! Tensors that are parts of a GPU's buffer, without a copy.

use burn::tensor::Shape;
use burn_wgpu::CubeTensor;

/// Elements between the places where a view may start. 256 bytes suit every adapter.
const ALIGNMENT: usize = 64;

/// The next place where a view may start.
pub fn aligned(elements: usize) -> usize {
    elements.next_multiple_of(ALIGNMENT)
}

/// Whether a view may start there.
pub fn is_aligned(elements: usize) -> bool {
    elements.is_multiple_of(ALIGNMENT)
}

/// A part of a contiguous buffer of 32-bit numbers, in the order of memory, from element `first` on.
///
/// # Panics
/// If the part is not inside the buffer, or no kernel may bind memory from there.
pub fn view(buffer: &CubeTensor, first: usize, shape: impl Into<Shape>) -> CubeTensor {
    let shape = shape.into();
    let count = shape.num_elements();
    let [start, end] = [first, first + count].map(|element| (element * size_of::<u32>()) as u64);
    let size = buffer.handle.size_in_used();
    assert!(end <= size && is_aligned(first), "view: no {count} elements from {first} on");
    let handle = buffer.handle.clone().offset_start(start).offset_end(size - end);
    CubeTensor::new_contiguous(buffer.client.clone(), buffer.device.clone(), shape, handle, buffer.dtype)
}
