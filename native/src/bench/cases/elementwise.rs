//! Activations and the enlarged sums.

use burn::tensor::Tensor;
use slgan::kernels::add_enlarged::{Enlargement, add_enlarged};
use slgan::kernels::leaky_relu::leaky_relu;
use slgan::kernels::tanh::tanh;
use slgan_stock::ops;

use super::bench::{Bench, Case, backward, forward, lifted};

/// An operation on a tracked tensor.
fn on(x: &Tensor<4>, operation: fn(Tensor<4>) -> Tensor<4>) -> impl Fn() -> Tensor<4> + Clone + use<> {
    let x = x.clone();
    move || operation(lifted(&x, true))
}

/// A sum with a tracked second summand.
fn sum(
    [h, s]: &[Tensor<4>; 2],
    operation: fn(Tensor<4>, Tensor<4>) -> Tensor<4>,
) -> impl Fn() -> Tensor<4> + Clone + use<> {
    let (h, s) = (h.clone(), s.clone());
    move || operation(lifted(&h, false), lifted(&s, true))
}

impl Bench {
    pub fn elementwise(&self) -> Vec<Case> {
        let mut cases = self.activations();
        cases.extend(self.sums());
        cases
    }

    fn activations(&self) -> Vec<Case> {
        let size = self.sizes.image_size;
        let features = [2 * self.batch, self.sizes.trunk_widths[0], size / 2, size / 2];
        let images = [self.batch, self.sizes.channels, size, size];
        let [count, pixels] = [features, images].map(|shape| shape.iter().product::<usize>());
        let (x, z) = (self.draw(features), self.draw(images));
        let (leak, stock_leak) = (on(&x, leaky_relu), on(&x, ops::leaky_relu));
        let (bound, stock_bound) = (on(&z, tanh), on(&z, ops::tanh));
        let (bounded, stock_bounded) = (forward(bound.clone()), forward(stock_bound.clone()));
        let (leaked, stock_leaked) = (forward(leak.clone()), forward(stock_leak.clone()));
        let (leak, stock_leak) = (backward(leak), backward(stock_leak));
        vec![
            self.case("leaky_relu", features, [count, 2 * count], leaked, stock_leaked),
            self.case("leaky_relu_gradient", features, [count, 3 * count], leak, stock_leak),
            self.case("tanh", images, [20 * pixels, 2 * pixels], bounded, stock_bounded),
            self.case("tanh_gradient", images, [3 * pixels, 3 * pixels], backward(bound), backward(stock_bound)),
        ]
    }

    fn sums(&self) -> Vec<Case> {
        let nearest = [|h, s| add_enlarged(h, s, Enlargement::Nearest), ops::add_enlarged];
        let bilinear = [|h, s| add_enlarged(h, s, Enlargement::Bilinear), ops::add_enlarged_bilinear];
        let mut cases = self.sum_cases(["add_enlarged", "add_enlarged_gradient"], [4, 4], nearest);
        cases.extend(self.sum_cases(["add_enlarged_bilinear", "add_enlarged_bilinear_gradient"], [22, 15], bilinear));
        cases
    }

    /// Ours and stock's of an enlarged sum and its gradient, with their operations per pixel of the small image.
    fn sum_cases(
        &self,
        [name, gradient_name]: [&'static str; 2],
        [work, gradient_work]: [usize; 2],
        operations: [fn(Tensor<4>, Tensor<4>) -> Tensor<4>; 2],
    ) -> Vec<Case> {
        let size = self.sizes.image_size;
        let large = [self.batch, self.last_width(), size, size];
        let small = [self.batch, self.last_width(), size / 2, size / 2];
        let [count, pixels] = [large, small].map(|shape| shape.iter().product::<usize>());
        let summands = [self.draw(large), self.draw(small)];
        let [add, stock_add] = operations.map(|operation| sum(&summands, operation));
        let (added, stock_added) = (forward(add.clone()), forward(stock_add.clone()));
        let (add, stock_add) = (backward(add), backward(stock_add));
        vec![
            self.case(name, large, [work * pixels, 2 * count + pixels], added, stock_added),
            self.case(gradient_name, large, [gradient_work * pixels, count + pixels], add, stock_add),
        ]
    }
}
