//! Spectral normalisation as an optional part of a layer (Miyato et al. 2018).

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::initializer::Initializer;
use crate::kernels::spectral_norm::{SingularVectors, power_iteration, spectral_norm};

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

    /// One power iteration on `weight` `[rows, ..]`.
    pub fn iterate<const D: usize>(&mut self, weight: Tensor<D>) {
        let SingularVectors { left, right } = power_iteration(weight, self.left.val());
        self.left = self.left.clone().map(|_| left);
        self.right = self.right.clone().map(|_| right);
    }

    /// `weight` divided by the estimate of its largest singular value.
    pub fn normalize<const D: usize>(&self, weight: Tensor<D>) -> Tensor<D> {
        spectral_norm(weight, self.left.val(), self.right.val())
    }
}
