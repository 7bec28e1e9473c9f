//! Whether a run fits into memory, judged before anything is made.

use anyhow::Result;
use slgan::nn::Architecture;
use slgan::train::task::Task;

use crate::failure::Usage;

/// Refuses a batch whose activations cannot fit.
///
/// # Errors
/// A wrong call that names the batch, what it would take and what there is.
pub fn check(task: &Task) -> Result<()> {
    let needed = task.config.batch as u64 * activation_bytes(&task.architecture());
    match available() {
        Some(available) if needed > available => Err(Usage::new(format!(
            "batch: {} images need about {} MB for activations, and {} MB of memory are free; use a smaller batch",
            task.config.batch,
            needed / 1_000_000,
            available / 1_000_000
        ))
        .into()),
        _ => Ok(()),
    }
}

/// A rough count for one image: every convolution's input and output, kept for the backward pass, a few times over.
fn activation_bytes(architecture: &Architecture) -> u64 {
    let generator = architecture.generator_widths.iter().enumerate().map(|(level, width)| {
        let side = architecture.base_size << level;
        width * side * side
    });
    let trunk = architecture.trunk_widths.iter().enumerate().map(|(level, width)| {
        let side = architecture.image.size >> level.min(3);
        width * side * side
    });
    const COPIES: u64 = 12;
    (generator.sum::<usize>() + 4 * trunk.sum::<usize>()) as u64 * COPIES * size_of::<f32>() as u64
}

/// Free memory in bytes, where the system tells.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}
