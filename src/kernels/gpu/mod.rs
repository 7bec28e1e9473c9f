//! The operations on GPUs: launches of the kernels in `shaders/`.

mod conv2d;

use super::shader::Shader;

/// Every kernel with constants as they occur, for those who want to look at all of them.
pub fn variants() -> Vec<Shader> {
    [conv2d::variants()].into_iter().flatten().collect()
}
