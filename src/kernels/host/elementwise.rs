//! Elementwise functions. The loops copy them: otherwise the compiler would fetch the numbers that they capture for
//! every element, and could not use vectors.

use burn::backend::flex::FlexTensor;

use super::fresh::written;
use super::tensor::{contiguous, elements, tensor};

/// Elements that one piece of work covers.
const PIECE: usize = 1 << 15;

/// `f` of each element.
pub fn map(x: FlexTensor, f: impl Fn(f32) -> f32 + Copy + Send + Sync) -> FlexTensor {
    let shape = x.layout().shape().clone();
    let x = contiguous(x);
    let x = elements(&x);
    let out = written(x.len(), PIECE, |index, out| out.extend(x[index * PIECE..].iter().map(move |&x| f(x))));
    tensor(out, shape)
}

/// `f` of corresponding elements of two tensors of one shape.
pub fn combine(a: FlexTensor, b: FlexTensor, f: impl Fn(f32, f32) -> f32 + Copy + Send + Sync) -> FlexTensor {
    let shape = a.layout().shape().clone();
    let [a, b] = [a, b].map(contiguous);
    let (a, b) = (elements(&a), elements(&b));
    let out = written(a.len(), PIECE, |index, out| {
        let inputs = a[index * PIECE..].iter().zip(&b[index * PIECE..]);
        out.extend(inputs.map(move |(&a, &b)| f(a, b)));
    });
    tensor(out, shape)
}
