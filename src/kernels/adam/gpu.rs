//! Adam and moving averages on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::adam::average::AverageOps;
use crate::kernels::adam::{AdamOps, Parameter};
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};

impl AdamOps for CubeBackend {
    /// Overwrites the moments, and the gradient with the new parameter; copies tensors that someone else holds first.
    fn adam(
        parameter: Parameter<Self>,
        gradient: CubeTensor,
        numbers: CubeTensor,
        has_average: bool,
        launch: Launch,
    ) -> Parameter<Self> {
        let Parameter { value, first_moment, second_moment, average } = parameter;
        let [value, numbers] = [value, numbers].map(into_contiguous);
        let [gradient, first_moment, second_moment] = [gradient, first_moment, second_moment].map(writable);
        let count = value.shape().num_elements();
        // Without an average, the kernel touches neither buffer. Their stand-ins need separate memory, since a kernel
        // that may write to a buffer must not bind it twice.
        let average = if has_average { into_contiguous(average) } else { launch.output(&value, [1]) };
        let new_average = launch.output(&value, average.shape());
        let buffers = [&value, &gradient, &first_moment, &second_moment, &average, &new_average, &numbers];
        update_shader(count, has_average).launch(launch.by_fours(count), &buffers, &[]);
        Parameter { value: gradient, first_moment, second_moment, average: new_average }
    }
}

impl AverageOps for CubeBackend {
    fn average(average: CubeTensor, value: CubeTensor, decay: CubeTensor, launch: Launch) -> CubeTensor {
        let [average, value, decay] = [average, value, decay].map(into_contiguous);
        let count = value.shape().num_elements();
        let result = launch.output(&value, value.shape());
        average_shader(count).launch(launch.by_fours(count), &[&average, &value, &result, &decay], &[]);
        result
    }
}

/// Kernels for one element, a workgroup's share, one more, and a large layer.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257, 589_824]
        .into_iter()
        .flat_map(|count| [update_shader(count, false), update_shader(count, true), average_shader(count)])
        .collect()
}

/// A contiguous tensor that no one else holds.
pub fn writable(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    if tensor.can_mut() { tensor } else { tensor.copy() }
}

fn update_shader(count: usize, has_average: bool) -> Shader {
    shader!("adam").with(&[("COUNT", count), ("AVERAGE", usize::from(has_average))])
}

fn average_shader(count: usize) -> Shader {
    shader!("adam_average").with(&[("COUNT", count)])
}
