//! DiffAugment (Zhao et al. 2020, section 3), composed of tensor operations. The default step does not use it.

use burn::tensor::{Int, Tensor};

use crate::shift::Shift;

/// How the images of a batch are changed.
#[derive(Debug, Clone)]
pub struct Augmentation {
    /// Brightness, saturation and contrast, each `[batch, 1, 1, 1]`.
    pub colors: [Tensor<4>; 3],
    /// Shifts down and right, `[batch, 2]`.
    pub shifts: Tensor<2, Int>,
    /// 0 where a square is cut out, `[batch, 1, size, size]`.
    pub kept: Tensor<4>,
    /// Shifts images of this size.
    pub shift: Shift,
}

impl Augmentation {
    /// Changes `[batch, channels, size, size]`.
    pub fn apply(&self, images: Tensor<4>) -> Tensor<4> {
        let [brightness, saturation, contrast] = self.colors.clone();
        let x = images + brightness;
        let grey = x.clone().mean_dim(1);
        let x = (x - grey.clone()) * saturation + grey;
        let mean = x.clone().mean_dim(3).mean_dim(2).mean_dim(1);
        let x = (x - mean.clone()) * contrast + mean;
        self.shift.apply(x, self.shifts.clone()) * self.kept.clone()
    }
}
