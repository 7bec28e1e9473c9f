//! Adam and moving averages on the CPU. burn copies a tensor before a write if someone else holds it.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::adam::average::AverageOps;
use crate::kernels::adam::{AdamOps, EPSILON, Parameter};
use crate::kernels::host::elementwise::combine;
use crate::kernels::host::parallel::for_each_piece;
use crate::kernels::host::simd::vectorized;
use crate::kernels::host::strict::{normal, settled};
use crate::kernels::host::tensor::{contiguous, elements};
use crate::kernels::launch::Launch;

impl AdamOps for Flex {
    /// Overwrites the moments, and the gradient with the new parameter: networks hold the old parameter and the old
    /// average.
    fn adam(
        parameter: Parameter<Self>,
        gradient: FlexTensor,
        numbers: FlexTensor,
        has_average: bool,
        launch: Launch,
    ) -> Parameter<Self> {
        let Parameter { value, first_moment: first, second_moment: second, average } = parameter;
        let [value, numbers] = [value, numbers].map(contiguous);
        let [mut gradient, mut first, mut second] = [gradient, first, second].map(|tensor| tensor.to_contiguous());
        let numbers = Numbers::new(elements(&numbers));
        let update_piece: Update = if launch.is_strict() { update_strictly } else { update_piece };
        let moments = [first.storage_mut(), second.storage_mut()];
        update(elements(&value), gradient.storage_mut(), moments, numbers, update_piece);
        let average = if has_average { moved(average, gradient.clone(), numbers.decay, launch) } else { average };
        Parameter { value: gradient, first_moment: first, second_moment: second, average }
    }
}

impl AverageOps for Flex {
    fn average(
        average: FlexTensor,
        value: FlexTensor,
        numbers: FlexTensor,
        place: usize,
        launch: Launch,
    ) -> FlexTensor {
        moved(average, value, elements(&contiguous(numbers))[place], launch)
    }
}

/// An average after it has followed a value.
fn moved(average: FlexTensor, value: FlexTensor, decay: f32, launch: Launch) -> FlexTensor {
    let moved = move |average: f32, value: f32| decay * average + (1.0 - decay) * value;
    if launch.is_strict() {
        return combine(average, value, move |average, value| settled(moved(average, value)));
    }
    combine(average, value, moved)
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
    /// The inverse square root of the second moment's bias correction.
    root: f32,
    /// Fraction of a value that weight decay subtracts.
    decayed: f32,
    /// Decay of the average.
    decay: f32,
}

impl Numbers {
    /// From the numbers of [`AdamOps::adam`].
    fn new(numbers: &[f32]) -> Self {
        let [rate, root, decayed, decay, beta_1, rest_1, beta_2, rest_2] =
            *<&[f32; 8]>::try_from(numbers).expect("the eight numbers of an update");
        Self { beta_1, rest_1, beta_2, rest_2, rate, root, decayed, decay }
    }

    /// What weight decay subtracts. Without weight decay that is 0, even for infinity.
    #[inline(always)]
    fn taken(&self, value: f32) -> f32 {
        if self.decayed == 0.0 { 0.0 } else { self.decayed * value }
    }

    /// If beta 1 is 0, the old moment does not matter, even if it is NaN.
    #[inline(always)]
    fn first(&self, moment: f32, gradient: f32) -> f32 {
        if self.beta_1 == 0.0 { gradient } else { self.beta_1 * moment + self.rest_1 * gradient }
    }
}

/// Elements that one piece of work covers.
const PIECE: usize = 1 << 15;

/// Updates a piece: value, gradient and both moments.
type Update = fn(&[f32], &mut [f32], &mut [f32], &mut [f32], Numbers);

/// Moves both moments, and puts the new value in the gradient's place.
fn update(
    value: &[f32],
    gradient: &mut [f32],
    [first, second]: [&mut [f32]; 2],
    numbers: Numbers,
    update_piece: Update,
) {
    let moments = first.chunks_mut(PIECE).zip(second.chunks_mut(PIECE));
    let mut pieces: Vec<_> = value.chunks(PIECE).zip(gradient.chunks_mut(PIECE)).zip(moments).collect();
    for_each_piece(&mut pieces, 1, |_, pieces| {
        for ((value, gradient), (first, second)) in pieces {
            update_piece(value, gradient, first, second, numbers);
        }
    });
}

/// Takes the numbers by value: the compiler must assume that numbers behind a reference may change.
fn update_piece(value: &[f32], gradient: &mut [f32], first: &mut [f32], second: &mut [f32], numbers: Numbers) {
    vectorized(move || {
        for (((value, gradient), first), second) in value.iter().zip(gradient).zip(first).zip(second) {
            *first = numbers.first(*first, *gradient);
            *second = numbers.beta_2 * *second + numbers.rest_2 * (*gradient * *gradient);
            let step = *first * numbers.rate / (second.sqrt() * numbers.root + EPSILON as f32);
            *gradient = value - (step + numbers.taken(*value));
        }
    });
}

/// The same in strict arithmetic.
fn update_strictly(value: &[f32], gradient: &mut [f32], first: &mut [f32], second: &mut [f32], numbers: Numbers) {
    vectorized(move || {
        for (((value, gradient), first), second) in value.iter().zip(gradient).zip(first).zip(second) {
            let slope = settled(*gradient);
            *first = if numbers.beta_1 == 0.0 { slope } else { normal(numbers.first(*first, slope)) };
            *second = normal(numbers.beta_2 * *second + normal(numbers.rest_2 * (slope * slope)));
            let step = *first * numbers.rate / (second.sqrt() * numbers.root + EPSILON as f32);
            *gradient = settled(value - (step + numbers.taken(*value)));
        }
    });
}
