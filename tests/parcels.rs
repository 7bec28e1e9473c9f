//! Tensors that travel in one parcel are the same as tensors that travel alone, on the CPU and on an adapter.

mod adapter;

use burn::tensor::{Device, Int, Tensor};
use slgan::data::{ImageShape, Images};
use slgan::kernels::batch::{DeviceImages, FREE, Residence, assemble};
use slgan::kernels::parcel::Parcel;
use slgan::kernels::upload::{upload, uploaded_bytes};

fn devices() -> Vec<Device> {
    [Some(Device::flex()), adapter::first()].into_iter().flatten().collect()
}

fn bits<const D: usize>(tensor: Tensor<D>) -> Vec<u32> {
    tensor.into_data().iter::<f32>().map(f32::to_bits).collect()
}

/// `count` numbers, all different.
fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|at| count as f32 * 1e3 + at as f32).collect()
}

/// Sizes around the places where views may start, and numbers that arithmetic would change.
#[test]
fn every_tensor_arrives_unchanged() {
    for device in devices() {
        let counts = [1, 63, 64, 65, 3, 128, 1_000];
        let odd = vec![f32::NAN, -0.0, f32::MIN_POSITIVE / 4.0, f32::NEG_INFINITY, f32::MAX];
        let mut parcel = Parcel::default();
        let slots = counts.map(|count| parcel.add(numbers(count), [count, 1]));
        let integers = parcel.add_integers(vec![i32::MIN, -1, i32::MAX]);
        let odd_slot = parcel.add(odd.clone(), [odd.len()]);
        let before = uploaded_bytes();
        let mut arrived = parcel.send(&device);
        let bytes = uploaded_bytes() - before;
        let least = 4 * (counts.iter().sum::<usize>() + 3 + odd.len()) as u64;
        assert!((least..least + 256 * 9).contains(&bytes), "{device:?}: {bytes} bytes");
        assert_eq!(bits(arrived.take(odd_slot)), odd.into_iter().map(f32::to_bits).collect::<Vec<_>>(), "{device:?}");
        let found: Tensor<1, Int> = arrived.take_integers(integers);
        assert_eq!(found.into_data().iter::<i32>().collect::<Vec<_>>(), [i32::MIN, -1, i32::MAX], "{device:?}");
        for (slot, count) in slots.into_iter().zip(counts) {
            let (found, expected) = (arrived.take(slot), upload(numbers(count), [count, 1], &device));
            assert_eq!(found.dims(), [count, 1]);
            assert_eq!(bits(found.clone()), bits(expected.clone()), "{count} numbers, {device:?}");
            assert_eq!(bits(found * 3.0 + 1.0), bits(expected * 3.0 + 1.0), "{count} numbers, {device:?}");
        }
    }
}

/// Computing with one view leaves its neighbours alone, even where burn could reuse the memory of its input.
#[test]
fn tensors_of_a_parcel_do_not_share_memory() {
    for device in devices() {
        let mut parcel = Parcel::default();
        let [first, second] = [64, 64].map(|count| parcel.add(numbers(count), [count]));
        let mut arrived = parcel.send(&device);
        let changed = arrived.take(first) * -1.0;
        assert_eq!(bits(arrived.take(second)), bits(upload(numbers(64), [64], &device)), "{device:?}");
        assert_eq!(bits(changed), bits(upload(numbers(64), [64], &device) * -1.0), "{device:?}");
    }
}

/// A free place takes another image, between images that stay.
#[test]
fn a_batch_has_room_for_other_images() {
    let shape = ImageShape { channels: 3, size: 4 };
    let images = Images { shape, pixels: (0..5 * shape.bytes()).map(|at| (at * 7) as u8).collect() };
    let (indices, flips) = ([4, FREE, FREE, 0], [false, false, false, true]);
    for device in devices() {
        let other = upload(numbers(2 * shape.bytes()), [2, 3, 4, 4], &device);
        let batch = match DeviceImages::new(&images, Residence::default(), &device) {
            Some(kept) => kept.assemble(&indices, &flips),
            None => assemble(&images, &indices, &flips, &device),
        };
        let batch = batch.slice_assign([1..3, 0..3, 0..4, 0..4], other.clone());
        let ends = assemble(&images, &[4, 0], &[false, true], &device);
        let expected = Tensor::cat(vec![ends.clone().narrow(0, 0, 1), other, ends.narrow(0, 1, 1)], 0);
        assert_eq!(bits(batch), bits(expected), "{device:?}");
    }
}
