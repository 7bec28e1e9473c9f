//! Batch normalisation with ReLU, plain and conditional.
//!
//! `batch_norm_relu` includes the statistics. Stock's backward pass always computes all gradients; ours computes only
//! those of tracked tensors.

use burn::backend::Dispatch;
use burn::tensor::Tensor;
use slgan::kernels::batch_norm::{ChannelStatisticsOps, batch_norm_relu_with};
use slgan::kernels::launch::Launch;
use slgan_stock::ops;

use super::bench::{Bench, Case, backward, forward, lifted};

impl Bench {
    pub fn normalization(&self) -> Vec<Case> {
        let side = self.sizes.image_size;
        let shape = [self.batch, self.last_width(), side, side];
        let mut cases = vec![self.statistics(shape)];
        cases.extend(self.plain(shape));
        cases.extend(self.conditional(shape));
        cases
    }

    fn statistics(&self, shape: [usize; 4]) -> Case {
        let count = shape.iter().product();
        let x = self.draw(shape);
        let y = x.clone();
        let launch = Launch::of(self.class);
        let ours = move || <Dispatch as ChannelStatisticsOps>::channel_statistics(x.clone().into_dispatch(), launch);
        let stock = move || ops::channel_statistics(y.clone());
        self.case("batch_norm_statistics", shape, [4 * count, count], forward(ours), forward(stock))
    }

    fn plain(&self, shape: [usize; 4]) -> Vec<Case> {
        let (channels, launch) = (shape[1], Launch::of(self.class));
        let x = self.draw(shape);
        // Each has its own memory, as bindings require.
        let parameters = [(); 2].map(|()| self.draw([channels]));
        let norms = [false, true].map(|is_tracked| {
            let [scale, shift] = parameters.each_ref().map(|row| lifted(row, is_tracked));
            ops::batch_norm(scale, shift)
        });
        let y = x.clone();
        let ours = move |[tracks_x, tracks_parameters]: [bool; 2]| {
            let [scale, shift] = parameters.each_ref().map(|row| lifted(row, tracks_parameters).unsqueeze());
            batch_norm_relu_with(lifted(&x, tracks_x), scale, shift, launch).0
        };
        let stock = move |[tracks_x, tracks_parameters]: [bool; 2]| {
            ops::batch_norm_relu(&norms[usize::from(tracks_parameters)], lifted(&y, tracks_x))
        };
        self.rows(shape, "plain", ours, stock)
    }

    fn conditional(&self, shape: [usize; 4]) -> Vec<Case> {
        let [batch, channels, ..] = shape;
        let (x, launch) = (self.draw(shape), Launch::of(self.class));
        let parameters = [(); 2].map(|()| self.draw([batch, channels]));
        let ones = Tensor::<1>::ones([channels], &self.device).autodiff();
        let norm = ops::batch_norm(ones.clone(), ones.zeros_like());
        let inputs = move |[tracks_x, tracks_parameters]: [bool; 2]| {
            let [scale, shift] = parameters.each_ref().map(|rows| lifted(rows, tracks_parameters));
            (lifted(&x, tracks_x), scale, shift)
        };
        let given = inputs.clone();
        let ours = move |tracks| {
            let (x, scale, shift) = given(tracks);
            batch_norm_relu_with(x, scale, shift, launch).0
        };
        let stock = move |tracks| {
            let (x, scale, shift) = inputs(tracks);
            ops::conditional_batch_norm_relu(&norm, x, scale, shift)
        };
        self.rows(shape, "conditional", ours, stock)
    }

    /// Forward pass and both gradients. The functions take whether the input and the parameters are tracked.
    fn rows(
        &self,
        shape: [usize; 4],
        kind: &str,
        ours: impl Fn([bool; 2]) -> Tensor<4> + Clone + 'static,
        stock: impl Fn([bool; 2]) -> Tensor<4> + Clone + 'static,
    ) -> Vec<Case> {
        let count: usize = shape.iter().product();
        let (label, input, parameters) = ((shape, kind), [true, false], [false, true]);
        let passes = |tracks| {
            let (ours, stock) = (ours.clone(), stock.clone());
            (backward(move || ours(tracks)), backward(move || stock(tracks)))
        };
        let ((x, stock_x), (scale, stock_scale)) = (passes(input), passes(parameters));
        let (ours, stock) = (forward(move || ours([false; 2])), forward(move || stock([false; 2])));
        vec![
            self.case("batch_norm_relu", label, [4 * count, 2 * count], ours, stock),
            self.case("batch_norm_parameter_gradient", label, [5 * count, 2 * count], scale, stock_scale),
            self.case("batch_norm_input_gradient", label, [8 * count, 3 * count], x, stock_x),
        ]
    }
}
