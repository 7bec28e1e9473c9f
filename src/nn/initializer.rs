//! Initial weights from our own random numbers.
//!
//! A weight is a function of the seed and of its path in the network. So a new layer does not change the others, and
//! burn's process-wide seed plays no part.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};

use crate::kernels::class::DeviceClass;
use crate::rng::{Purpose, stream};

/// Makes the parameters below one path of a network.
#[derive(Debug, Clone)]
pub struct Initializer {
    seed: u64,
    path: String,
    device: Device,
    class: DeviceClass,
}

impl Initializer {
    /// An initializer for the network `name`.
    pub fn new(seed: u64, name: &str, device: &Device) -> Self {
        Self { seed, path: name.to_owned(), device: device.clone(), class: DeviceClass::default() }
    }

    /// The same for a device of another class than software.
    pub fn of_class(self, class: DeviceClass) -> Self {
        Self { class, ..self }
    }

    /// The initializer of a part of this network.
    pub fn child(&self, name: impl std::fmt::Display) -> Self {
        Self { path: format!("{}.{name}", self.path), ..self.clone() }
    }

    /// Normal weights with standard deviation `gain / sqrt(fan_in)` (He et al. 2015, eq. 10, with `gain = sqrt(2)`).
    pub fn scaled_normal<const D: usize>(&self, shape: [usize; D], fan_in: usize, gain: f64) -> Param<Tensor<D>> {
        let deviation = (gain / libm::sqrt(fan_in as f64)) as f32;
        self.trainable(shape, |normal| normal * deviation)
    }

    /// Zeros.
    pub fn zeros<const D: usize>(&self, shape: [usize; D]) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::zeros(shape, &self.device)).set_require_grad(true)
    }

    /// Ones.
    pub fn ones<const D: usize>(&self, shape: [usize; D]) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::ones(shape, &self.device)).set_require_grad(true)
    }

    /// A random unit vector that is part of the state but not trained.
    pub fn unit_vector(&self, length: usize) -> Param<Tensor<1>> {
        let draws = self.normals(length);
        let norm = libm::sqrt(draws.iter().map(|&x| f64::from(x) * f64::from(x)).sum()) as f32;
        let unit: Vec<f32> = draws.iter().map(|x| x / norm).collect();
        self.constant(Tensor::from_data(TensorData::new(unit, [length]), &self.device))
    }

    /// A tensor that is part of the state but not trained.
    pub fn constant<const D: usize>(&self, value: Tensor<D>) -> Param<Tensor<D>> {
        Param::from_tensor(value).set_require_grad(false)
    }

    /// The device of the parameters.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The class of the device.
    pub fn class(&self) -> DeviceClass {
        self.class
    }

    fn trainable<const D: usize>(&self, shape: [usize; D], value: impl Fn(f32) -> f32) -> Param<Tensor<D>> {
        let values: Vec<f32> = self.normals(shape.iter().product()).into_iter().map(value).collect();
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), &self.device)).set_require_grad(true)
    }

    fn normals(&self, count: usize) -> Vec<f32> {
        stream(self.seed, Purpose::Weights, fnv1a(&self.path)).normals(count)
    }
}

/// The 64-bit FNV-1a hash. Unlike the standard library's hash, it can never change.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
