//! The teacher: the moving average of the classifier, which labels real images.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::kernels::adam::average::average_by;
use crate::kernels::launch::Launch;
use crate::kernels::linear::mean_row;
use crate::kernels::self_label::{corrected, probabilities_with};
use crate::kernels::upload::upload;
use crate::nn::{Classifier, Initializer};

/// The averaged classifier, with the running mean of its probabilities on real images.
#[derive(Module, Debug)]
pub struct Teacher {
    /// The averaged classifier.
    pub classifier: Classifier,
    /// The running mean of its probabilities, `[1, labels]`.
    prior: Param<Tensor<2>>,
}

impl Teacher {
    /// A teacher that starts as `classifier`, with a uniform prior over `labels` labels.
    pub fn new(classifier: Classifier, labels: usize, init: &Initializer) -> Self {
        let uniform = Tensor::full([1, labels], 1.0 / labels as f64, init.device());
        Self { classifier, prior: init.constant(uniform) }
    }

    /// Logits `[batch, labels]` minus the log of the running mean of the probabilities. Generated images are uniform
    /// over the labels, so pseudo-labels should be too.
    pub fn corrected(&self, logits: Tensor<2>) -> Tensor<2> {
        corrected(logits, self.prior())
    }

    /// The running mean of the probabilities, `[1, labels]`.
    pub fn prior(&self) -> Tensor<2> {
        self.prior.val()
    }

    /// Moves the running mean towards the probabilities of the uncorrected `logits` `[batch, labels]` of real images.
    pub fn observe(&mut self, logits: Tensor<2>, decay: f64, launch: Launch) {
        let decay = upload(vec![decay as f32], [1], &logits.device());
        self.observe_by(logits, decay, launch);
    }

    /// [`Self::observe`] with a decay `[1]` on the device.
    pub fn observe_by(&mut self, logits: Tensor<2>, decay: Tensor<1>, launch: Launch) {
        let batch_mean = mean_row(probabilities_with(logits, launch), launch);
        let moved = average_by(self.prior.val(), batch_mean, decay, launch);
        self.prior = self.prior.clone().map(|_| moved);
    }
}

/// The decay of a moving average after `step` steps. It ramps up (`(1 + t) / (10 + t)`, Tarvainen & Valpola 2017,
/// section 3), so that the average soon forgets the first, random weights.
pub fn ramped(decay: f64, step: u64) -> f64 {
    decay.min((1.0 + step as f64) / (10.0 + step as f64))
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::config::Config;
    use crate::data::ImageShape;
    use crate::nn::Architecture;
    use crate::rng::{Purpose, stream};

    const LABELS: usize = 10;

    /// With `libm`, all platforms have the same prior.
    #[test]
    fn the_prior_has_the_bits_of_libms_exponentials() {
        let device = Device::flex();
        let init = Initializer::new(1, "classifier", &device);
        let architecture = Architecture::new(&Config::default(), ImageShape { channels: 1, size: 16 }, LABELS);
        let mut teacher = Teacher::new(Classifier::new(&architecture, &init), LABELS, &init);
        for image in 0..100 {
            let logits: Vec<f32> = stream(0, Purpose::Test, image).normals(LABELS).iter().map(|x| 3.0 * x).collect();
            teacher.observe(
                Tensor::from_data(TensorData::new(logits.clone(), [1, LABELS]), &device),
                0.0,
                Launch::default(),
            );
            let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let powers: Vec<f32> = logits.iter().map(|logit| libm::expf(logit - highest)).collect();
            let total: f32 = powers.iter().sum();
            let expected: Vec<f32> = powers.iter().map(|power| power / total).collect();
            let found: Vec<f32> = teacher.prior().into_data().iter().collect();
            assert_eq!(found, expected, "image {image}");
        }
    }
}
