//! Spectral normalisation of a whole network (Miyato et al. 2018).
//!
//! The layers hold the singular vectors, because they are state; all else happens for all layers at once. A network
//! computes with [`Norms::divide`]d weights, so the layers themselves know nothing of the norm.

use std::collections::BTreeMap;

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::initializer::Initializer;
use super::packed::PackedNames;
use super::parameters::Named;
use crate::kernels::launch::Launch;
use crate::kernels::pack::{Places, pack, unpack};
use crate::kernels::spectral_norm::{
    Divided, Matrices, SingularVectors, power_iteration_with, spectral_norm_with, weight_gradients_with,
};

/// The singular vectors that power iteration has reached. They are state: a resumed run continues from them.
#[derive(Module, Debug)]
pub struct SpectralNorm {
    /// `[rows]`.
    left: Param<Tensor<1>>,
    /// `[columns]`.
    right: Param<Tensor<1>>,
}

impl SpectralNorm {
    /// Vectors for a weight of `rows` outputs and `columns` inputs.
    pub fn new(rows: usize, columns: usize, init: &Initializer) -> Self {
        Self { left: init.child("left").unit_vector(rows), right: init.child("right").unit_vector(columns) }
    }
}

/// Name of a layer's weight, after its own name.
const WEIGHT: &str = ".weight";

/// Names of a layer's vectors, after its own name.
const VECTORS: [&str; 2] = [".norm.left", ".norm.right"];

/// The norms of a network's layers, and how its parameters share buffers.
#[derive(Debug, Clone, Default)]
pub struct Norms {
    /// All trained parameters. The optimiser packs them in the same way, so they are packed already.
    trained: PackedNames,
    /// For each buffer of them, the weights in it that are divided.
    groups: Vec<Option<Group>>,
    launch: Launch,
}

/// The divided weights in one buffer.
#[derive(Debug, Clone)]
struct Group {
    /// The names of their layers.
    layers: Vec<String>,
    matrices: Matrices,
}

impl Norms {
    /// The norms of a network with parameters of these shapes and values, computed with these launches.
    pub fn new(shapes: &BTreeMap<String, Vec<usize>>, values: &Named, launch: Launch) -> Self {
        let mut trained = values.clone();
        trained.retain(|name, _| !VECTORS.iter().any(|vector| name.ends_with(vector)));
        let trained = PackedNames::of(&trained);
        let buffers = trained.packing().buffers().iter();
        let groups = buffers.map(|(range, places)| {
            let names = trained.names()[range.clone()].iter().zip(places.offsets());
            let weights = names.filter_map(|(name, &offset)| {
                let layer = name.strip_suffix(WEIGHT)?;
                let has_norm = shapes.contains_key(&format!("{layer}{}", VECTORS[0]));
                has_norm.then(|| (layer.to_owned(), (offset, shapes[name].clone())))
            });
            let (layers, weights): (Vec<String>, Vec<_>) = weights.unzip();
            (!layers.is_empty()).then(|| Group { layers, matrices: Matrices::new(&weights) })
        });
        Self { groups: groups.collect(), trained, launch }
    }

    /// The singular vectors after one power iteration on every weight, by name, from the parameters of the network.
    pub fn iterate(&self, mut values: Named) -> Named {
        let buffers = self.trained.take(&mut values);
        let pairs = buffers.into_iter().zip(&self.groups);
        let grouped = pairs.filter_map(|(weights, group)| Some((weights, group.as_ref()?)));
        grouped.flat_map(|(weights, group)| group.iterate(weights, &mut values, self.launch)).collect()
    }

    /// The divided weights by name, and what their gradients need, from the parameters of the network.
    pub fn divide(&self, mut values: Named) -> (Named, Division<'_>) {
        let buffers = self.trained.take(&mut values);
        let pairs = buffers.into_iter().zip(&self.groups);
        let parts =
            pairs.map(|(weights, group)| Some(group.as_ref()?.divide(weights, &mut values, self.launch))).collect();
        let division = Division { norms: self, parts };
        (division.weights(), division)
    }
}

