//! Losses of a shard whose denominators are those of the whole batch.

use burn::tensor::{Device, Tensor};

use crate::kernels::launch::Launch;
use crate::kernels::losses::{Hinge, hinge_loss_with};

/// The shares of a batch's weights, of real and of generated images, that a shard has. A weighted mean over the shard,
/// times its share, is what the shard adds to the weighted mean over the batch.
#[derive(Debug, Clone)]
pub struct Share {
    /// `[1]`.
    real: Tensor<1>,
    /// `[1]`.
    generated: Tensor<1>,
}

impl Share {
    /// The share of each of `shards` shards of equal weights.
    pub fn equal(shards: usize, device: &Device) -> Self {
        let share = Tensor::full([1], 1.0 / shards as f64, device);
        Self { real: share.clone(), generated: share }
    }

    /// The share of weights with these totals, `[2]`: of real and of generated images. If all weights of a batch are 0,
    /// so is the share. Weights are 0 or 1, so totals are exact in any order.
    pub fn of(own: Tensor<1>, whole: Tensor<1>) -> Self {
        let shares = own / whole.clamp_min(1.0);
        Self { real: shares.clone().narrow(0, 0, 1), generated: shares.narrow(0, 1, 1) }
    }

    /// What scores `[2 batch, 1]` with these weights add to the hinge loss of the whole batch.
    pub fn discriminator_loss(
        &self,
        scores: &Tensor<2>,
        weights: &Tensor<2>,
        batch: usize,
        launch: Launch,
    ) -> Tensor<1> {
        let half = |tensor: &Tensor<2>, first: usize| tensor.clone().narrow(0, first, batch);
        let loss = |first: usize, real: usize| {
            let hinge = Hinge::Discriminator { real };
            hinge_loss_with(half(scores, first), half(weights, first), hinge, launch)
        };
        let (real, generated) = (loss(0, batch), loss(batch, 0));
        self.of_real(real) + self.of_generated(generated)
    }

    /// What a mean over real images adds to that of the whole batch.
    pub fn of_real(&self, mean: Tensor<1>) -> Tensor<1> {
        mean * self.real.clone().autodiff()
    }

    /// What a mean over generated images adds to that of the whole batch.
    pub fn of_generated(&self, mean: Tensor<1>) -> Tensor<1> {
        mean * self.generated.clone().autodiff()
    }
}
