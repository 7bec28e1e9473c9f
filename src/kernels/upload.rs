//! Tensors made of numbers of the host. Everything that a step uploads goes through here, so that it can be counted.

use std::cell::Cell;

use burn::backend::tensor::IntTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Bytes, Device, Element, Int, Tensor, TensorData};
use burn_wgpu::CubeTensor;

thread_local! {
    static BYTES: Cell<u64> = const { Cell::new(0) };
}

/// A tensor of `values`, on a device.
///
/// # Panics
/// If there are not as many values as `shape` says.
pub fn upload<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(counted(values, shape), device)
}

/// [`upload`] for integers.
///
/// # Panics
/// As [`upload`].
pub fn upload_integers<const D: usize>(values: Vec<i32>, shape: [usize; D], device: &Device) -> Tensor<D, Int> {
    Tensor::from_data(counted(values, shape), device)
}

/// Writes `values` into a tensor that a GPU holds, where it lies, in the order of the device's queue.
///
/// # Panics
/// If the tensor has another length, or the device is the CPU.
pub fn refill_integers(values: Vec<i32>, tensor: &Tensor<1, Int>) {
    assert_eq!(tensor.dims(), [values.len()], "a value for every element");
    BYTES.set(BYTES.get() + size_of_val(values.as_slice()) as u64);
    <Dispatch as RefillOps>::refill(tensor.clone().into_dispatch(), values);
}

/// Writing to memory that a device has.
#[backend_extension(Cube)]
pub trait RefillOps: Backend {
    /// [`refill_integers`]; returns the tensor.
    fn refill(tensor: IntTensor<Self>, values: Vec<i32>) -> IntTensor<Self>;
}

impl RefillOps for CubeBackend {
    fn refill(tensor: CubeTensor, values: Vec<i32>) -> CubeTensor {
        tensor.client.write(&tensor.handle, Bytes::from_elems(values));
        tensor
    }
}

/// Bytes that this thread has uploaded, for benchmarks.
pub fn uploaded_bytes() -> u64 {
    BYTES.get()
}

fn counted<T: Element, const D: usize>(values: Vec<T>, shape: [usize; D]) -> TensorData {
    BYTES.set(BYTES.get() + size_of_val(values.as_slice()) as u64);
    TensorData::new(values, shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted() {
        let before = uploaded_bytes();
        let values = upload(vec![1.0, 2.0], [2, 1], &Device::flex());
        upload_integers(vec![3], [1], &Device::flex());
        assert_eq!(uploaded_bytes() - before, 12);
        assert_eq!(values.into_data().iter::<f32>().collect::<Vec<_>>(), [1.0, 2.0]);
    }
}
