//! The choice between this crate's kernels and burn's stock operations, for comparisons of the two.

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;

use super::cpu::is_cpu;

static CHOSEN: AtomicBool = AtomicBool::new(false);

/// Whether operations are composed of stock ones from now on, on every device. Training never calls this.
pub fn choose(stock: bool) {
    CHOSEN.store(stock, Ordering::Relaxed);
}

/// Whether the kernels of `shaders/` serve a device: a GPU, unless stock operations are chosen.
pub(super) fn leaves_to_kernels(device: &Device) -> bool {
    !is_chosen() && !is_cpu(device)
}

/// Whether stock operations are chosen.
pub fn is_chosen() -> bool {
    CHOSEN.load(Ordering::Relaxed)
}
