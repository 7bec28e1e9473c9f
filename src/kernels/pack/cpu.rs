//! Shared buffers on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;
use crate::kernels::pack::{PackOps, Places, Tensors};

impl PackOps for Flex {
    fn pack(Tensors(mut tensors): Tensors<Self>, places: &Places, _launch: Launch) -> FlexTensor {
        if tensors.len() == 1 {
            return tensors.remove(0);
        }
        let tensors: Vec<FlexTensor> = tensors.into_iter().map(contiguous).collect();
        let pieces: Vec<&[f32]> = tensors.iter().map(elements).collect();
        tensor(joined(&pieces, places), [places.total()])
    }

    fn unpack(packed: FlexTensor, places: &Places) -> Vec<FlexTensor> {
        let places = places.offsets().iter().zip(places.counts());
        places.map(|(&offset, &count)| packed.narrow(0, offset, count)).collect()
    }
}

/// The numbers of a buffer from those of its tensors.
fn joined(pieces: &[&[f32]], places: &Places) -> Vec<f32> {
    let mut all = Vec::with_capacity(places.total());
    for (piece, &offset) in pieces.iter().zip(places.offsets()) {
        all.resize(offset, 0.0);
        all.extend_from_slice(piece);
    }
    all
}
