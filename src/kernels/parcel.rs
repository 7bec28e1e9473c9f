//! Many tensors in one upload.
//!
//! Every upload submits what is queued before it, and costs the host as much as several launches. So numbers that are
//! needed together travel as one buffer, and the tensors are views of it. On the CPU backend nothing travels, and each
//! tensor keeps its own memory.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{DType, Device, Int, Tensor};
use burn_wgpu::CubeTensor;

use super::host::is_cpu;
use super::upload::{refill_integers, upload, upload_integers};
use super::view::{aligned, view};

/// Numbers of the host that travel to a device together.
#[derive(Debug, Default)]
pub struct Parcel {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Floats(Vec<f32>),
    Integers(Vec<i32>),
}

/// The place of a tensor in a parcel.
#[derive(Debug)]
pub struct Slot<const D: usize> {
    index: usize,
    shape: [usize; D],
}

/// The place of a list of integers in a parcel.
#[derive(Debug)]
pub struct IntegerSlot {
    index: usize,
}

/// A parcel on a device.
#[derive(Debug)]
pub struct Arrived {
    pieces: Vec<Option<Arrival>>,
}

#[derive(Debug)]
enum Arrival {
    Floats(Tensor<1>),
    Integers(Tensor<1, Int>),
}

impl Parcel {
    /// Adds a tensor of `values`.
    ///
    /// # Panics
    /// If there are none, or not as many as `shape` says.
    pub fn add<const D: usize>(&mut self, values: Vec<f32>, shape: [usize; D]) -> Slot<D> {
        let (found, expected): (usize, usize) = (values.len(), shape.iter().product());
        assert!(found > 0 && found == expected, "parcel: {found} values for a shape {shape:?}");
        self.pieces.push(Piece::Floats(values));
        Slot { index: self.pieces.len() - 1, shape }
    }

    /// Adds integers.
    ///
    /// # Panics
    /// If there are none.
    pub fn add_integers(&mut self, values: Vec<i32>) -> IntegerSlot {
        assert!(!values.is_empty(), "parcel: no integers");
        self.pieces.push(Piece::Integers(values));
        IntegerSlot { index: self.pieces.len() - 1 }
    }

    /// Uploads everything to a plain device.
    pub fn send(self, device: &Device) -> Arrived {
        let pieces = if is_cpu(device) { self.apart(device) } else { self.together(device) };
        Arrived { pieces: pieces.into_iter().map(Some).collect() }
    }

    /// Uploads everything to a plain device that is not the CPU, as one buffer. [`Self::unpack`] takes it apart.
    pub fn upload(&self, device: &Device) -> Tensor<1, Int> {
        let words = self.words();
        let count = words.len();
        upload_integers(words, [count], device)
    }

    /// Writes everything into the buffer of another parcel of this form, in the order of the device's queue.
    ///
    /// # Panics
    /// If the buffer has another length.
    pub fn refill(&self, buffer: &Tensor<1, Int>) {
        let words = self.words();
        assert_eq!(buffer.dims(), [words.len()], "parcel: the buffer is of a parcel of another form");
        refill_integers(words, buffer);
    }

    /// The tensors in a buffer that [`Self::upload`] made, or [`Self::refill`] filled.
    pub fn unpack(&self, buffer: &Tensor<1, Int>) -> Arrived {
        let view = |(piece, place): (&Piece, Place)| {
            let words = buffer.clone().into_dispatch();
            match piece {
                Piece::Floats(_) => Arrival::Floats(Tensor::from_dispatch(<Dispatch as ViewOps>::floats(words, place))),
                Piece::Integers(_) => {
                    Arrival::Integers(Tensor::from_dispatch(<Dispatch as ViewOps>::integers(words, place)))
                }
            }
        };
        Arrived { pieces: self.pieces.iter().zip(self.places()).map(view).map(Some).collect() }
    }

    /// The number of values of each tensor. Two parcels with equal lengths whose tensors have equal meanings can share
    /// a buffer.
    pub fn lengths(&self) -> Vec<usize> {
        self.pieces.iter().map(Piece::len).collect()
    }

