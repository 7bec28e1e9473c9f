//! Leaky ReLU on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::host::elementwise::{combine, map};
use crate::kernels::launch::Launch;
use crate::kernels::leaky_relu::{LeakyReluGradients, LeakyReluOps, SLOPE};

impl LeakyReluOps for Flex {
    fn leaky_relu(x: FlexTensor, _launch: Launch) -> FlexTensor {
        map(x, |x| if x > 0.0 { x } else { SLOPE * x })
    }

    fn behind_leaky_relu(values: FlexTensor, _launch: Launch) -> FlexTensor {
        values
    }
}

impl LeakyReluGradients for Flex {
    fn leaky_relu_gradient(x: FlexTensor, gradient: FlexTensor, _launch: Launch) -> FlexTensor {
        combine(x, gradient, |x, gradient| if x > 0.0 { gradient } else { SLOPE * gradient })
    }
}
