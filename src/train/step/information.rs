//! What labels say about images: a loss that needs none.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;

/// The negative mutual information of images and labels, `[1]` in nats, of logits `[batch, labels]`: the mean entropy
/// of an image's probabilities, less the entropy of their mean (Bridle et al. 1991; Krause et al. 2010). It is lowest,
/// `-ln labels`, if every image surely has one label, and all labels are equally frequent.
pub(super) fn negative_information(logits: Tensor<2>) -> Tensor<1> {
    let logs = log_softmax(logits, 1);
    let shares = logs.clone().exp();
    let batch = shares.dims()[0] as f64;
    let each = (shares.clone() * logs).sum() / batch;
    let mean = shares.mean_dim(0);
    // No mean is 0: a label would need a logit about 100 below the highest, for every image.
    let together = (mean.clone() * mean.clamp_min(f32::MIN_POSITIVE).log()).sum();
    together - each
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn of(rows: &[[f32; 3]]) -> f64 {
        let data = TensorData::new(rows.concat(), [rows.len(), 3]);
        let loss = negative_information(Tensor::from_data(data, &Device::flex()));
        loss.into_data().iter::<f64>().next().unwrap()
    }

    /// The same in f64, from the definition.
    fn twin(rows: &[[f32; 3]]) -> f64 {
        let softmax = |row: &[f32; 3]| {
            let exps = row.map(|logit| f64::from(logit).exp());
            exps.map(|exp| exp / exps.iter().sum::<f64>())
        };
        let entropy = |shares: &[f64]| -shares.iter().map(|share| share * share.ln()).sum::<f64>();
        let shares: Vec<[f64; 3]> = rows.iter().map(softmax).collect();
        let count = rows.len() as f64;
        let mean: Vec<f64> = (0..3).map(|label| shares.iter().map(|row| row[label]).sum::<f64>() / count).collect();
        shares.iter().map(|row| entropy(row)).sum::<f64>() / count - entropy(&mean)
    }

    #[test]
    fn it_is_the_mean_entropy_less_that_of_the_mean() {
        let rows = [[0.3, -1.2, 2.0], [1.0, 1.5, -0.5], [-2.0, 0.0, 0.1], [4.0, -3.0, 0.7]];
        assert!((of(&rows) - twin(&rows)).abs() < 1e-6, "{} {}", of(&rows), twin(&rows));
    }

    #[test]
    fn it_is_lowest_for_sure_and_balanced_labels() {
        let sure = [[90.0, 0.0, 0.0], [0.0, 90.0, 0.0], [0.0, 0.0, 90.0]];
        assert!((of(&sure) + 3.0f64.ln()).abs() < 1e-5);
        // All images have one label, or none is sure: labels say nothing.
        assert!(of(&[[90.0, 0.0, 0.0]; 3]).abs() < 1e-5);
        assert!(of(&[[1.0, 1.0, 1.0]; 3]).abs() < 1e-6);
        assert!(of(&[[1000.0, 0.0, 0.0], [1000.0, 0.0, 0.0]]).is_finite());
    }
}
