//! Leaky ReLU on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::elementwise::{combine, map};
use crate::kernels::leaky_relu::{LeakyReluGradients, LeakyReluOps, SLOPE};

impl LeakyReluOps for Flex {
    fn leak(x: FlexTensor) -> FlexTensor {
        map(x, |x| if x > 0.0 { x } else { SLOPE * x })
    }
}

impl LeakyReluGradients for Flex {
    fn leak_gradient(x: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        combine(x, gradient, |x, gradient| if x > 0.0 { gradient } else { SLOPE * gradient })
    }
}
