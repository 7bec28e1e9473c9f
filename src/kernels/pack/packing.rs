//! Many tensors in few buffers.

use std::ops::Range;

use burn::tensor::{Device, Tensor};

use super::{Places, pack, unpack};
use crate::kernels::host::is_cpu;

/// Most elements of a buffer that several tensors share: half of what every adapter can bind.
const LARGEST: usize = 1 << 24;

/// How a list of tensors is divided among buffers. On a GPU that is one buffer, or a few if they are very large. On the
/// CPU each tensor has its own, because there a launch costs nothing, and a copy does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packing {
    buffers: Vec<(Range<usize>, Places)>,
}

impl Packing {
    /// Buffers for tensors of so many elements on a device.
    pub fn new(counts: &[usize], device: &Device) -> Self {
        let most = if is_cpu(device) { 0 } else { LARGEST };
        let mut buffers = Vec::new();
        let mut start = 0;
        while start < counts.len() {
            let end = (start + 1..counts.len()).find(|&end| Places::new(&counts[start..=end]).total() > most);
            let range = start..end.unwrap_or(counts.len());
            start = range.end;
            buffers.push((range.clone(), Places::new(&counts[range])));
        }
        Self { buffers }
    }

    /// The tensors of each buffer, by their numbers, and their places.
    pub fn buffers(&self) -> &[(Range<usize>, Places)] {
        &self.buffers
    }

    /// The buffers with the tensors in them.
    ///
    /// # Panics
    /// If there are not as many tensors, or they have other sizes.
    pub fn pack(&self, tensors: Vec<Tensor<1>>) -> Vec<Tensor<1>> {
        let mut tensors = tensors.into_iter();
        let packed =
            self.buffers.iter().map(|(range, places)| pack(tensors.by_ref().take(range.len()).collect(), places));
        let packed = packed.collect();
        assert!(tensors.next().is_none(), "pack: there are more tensors than places");
        packed
    }

    /// Views of the tensors in the buffers.
    ///
    /// # Panics
    /// If there are not as many buffers, or they have other sizes.
    pub fn unpack(&self, packed: Vec<Tensor<1>>) -> Vec<Tensor<1>> {
        assert_eq!(packed.len(), self.buffers.len(), "unpack: each buffer once");
        packed.into_iter().zip(&self.buffers).flat_map(|(packed, (_, places))| unpack(packed, places)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tensor_has_its_own_memory_on_the_cpu() {
        let device = Device::flex();
        let packing = Packing::new(&[3, 1, 200], &device);
        assert_eq!(packing.buffers().len(), 3);
        let tensors = [3, 1, 200].map(|count| Tensor::full([count], count as f64, &device));
        let views = packing.unpack(packing.pack(tensors.to_vec()));
        for (view, tensor) in views.into_iter().zip(tensors) {
            assert_eq!(view.into_data(), tensor.into_data());
        }
    }

    #[test]
    fn no_tensors_need_no_buffer() {
        let packing = Packing::new(&[], &Device::flex());
        assert!(packing.pack(Vec::new()).is_empty() && packing.unpack(Vec::new()).is_empty());
    }
}
