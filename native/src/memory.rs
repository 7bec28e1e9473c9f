//! Memory: whether a run fits, before anything is allocated; how much the process holds; and reuse of freed memory.

use anyhow::Result;
use slgan::nn::Architecture;
use slgan::nn::architecture::CLASSIFIER_KERNEL;
use slgan::train::task::Task;

use crate::failure::Usage;

/// Refuses a run whose weights, or a batch whose activations, cannot fit into free memory.
///
/// # Errors
/// If they do not fit: a wrong call, with the batch or the labels, the memory that they need and the free memory.
pub fn check_free(task: &Task) -> Result<()> {
    check_labels_free(task)?;
    /// The backward pass keeps activations, and adds gradients of the same size. Peak memory of `tiny` grows by half a
    /// megabyte per image; this factor gives a little more.
    const COPIES: u64 = 3;
    let elements: usize = layer_elements(&task.architecture()).iter().sum();
    let needed = COPIES * bytes(task.config.batch, elements);
    match available() {
        Some(free) if needed > free => Err(too_large(task, "activations", needed, free, "free memory is")),
        _ => Ok(()),
    }
}

/// Refuses labels and dimensions whose weights cannot fit into free memory.
fn check_labels_free(task: &Task) -> Result<()> {
    /// A weight with its gradient, two moments and average; a checkpoint holds four of them once more, and writes them.
    const COPIES: u64 = 13;
    let needed = COPIES * bytes(1, label_weights(&task.architecture()).iter().sum());
    match available() {
        Some(free) if needed > free => Err(too_many_labels(task, "their weights", needed, free, "free memory is")),
        _ => Ok(()),
    }
}

/// Refuses a batch with a layer, or labels with a weight, larger than the adapter's largest buffer.
///
/// # Errors
/// If one is too large: a wrong call, with the memory that it needs and the adapter's limit.
pub fn check_bindings(task: &Task, max_binding_bytes: Option<u64>) -> Result<()> {
    let largest_weight = bytes(1, label_weights(&task.architecture()).into_iter().max().unwrap_or(0));
    if let Some(limit) = max_binding_bytes.filter(|&limit| largest_weight > limit) {
        return Err(too_many_labels(task, "their largest weight", largest_weight, limit, "the adapter's limit is"));
    }
    let largest = layer_elements(&task.architecture()).into_iter().max().unwrap_or(0);
    // The discriminator sees real and generated images in one batch.
    let needed = bytes(2 * task.config.batch, largest);
    match max_binding_bytes {
        Some(limit) if needed > limit => {
            Err(too_large(task, "its largest layer", needed, limit, "the adapter's limit is"))
        }
        _ => Ok(()),
    }
}

fn too_large(task: &Task, what: &str, needed: u64, limit: u64, which: &str) -> anyhow::Error {
    let [needed, limit] = [needed, limit].map(|bytes| bytes.div_ceil(1_000_000));
    let batch = task.config.batch;
    Usage::new(format!(
        "batch: {batch} images need about {needed} MB for {what}, but {which} {limit} MB; use a smaller batch"
    ))
    .into()
}

fn too_many_labels(task: &Task, what: &str, needed: u64, limit: u64, which: &str) -> anyhow::Error {
    let [needed, limit] = [needed, limit].map(|bytes| bytes.div_ceil(1_000_000));
    let (labels, dim) = (task.subject.label_count, task.config.latent.dim);
    Usage::new(format!(
        "latent.artificial_labels: {labels} labels in {dim} dimensions need about {needed} MB for {what}, but {which} \
         {limit} MB; use --preset tiny, or --labels none with fewer latent.artificial_labels"
    ))
    .into()
}

fn bytes(batch: usize, elements: usize) -> u64 {
    batch as u64 * elements as u64 * size_of::<f32>() as u64
}

/// Elements of the weights that grow with labels and dimensions: of the generator's first layer and its norms, of the
/// discriminator's embedding, and of the classifier's last layer.
fn label_weights(architecture: &Architecture) -> [usize; 4] {
    let Architecture { generator_widths, base_size, label_count, latent_dim, .. } = architecture;
    let input = latent_dim * generator_widths[0] * base_size * base_size;
    let norms = if architecture.conditional { 4 * label_count * generator_widths.iter().sum::<usize>() } else { 0 };
    let features = [CLASSIFIER_KERNEL, architecture.discriminator_kernel].map(|kernel| architecture.features(kernel));
    [input, norms, label_count * features[0], label_count * features[1]]
}

/// Elements of each layer's output for one image.
fn layer_elements(architecture: &Architecture) -> Vec<usize> {
    let generator = architecture.generator_widths.iter().enumerate().map(|(level, width)| {
        let side = architecture.base_size << level;
        width * side * side
    });
    let trunk = architecture.trunk_widths.iter().enumerate().map(|(level, width)| {
        let side = architecture.image.size >> level;
        width * side * side
    });
    generator.chain(trunk).collect()
}

/// Peak memory of this process since [`forget_peak`], in bytes; 0 if the system does not report it.
pub fn peak() -> u64 {
    of_process("VmHWM:")
}

/// Returns freed memory to the system and resets the peak, if the system can do that.
pub fn forget_peak() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it only returns free memory.
    unsafe {
        libc::malloc_trim(0)
    };
    // If this file is missing or not writable, the peak covers the whole life of the process.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Memory of this process, in bytes; 0 if the system does not report it.
pub fn held() -> u64 {
    of_process("VmRSS:")
}

fn of_process(entry: &str) -> u64 {
    let kibibytes = std::fs::read_to_string("/proc/self/status").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with(entry))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    kibibytes.unwrap_or(0) * 1024
}

/// Free memory in bytes, if the system reports it.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// Makes the allocator keep freed memory instead of returning it to the system.
///
/// Every step allocates and frees the same large tensors. By default, each returns to the system and comes back as
/// fresh pages, which takes a quarter of a step (`docs/performance.md`).
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const MIB: libc::c_int = 1 << 20;
        // SAFETY: mallopt only sets parameters of the allocator, and there is no second thread yet.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, 32 * MIB);
            libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
            libc::mallopt(libc::M_TOP_PAD, 64 * MIB);
        }
    }
}
