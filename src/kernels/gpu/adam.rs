//! Adam and moving averages on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::grid::by_fours;
use crate::kernels::adam::AdamOps;
use crate::kernels::average::AverageOps;
use crate::kernels::shader::{Shader, output, shader};

impl AdamOps for CubeBackend {
    /// Moments are overwritten, and the gradient with the new parameter; those that somebody else holds are copied first.
    fn update(
        value: CubeTensor,
        gradient: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        average: CubeTensor,
        numbers: CubeTensor,
        averaged: bool,
    ) -> (CubeTensor, CubeTensor, CubeTensor, CubeTensor) {
        let [value, numbers] = [value, numbers].map(into_contiguous);
        let [gradient, first, second] = [gradient, first, second].map(writable);
        let count = value.shape().num_elements();
        // The kernel touches no average where there is none. What stands in for it and for the new one is memory of
        // their own, since a buffer must not be bound twice where it may be written.
        let average = if averaged { into_contiguous(average) } else { output(&value, [1]) };
        let new_average = output(&value, average.shape());
        let buffers = [&value, &gradient, &first, &second, &average, &new_average, &numbers];
        update_shader(count, averaged).launch(by_fours(count), &buffers, &[]);
        (gradient, first, second, new_average)
    }
}

impl AverageOps for CubeBackend {
    fn move_average(average: CubeTensor, value: CubeTensor, decay: CubeTensor) -> CubeTensor {
        let [average, value, decay] = [average, value, decay].map(into_contiguous);
        let count = value.shape().num_elements();
        let result = output(&value, value.shape());
        average_shader(count).launch(by_fours(count), &[&average, &value, &result, &decay], &[]);
        result
    }
}

/// Kernels of one element, of a workgroup's worth, one more, and a large layer.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257, 589_824]
        .into_iter()
        .flat_map(|count| [update_shader(count, false), update_shader(count, true), average_shader(count)])
        .collect()
}

/// A contiguous tensor that nobody else holds.
pub fn writable(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    if tensor.can_mut() { tensor } else { tensor.copy() }
}

fn update_shader(count: usize, has_average: bool) -> Shader {
    shader!("adam").with(&[("COUNT", count), ("AVERAGE", usize::from(has_average))])
}

fn average_shader(count: usize) -> Shader {
    shader!("average").with(&[("COUNT", count)])
}
