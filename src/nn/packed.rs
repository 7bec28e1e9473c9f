//! Parameters of a network in shared buffers.

use burn::tensor::Tensor;

use super::parameters::Named;
use crate::kernels::pack::{Packing, unpack};

/// Some of a network's parameters, in the order of their names, and how they share buffers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedNames {
    names: Vec<String>,
    packing: Packing,
}

impl PackedNames {
    /// The parameters that have a tensor here.
    pub fn of(tensors: &Named) -> Self {
        let counts: Vec<usize> = tensors.values().map(|tensor| tensor.dims()[0]).collect();
        // Without tensors there is nothing to pack, on any device.
        let packing = tensors.values().next().map(|tensor| Packing::new(&counts, &tensor.device()));
        Self { names: tensors.keys().cloned().collect(), packing: packing.unwrap_or_default() }
    }

    /// The names, sorted.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How the tensors share buffers.
    pub fn packing(&self) -> &Packing {
        &self.packing
    }

    /// The buffers with the tensors of these parameters, which it takes.
    ///
    /// # Panics
    /// If a tensor is missing or has another size.
    pub fn take(&self, tensors: &mut Named) -> Vec<Tensor<1>> {
        let tensor = |name: &String| tensors.remove(name).unwrap_or_else(|| panic!("there is no tensor {name}"));
        self.packing.pack(self.names.iter().map(tensor).collect())
    }

    /// Views of the tensors in one of the buffers, by name.
    pub fn named_in(&self, buffer: usize, packed: Tensor<1>) -> Named {
        let (range, places) = &self.packing.buffers()[buffer];
        self.names[range.clone()].iter().cloned().zip(unpack(packed, places)).collect()
    }

    /// Views of the tensors in the buffers, by name.
    pub fn named(&self, packed: Vec<Tensor<1>>) -> Named {
        self.names.iter().cloned().zip(self.packing.unpack(packed)).collect()
    }
}
