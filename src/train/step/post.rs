//! How numbers of the host reach the device.

use burn::tensor::{Device, Int, Tensor};

use crate::kernels::parcel::{Arrived, Parcel};

/// What happens to the parcels of a step.
#[derive(Debug, Default)]
pub enum Post {
    /// Each is uploaded.
    #[default]
    Uploads,
    /// Each lies in a buffer already; the buffers are in the order in which a step sends its parcels.
    Delivered(Vec<Tensor<1, Int>>),
}

impl Post {
    /// The tensors of a parcel on a device.
    ///
    /// # Panics
    /// If no buffer is left for it.
    pub fn send(&mut self, parcel: Parcel, device: &Device) -> Arrived {
        match self {
            Self::Uploads => parcel.send(device),
            Self::Delivered(buffers) => parcel.unpack(&buffers.remove(0)),
        }
    }
}
