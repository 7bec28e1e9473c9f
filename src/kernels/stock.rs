//! The choice between this crate's kernels and the same operations composed of burn's own, as an oracle: tests take steps
//! both ways and compare them. It is not what speed is compared with; that is `benches/stock`.

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;

use super::cpu::is_cpu;

static CHOSEN: AtomicBool = AtomicBool::new(false);

/// Whether operations are composed of stock ones from now on, on every device, in the whole process. Only tests call this.
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