impl Group {
    fn iterate(&self, weights: Tensor<1>, values: &mut Named, launch: Launch) -> Named {
        let [lefts, rights] = self.vectors();
        let SingularVectors { left, right } = power_iteration_with(weights, lefts.take(values), &self.matrices, launch);
        [(lefts, left), (rights, right)].into_iter().flat_map(|(names, vectors)| names.named(vectors)).collect()
    }

    fn divide(&self, weights: Tensor<1>, values: &mut Named, launch: Launch) -> Part<'_> {
        let [left, right] = self.vectors().map(|names| names.take(values));
        let vectors = SingularVectors { left, right };
        let divided = spectral_norm_with(weights.clone(), &vectors, &self.matrices, launch);
        Part { group: self, weights, vectors, divided }
    }

    /// The left and the right vectors of the layers.
    fn vectors(&self) -> [Vectors<'_>; 2] {
        let [left, right] = VECTORS;
        let of = |field, places| Vectors { layers: &self.layers, field, places };
        [of(left, self.matrices.lefts()), of(right, self.matrices.rights())]
    }
}

/// One vector of each layer.
struct Vectors<'a> {
    layers: &'a [String],
    /// The vector's name, after the layer's.
    field: &'static str,
    places: &'a Places,
}

impl Vectors<'_> {
    fn names(&self) -> impl Iterator<Item = String> {
        self.layers.iter().map(|layer| format!("{layer}{}", self.field))
    }

    /// The buffer of the vectors, which it takes.
    fn take(&self, values: &mut Named) -> Tensor<1> {
        let vector = |name: String| values.remove(&name).unwrap_or_else(|| panic!("there is no tensor {name}"));
        pack(self.names().map(vector).collect(), self.places)
    }

    fn named(&self, packed: Tensor<1>) -> Named {
        self.names().zip(unpack(packed, self.places)).collect()
    }
}

/// A network's weights with their divisors.
#[derive(Debug)]
pub struct Division<'a> {
    norms: &'a Norms,
    /// For each buffer of parameters, the weights in it that are divided.
    parts: Vec<Option<Part<'a>>>,
}

/// The weights of one buffer with their divisors.
#[derive(Debug)]
struct Part<'a> {
    group: &'a Group,
    weights: Tensor<1>,
    vectors: SingularVectors,
    divided: Divided,
}

impl Division<'_> {
    /// The gradients of the network's parameters, from those of the parameters that it computes with.
    ///
    /// # Panics
    /// If a parameter has no gradient.
    pub fn parameter_gradients(self, mut gradients: Named) -> Named {
        let trained = &self.norms.trained;
        let pairs = trained.take(&mut gradients).into_iter().zip(self.parts);
        let pulled_back = pairs.map(|(gradients, part)| match part {
            Some(part) => part.weight_gradients(gradients, self.norms.launch),
            None => gradients,
        });
        trained.named(pulled_back.collect())
    }

    /// The divided weights by name.
    fn weights(&self) -> Named {
        let mut found = Named::new();
        for (index, part) in self.parts.iter().enumerate() {
            let Some(Part { group, divided, .. }) = part else { continue };
            let mut all = self.norms.trained.named_in(index, divided.weights.clone());
            let names = group.layers.iter().map(|layer| format!("{layer}{WEIGHT}"));
            found.extend(names.filter_map(|name| all.remove_entry(&name)));
        }
        found
    }
}

impl Part<'_> {
    fn weight_gradients(self, gradients: Tensor<1>, launch: Launch) -> Tensor<1> {
        let Self { group, weights, vectors, divided } = self;
        weight_gradients_with(weights, &vectors, divided.sigmas, gradients, &group.matrices, launch)
    }
}
