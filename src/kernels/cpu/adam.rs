//! Adam and moving averages on the CPU, in place: burn copies first what somebody else still holds.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::simd::vectorized;
use super::tensor::{contiguous, elements};
use crate::kernels::adam::{AdamOps, EPSILON};
use crate::kernels::average::AverageOps;

impl AdamOps for Flex {
    fn update(
        value: FlexTensor,
        gradient: FlexTensor,
        first: FlexTensor,
        second: FlexTensor,
        average: FlexTensor,
        numbers: FlexTensor,
        averaged: bool,
    ) -> (FlexTensor, FlexTensor, FlexTensor, FlexTensor) {
        let [gradient, numbers] = [gradient, numbers].map(contiguous);
        let numbers = Numbers::new(elements(&numbers));
        let [mut value, mut first, mut second] = [value, first, second].map(|tensor| tensor.to_contiguous());
        let moments = [first.storage_mut(), second.storage_mut()];
        update(value.storage_mut(), elements(&gradient), moments, numbers);
        let average = if averaged { moved(average, &value, numbers.decay) } else { average };
        (value, first, second, average)
    }
}

impl AverageOps for Flex {
    fn move_average(average: FlexTensor, value: FlexTensor, decay: FlexTensor) -> FlexTensor {
        moved(average, &contiguous(value), elements(&contiguous(decay))[0])
    }
}

/// An average after it has followed a contiguous value.
fn moved(average: FlexTensor, value: &FlexTensor, decay: f32) -> FlexTensor {
    let mut average = average.to_contiguous();
    follow(average.storage_mut(), elements(value), decay);
    average
}

/// What the update of an element needs.
#[derive(Clone, Copy)]
struct Numbers {
    beta_1: f32,
    rest_1: f32,
    beta_2: f32,
    rest_2: f32,
    /// The learning rate over the first moment's bias correction.
    rate: f32,
    /// The inverse square root of the second moment's.
    root: f32,
    /// Of the average.
    decay: f32,
}

impl Numbers {
    /// Those of [`AdamOps::update`], without weight decay.
    fn new(numbers: &[f32]) -> Self {
        let [rate, root, _, decay, beta_1, rest_1, beta_2, rest_2] =
            *<&[f32; 8]>::try_from(numbers).expect("the eight numbers of an update");
        Self { beta_1, rest_1, beta_2, rest_2, rate, root, decay }
    }

    /// Where beta 1 is 0, what the moment was does not matter, NaN neither.
    #[inline(always)]
    fn first(&self, moment: f32, gradient: f32) -> f32 {
        if self.beta_1 == 0.0 { gradient } else { self.beta_1 * moment + self.rest_1 * gradient }
    }
}

/// The numbers are the loop's own: behind a reference, they might change with every element for all the compiler knows.
fn update(value: &mut [f32], gradient: &[f32], [first, second]: [&mut [f32]; 2], numbers: Numbers) {
    vectorized(move || {
        for (((value, gradient), first), second) in value.iter_mut().zip(gradient).zip(first).zip(second) {
            *first = numbers.first(*first, *gradient);
            *second = numbers.beta_2 * *second + numbers.rest_2 * (gradient * gradient);
            *value -= *first * numbers.rate / (second.sqrt() * numbers.root + EPSILON as f32);
        }
    });
}

fn follow(average: &mut [f32], value: &[f32], decay: f32) {
    vectorized(move || {
        for (average, value) in average.iter_mut().zip(value) {
            *average = decay * *average + (1.0 - decay) * value;
        }
    });
}