    fn apart(self, device: &Device) -> Vec<Arrival> {
        let arrive = |piece| match piece {
            Piece::Floats(values) => {
                let count = values.len();
                Arrival::Floats(upload(values, [count], device))
            }
            Piece::Integers(values) => {
                let count = values.len();
                Arrival::Integers(upload_integers(values, [count], device))
            }
        };
        self.pieces.into_iter().map(arrive).collect()
    }

    fn together(self, device: &Device) -> Vec<Arrival> {
        if self.pieces.is_empty() {
            return Vec::new();
        }
        let buffer = self.upload(device);
        self.unpack(&buffer).pieces.into_iter().flatten().collect()
    }

    /// All numbers, with zeros in the gaps that views require.
    fn words(&self) -> Vec<i32> {
        let mut words = Vec::with_capacity(self.pieces.iter().map(|piece| aligned(piece.len())).sum());
        for piece in &self.pieces {
            match piece {
                Piece::Floats(values) => words.extend(values.iter().map(|value| value.to_bits().cast_signed())),
                Piece::Integers(values) => words.extend_from_slice(values),
            }
            words.resize(aligned(words.len()), 0);
        }
        words
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        let mut end = 0;
        self.pieces.iter().map(move |piece| {
            let place = Place { first: end, count: piece.len() };
            end = aligned(end + place.count);
            place
        })
    }
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Integers(values) => values.len(),
        }
    }
}

impl Arrived {
    /// The tensor of a place in this parcel.
    ///
    /// # Panics
    /// If the place is of another parcel.
    pub fn take<const D: usize>(&mut self, slot: Slot<D>) -> Tensor<D> {
        match self.pieces[slot.index].take() {
            Some(Arrival::Floats(values)) => values.reshape(slot.shape),
            _ => panic!("parcel: the place is of another parcel"),
        }
    }

    /// The integers of a place in this parcel.
    ///
    /// # Panics
    /// If the place is of another parcel.
    pub fn take_integers(&mut self, slot: IntegerSlot) -> Tensor<1, Int> {
        match self.pieces[slot.index].take() {
            Some(Arrival::Integers(values)) => values,
            _ => panic!("parcel: the place is of another parcel"),
        }
    }
}

/// Words of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first one.
    pub first: usize,
    /// How many there are.
    pub count: usize,
}

/// Views of a buffer of words, without a copy.
#[backend_extension(Cube)]
pub trait ViewOps: Backend {
    /// Some of the words as floats, `[count]`.
    fn floats(words: IntTensor<Self>, place: Place) -> FloatTensor<Self>;

    /// Some of the words, `[count]`.
    fn integers(words: IntTensor<Self>, place: Place) -> IntTensor<Self>;
}

impl ViewOps for CubeBackend {
    fn floats(words: CubeTensor, Place { first, count }: Place) -> CubeTensor {
        CubeTensor { dtype: DType::F32, ..view(&words, first, [count]) }
    }

    fn integers(words: CubeTensor, Place { first, count }: Place) -> CubeTensor {
        view(&words, first, [count])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_its_own_numbers() {
        let mut parcel = Parcel::default();
        let numbers = parcel.add(vec![1.0, -2.0, f32::INFINITY], [3, 1]);
        let integers = parcel.add_integers(vec![7, i32::MIN]);
        let one = parcel.add(vec![0.5], [1]);
        let mut arrived = parcel.send(&Device::flex());
        assert_eq!(arrived.take(one).into_data().iter::<f32>().collect::<Vec<_>>(), [0.5]);
        assert_eq!(arrived.take_integers(integers).into_data().iter::<i32>().collect::<Vec<_>>(), [7, i32::MIN]);
        let numbers = arrived.take(numbers);
        assert_eq!(numbers.dims(), [3, 1]);
        assert_eq!(numbers.into_data().iter::<f32>().collect::<Vec<_>>(), [1.0, -2.0, f32::INFINITY]);
    }
}
