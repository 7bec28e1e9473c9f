//! Where NaN goes, which the comparison with burn's operations does not show.

use burn::tensor::{Device, Tensor, TensorData};

use super::batch_norm_relu;
use crate::rng::{Purpose, stream};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[test]
fn nan_stays_in_its_channel() {
    let device = Device::flex();
    let mut x = stream(3, Purpose::Test, 0).normals(2 * 3 * 4);
    x[5] = f32::NAN;
    let x = Tensor::<4>::from_data(TensorData::new(x, [2, 3, 2, 2]), &device);
    let (y, mean, _) = batch_norm_relu(x, Tensor::ones([1, 3], &device), Tensor::zeros([1, 3], &device));
    assert_eq!(values(mean).iter().map(|x| x.is_nan()).collect::<Vec<_>>(), [false, true, false]);
    for (index, y) in values(y).iter().enumerate() {
        assert_eq!(y.is_nan(), index / 4 % 3 == 1, "element {index}");
    }
}
