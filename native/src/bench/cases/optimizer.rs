//! Adam, moving averages, shared buffers and spectral normalisation, for whole networks.

use std::rc::Rc;

use burn::tensor::Tensor;
use slgan::kernels::adam::average::average;
use slgan::kernels::adam::{AdamSettings, AdamStep, adam};
use slgan::kernels::pack::{Places, pack};
use slgan::kernels::spectral_norm::{Matrices, SingularVectors, power_iteration, spectral_norm, weight_gradients};
use slgan_stock::{ops, spectral};

use super::bench::{Bench, Case, Prepare, Prepared, forward, lifted};

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
        let sizes: Vec<usize> = widths.windows(2).flat_map(|pair| [9 * pair[0] * pair[1], pair[1]]).collect();
        let places = Places::new(&sizes);
        let shape = [places.total()];
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
        let tensors: Vec<Tensor<1>> = sizes.iter().map(|&size| self.draw([size])).collect();
        let stock_tensors = tensors.clone();
        let packed = forward(move || pack(tensors.clone(), &places));
        let stock_packed = forward(move || Tensor::cat(stock_tensors.clone(), 0));
        vec![
            self.case("adam", shape, [14 * count, 9 * count], ours, stock),
            self.case("adam_average", shape, [3 * count, 3 * count], moved, stock_moved),
            self.case("pack", shape, [0, 2 * count], packed, stock_packed),
        ]
    }

    /// The operations of all layers of the trunk at once. Each has several kernels, and the case the name of the last.
    pub fn spectral(&self) -> Vec<Case> {
        let shapes: Vec<[usize; 4]> =
            self.sizes.trunk_channels().into_iter().map(|[inputs, outputs]| [outputs, inputs, 3, 3]).collect();
        let layers: Rc<[Layer]> = shapes.iter().map(|&shape| Layer::new(self, shape)).collect();
        let places = Places::new(&shapes.iter().map(|shape| shape.iter().product()).collect::<Vec<_>>());
        let offsets = places.offsets().iter().copied();
        let matrices = Rc::new(Matrices::new(&offsets.zip(shapes.iter().map(|s| s.to_vec())).collect::<Vec<_>>()));
        let flat = |tensor: fn(&Layer) -> Tensor<1>, places| pack(layers.iter().map(tensor).collect(), places);
        let weights = flat(|layer| layer.weight.clone().flatten(0, 3), &places);
        let vectors = SingularVectors {
            left: flat(|layer| layer.left.clone(), matrices.lefts()),
            right: flat(|layer| layer.right.clone(), matrices.rights()),
        };
        let count = places.total();

        let (w, u, m) = (weights.clone(), vectors.left.clone(), Rc::clone(&matrices));
        let iterated = forward(move || power_iteration(w.clone(), u.clone(), &m));
        let (w, v, m) = (weights.clone(), vectors.clone(), Rc::clone(&matrices));
        let divided = forward(move || spectral_norm(w.clone(), &v, &m));
        let sigmas = spectral_norm(weights.clone(), &vectors, &matrices).sigmas;
        let slopes = weights.clone();
        let pulled_back: Prepare = Box::new(move || -> Prepared {
            // A step holds its gradients alone.
            let (w, v, s, m) = (weights.clone(), vectors.clone(), sigmas.clone(), Rc::clone(&matrices));
            let slopes = slopes.clone() * 1.0;
            Box::new(move || Box::new(weight_gradients(w, &v, s, slopes, &m)))
        });
        let (one, two, three) = (Rc::clone(&layers), Rc::clone(&layers), layers);
        let stock_iterated = forward(move || one.iter().map(Layer::stock_iteration).collect::<Vec<_>>());
        let stock_divided = forward(move || two.iter().map(|layer| layer.stock_norm(false)).collect::<Vec<_>>());
        let stock_pulled_back: Prepare = Box::new(move || -> Prepared {
            let divided: Vec<Tensor<4>> = three.iter().map(|layer| layer.stock_norm(true)).collect();
            Box::new(move || Box::new(divided.into_iter().map(|weight| weight.backward()).collect::<Vec<_>>()))
        });
        vec![
            self.case("spectral_norm_unit", &shapes, [4 * count, count], iterated, stock_iterated),
            self.case("spectral_norm_scale", &shapes, [3 * count, 2 * count], divided, stock_divided),
            self.case("spectral_norm_gradient", &shapes, [5 * count, 3 * count], pulled_back, stock_pulled_back),
        ]
    }
}

/// A weight with its vectors.
struct Layer {
    weight: Tensor<4>,
    left: Tensor<1>,
    right: Tensor<1>,
}

impl Layer {
    fn new(bench: &Bench, shape: [usize; 4]) -> Self {
        let [rows, inputs, height, width] = shape;
        let (left, right) = (bench.draw([rows]), bench.draw([inputs * height * width]));
        Self { weight: bench.draw(shape), left, right }
    }

    fn stock_iteration(&self) -> (Tensor<1>, Tensor<1>) {
        spectral::power_iteration(self.weight.clone().flatten(1, 3), self.left.clone())
    }

    /// The divided weight, tracked or not.
    fn stock_norm(&self, is_tracked: bool) -> Tensor<4> {
        let [left, right] = [&self.left, &self.right].map(|vector| lifted(vector, false));
        ops::normalized(lifted(&self.weight, is_tracked), left, right)
    }
}
