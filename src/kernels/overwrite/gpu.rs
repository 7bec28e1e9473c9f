//! Copies between buffers of a GPU.

use burn::backend::wgpu::CubeBackend;
use burn::tensor::Shape;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::overwrite::OverwriteOps;
use crate::kernels::pack::Tensors;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::view::aligned;

/// Bytes of an element.
const BYTES: usize = size_of::<f32>();

impl OverwriteOps for CubeBackend {
    fn overwrite(Tensors(targets): Tensors<Self>, Tensors(values): Tensors<Self>, launch: Launch) -> Vec<CubeTensor> {
        let values = values.into_iter().map(into_contiguous);
        for run in runs(targets.iter().cloned().zip(values).collect()) {
            let [target, value] = run.tensors();
            shader_of(run.count).launch(launch.by_fours(run.count), &[&value, &target], &[]);
        }
        targets
    }
}

/// Kernels for one element, a workgroup's share, and one more.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257].into_iter().map(shader_of).collect()
}

fn shader_of(count: usize) -> Shader {
    shader!("overwrite").with(&[("COUNT", count)])
}

/// Tensors that lie side by side, both the targets and the values, with the gaps of shared buffers between them.
struct Run {
    target: CubeTensor,
    value: CubeTensor,
    /// Elements from the first tensor to the end of the last.
    count: usize,
}

impl Run {
    /// Whether a pair goes on where this run ends, in both buffers.
    fn is_followed_by(&self, target: &CubeTensor, value: &CubeTensor) -> bool {
        let goes_on = |first: &CubeTensor, next: &CubeTensor| {
            memory(first) == memory(next) && start(next) == start(first) + aligned(self.count) * BYTES
        };
        goes_on(&self.target, target) && goes_on(&self.value, value)
    }

    /// Target and value of the whole run.
    fn tensors(&self) -> [CubeTensor; 2] {
        [&self.target, &self.value].map(|first| {
            let mut handle = first.handle.clone();
            let (begin, end) = (start(first) as u64, (start(first) + self.count * BYTES) as u64);
            (handle.offset_start, handle.offset_end) = (Some(begin), Some(handle.size() - end));
            let shape = Shape::new([self.count]);
            CubeTensor::new_contiguous(first.client.clone(), first.device.clone(), shape, handle, first.dtype)
        })
    }
}

/// The fewest runs for pairs of contiguous tensors, in the order of the targets in their buffers. What lies where it
/// belongs already needs none.
fn runs(mut pairs: Vec<(CubeTensor, CubeTensor)>) -> Vec<Run> {
    pairs.retain(|(target, value)| memory(target) != memory(value) || start(target) != start(value));
    let mut buffers = Vec::new();
    for (target, _) in &pairs {
        if !buffers.contains(&memory(target)) {
            buffers.push(memory(target));
        }
    }
    let place = |target: &CubeTensor| (buffers.iter().position(|known| *known == memory(target)), start(target));
    pairs.sort_by_key(|(target, _)| place(target));
    let mut runs: Vec<Run> = Vec::new();
    for (target, value) in pairs {
        let count = target.meta.num_elements();
        match runs.last_mut() {
            Some(run) if run.is_followed_by(&target, &value) => run.count = aligned(run.count) + count,
            _ => runs.push(Run { target, value, count }),
        }
    }
    runs
}

fn start(tensor: &CubeTensor) -> usize {
    tensor.handle.offset_start.unwrap_or(0) as usize
}

fn memory(tensor: &CubeTensor) -> impl PartialEq + use<> {
    tensor.handle.memory.descriptor().id
}
