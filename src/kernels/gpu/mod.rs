//! The operations on GPUs: launches of the kernels in `shaders/`.

mod conv2d;
