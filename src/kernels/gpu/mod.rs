//! The operations on GPUs: launches of the kernels in `shaders/`.

mod adam;
mod add_enlarged;
mod batch;
mod batch_norm;
mod conv2d;
mod diff_augment;
mod leaky_relu;
mod losses;
mod self_label;
mod spectral_norm;
mod tanh;

use super::shader::Shader;

/// Every kernel with constants as they occur, for those who want to look at all of them.
pub fn variants() -> Vec<Shader> {
    [
        adam::variants(),
        add_enlarged::variants(),
        batch::variants(),
        batch_norm::variants(),
        conv2d::variants(),
        diff_augment::variants(),
        leaky_relu::variants(),
        losses::variants(),
        self_label::variants(),
        spectral_norm::variants(),
        tanh::variants(),
    ]
    .concat()
}
