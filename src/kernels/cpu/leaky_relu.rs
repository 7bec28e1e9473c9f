//! Leaky ReLU on the CPU.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::fresh::written;
use super::tensor::{contiguous, elements, tensor};
use crate::kernels::leaky_relu::{LeakyReluGradients, LeakyReluOps, SLOPE};

/// Elements that one piece of work covers.
const PIECE: usize = 1 << 14;

impl LeakyReluOps for Flex {
    fn leak(x: FlexTensor) -> FlexTensor {
        combine(x.clone(), x, |x, value| if x > 0.0 { value } else { SLOPE * value })
    }
}

impl LeakyReluGradients for Flex {
    fn leak_gradient(x: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        combine(x, gradient, |x, gradient| if x > 0.0 { gradient } else { SLOPE * gradient })
    }
}

/// `f` of corresponding elements.
fn combine(a: FlexTensor, b: FlexTensor, f: impl Fn(f32, f32) -> f32 + Send + Sync) -> FlexTensor {
    let shape = a.layout().shape().clone();
    let [a, b] = [a, b].map(contiguous);
    let (a, b) = (elements(&a), elements(&b));
    let out = written(a.len(), PIECE, |index, out| {
        let inputs = a[index * PIECE..].iter().zip(&b[index * PIECE..]);
        out.extend(inputs.map(|(&a, &b)| f(a, b)));
    });
    tensor(out, shape)
}
