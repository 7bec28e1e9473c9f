//! Adam, moving averages and spectral normalisation, for the largest weights of their networks.

use burn::tensor::Tensor;
use slgan::kernels::adam::average::average;
use slgan::kernels::adam::{AdamSettings, AdamStep, adam};
use slgan::kernels::spectral_norm::{power_iteration, spectral_norm};
use slgan_stock::{ops, spectral};

use super::bench::{Bench, Case, Prepare, Prepared, backward, forward, lifted};

const BETAS: [f32; 2] = [0.9, 0.999];
const LEARNING_RATE: f64 = 1e-3;
const DECAY: f64 = 0.99;

/// Value, gradient, both moments and average of a parameter.
type Parameter = [Tensor<1>; 5];

/// A call as in a step: it alone holds the gradient and the moments. With our optimiser, the networks also hold value
/// and average; stock's optimiser takes the network itself.
fn as_in_a_step<T: 'static>(
    held: Parameter,
    networks_hold: bool,
    work: impl Fn(Parameter) -> T + Clone + 'static,
) -> Prepare {
    Box::new(move || -> Prepared {
        let [value, .., average] = held.clone();
        let [own_value, gradient, first, second, own_average] = held.clone().map(|tensor| tensor * 1.0);
        let [value, average] = if networks_hold { [value, average] } else { [own_value, own_average] };
        let work = work.clone();
        Box::new(move || Box::new(work([value, gradient, first, second, average])))
    })
}

impl Bench {
    pub fn optimizer(&self) -> Vec<Case> {
        let widths = &self.sizes.generator_widths;
        let shape = [9 * widths[0] * widths[1]];
        let [count] = shape;
        let [value, gradient, first, old] = [(); 4].map(|()| self.draw(shape));
        let held = [value.clone(), gradient, first, self.draw(shape).square(), old.clone()];
        let [beta_1, beta_2] = BETAS.map(f64::from);
        let settings = AdamSettings { learning_rate: LEARNING_RATE, beta_1, beta_2, weight_decay: 0.0, update: 3 };
        // A step makes this once for all parameters of a network, so the case does not time it.
        let step = AdamStep::new(settings, DECAY, &value.device());
        let ours = as_in_a_step(held.clone(), true, move |[value, gradient, first, second, old]| {
            adam(value, gradient, [first, second], Some(old), &step)
        });
        let stock = as_in_a_step(held, false, |[value, gradient, first, second, old]| {
            let parameter = ops::Moments { value, moments: [first, second], updates: 2 };
            let (value, state) = ops::adam_step(&ops::adam(BETAS), LEARNING_RATE, parameter, gradient);
            (ops::average(old, value.clone(), DECAY), value, state)
        });
        let (stock_value, stock_old) = (value.clone(), old.clone());
        let moved = forward(move || average(old.clone(), value.clone(), DECAY));
        let stock_moved = forward(move || ops::average(stock_old.clone(), stock_value.clone(), DECAY));
        vec![
            self.case("adam", shape, [14 * count, 9 * count], ours, stock),
            self.case("adam_average", shape, [3 * count, 3 * count], moved, stock_moved),
        ]
    }

    pub fn spectral(&self) -> Vec<Case> {
        let channels = self.sizes.trunk_channels();
        let [inputs, outputs] = channels[channels.len() - 1];
        let shape = [outputs, inputs, 3, 3];
        let count = shape.iter().product::<usize>();
        let (weight, left, right) = (self.draw(shape), self.draw([outputs]), self.draw([9 * inputs]));
        let (plain, vector) = (weight.clone(), left.clone());
        let iterated = forward(move || power_iteration(plain.clone(), vector.clone()));
        let (plain, vector) = (weight.clone(), left.clone());
        let stock_iterated = forward(move || spectral::power_iteration(plain.clone().flatten(1, 3), vector.clone()));
        let inputs = move || {
            let vectors: [Tensor<1>; 2] = [&left, &right].map(|vector| lifted(vector, false));
            (lifted(&weight, true), vectors)
        };
        let given = inputs.clone();
        let ours = move || {
            let (weight, [left, right]): (Tensor<4>, _) = given();
            spectral_norm(weight, left, right)
        };
        let stock = move || {
            let (weight, [left, right]) = inputs();
            ops::normalized(weight, left, right)
        };
        let (scaled, stock_scaled) = (forward(ours.clone()), forward(stock.clone()));
        vec![
            self.case("spectral_norm_iterate", shape, [4 * count, count], iterated, stock_iterated),
            self.case("spectral_norm_scale", shape, [3 * count, 2 * count], scaled, stock_scaled),
            self.case("spectral_norm_gradient", shape, [5 * count, 3 * count], backward(ours), backward(stock)),
        ]
    }
}
