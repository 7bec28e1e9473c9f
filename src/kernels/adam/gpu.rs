//! Adam and moving averages on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::adam::average::AverageOps;
use crate::kernels::adam::{AdamOps, DECAY, Parameter};
use crate::kernels::launch::{Launch, writable};
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
        launch.kernel(update_shader(count, has_average)).launch(launch.by_fours(count), &buffers, &[]);
        Parameter { value: gradient, first_moment, second_moment, average: new_average }
    }
}

impl AverageOps for CubeBackend {
    fn average(
        average: CubeTensor,
        value: CubeTensor,
        numbers: CubeTensor,
        place: usize,
        launch: Launch,
    ) -> CubeTensor {
        let [average, value, numbers] = [average, value, numbers].map(into_contiguous);
        let count = value.shape().num_elements();
        let result = launch.output(&value, value.shape());
        launch.kernel(average_shader(count, place)).launch(
            launch.by_fours(count),
            &[&average, &value, &result, &numbers],
            &[],
        );
        result
    }
}

/// Kernels for one element, a workgroup's share, one more, and a large network.
pub fn variants() -> Vec<Shader> {
    [1, 256, 257, 1 << 21]
        .into_iter()
        .flat_map(|count| [update_shader(count, false), update_shader(count, true), average_shader(count, 0)])
        .chain([average_shader(512, DECAY)])
        .collect()
}

fn update_shader(count: usize, has_average: bool) -> Shader {
    shader!("adam").with(&[("COUNT", count), ("AVERAGE", usize::from(has_average))])
}

fn average_shader(count: usize, place: usize) -> Shader {
    shader!("adam_average").with(&[("COUNT", count), ("PLACE", place)])
}
