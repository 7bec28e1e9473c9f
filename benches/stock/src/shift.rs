//! Shifts of whole images by padding and a gather, as in PyTorch's DiffAugment.

use burn::tensor::{Device, Int, Tensor, TensorData};

/// Shifts images of one size by up to an eighth of their side.
#[derive(Debug, Clone)]
pub struct Shift {
    size: usize,
    reach: usize,
    /// The positions of an unshifted image's pixels in the padded image, `[1, size * size]`.
    places: Tensor<2, Int>,
}

impl Shift {
    /// Shifts of images of `size` pixels.
    pub fn new(size: usize, device: &Device) -> Self {
        let reach = Self::reach(size);
        let padded = size + 2 * reach;
        let places = (0..size * size).map(|pixel| ((pixel / size + reach) * padded + pixel % size + reach) as i32);
        let places = TensorData::new(places.collect::<Vec<i32>>(), [1, size * size]);
        Self { size, reach, places: Tensor::from_data(places, device) }
    }

    /// The largest shift of images of `size` pixels: an eighth of their side, rounded.
    pub fn reach(size: usize) -> usize {
        (size + 4) / 8
    }

    /// Takes row `i` from row `i + down` and column `j` from column `j - right`. `amounts` `[batch, 2]` holds `down`
    /// and `right` of each image. Pixels that are shifted in are 0, mid grey.
    pub fn apply(&self, images: Tensor<4>, amounts: Tensor<2, Int>) -> Tensor<4> {
        let [batch, channels, size, _] = images.dims();
        let padded = size + 2 * self.reach;
        let (down, right) = (amounts.clone().narrow(1, 0, 1), amounts.narrow(1, 1, 1));
        let places = self.places.clone() + (down * padded as i64 - right);
        let places = places.unsqueeze_dim::<3>(1).expand([batch, channels, size * size]);
        let images = images.pad([(self.reach, self.reach); 2], 0.0).flatten::<3>(2, 3);
        images.gather(2, places).reshape([batch, channels, self.size, self.size])
    }
}
