//! Adam and moving averages on the GPU.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::grid::by_fours;
use crate::kernels::adam::{AdamOps, AdamSettings};
use crate::kernels::average::AverageOps;
use crate::kernels::shader::{Shader, output, shader};

/// What decoupled weight decay leaves of a parameter, a step. [`AdamSettings`] has no weight decay: all of it.
const KEPT: f64 = 1.0;

impl AdamOps for CubeBackend {
    /// Moments that nobody else holds are overwritten; others are copied first.
    fn update(
        value: CubeTensor,
        gradient: CubeTensor,
        first: CubeTensor,
        second: CubeTensor,
        average: CubeTensor,
        settings: AdamSettings,
        decay: Option<f64>,
    ) -> (CubeTensor, CubeTensor, CubeTensor, CubeTensor) {
        let [value, gradient] = [value, gradient].map(into_contiguous);
        let [first, second] = [first, second].map(writable);
        let count = value.shape().num_elements();
        // The kernel touches no average where there is no decay. What stands in for it and for the new one is memory of
        // their own, since a buffer must not be bound twice where it may be written.
        let average = if decay.is_some() { into_contiguous(average) } else { output(&value, [1]) };
        let new_value = output(&value, value.shape());
        let new_average = output(&value, average.shape());
        let buffers = [&value, &gradient, &first, &second, &average, &new_value, &new_average];
        let numbers = numbers(&settings, decay.unwrap_or(1.0));
        update_shader(count, decay.is_some()).launch(by_fours(count), &buffers, &numbers);
        (new_value, first, second, new_average)
    }
}

impl AverageOps for CubeBackend {
    fn move_average(average: CubeTensor, value: CubeTensor, decay: f64) -> CubeTensor {
        let [average, value] = [average, value].map(into_contiguous);
        let count = value.shape().num_elements();
        let result = output(&value, value.shape());
        average_shader(count).launch(by_fours(count), &[&average, &value, &result], &[decay as f32]);
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
fn writable(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    if tensor.can_mut() { tensor } else { tensor.copy() }
}

/// What the kernel reads beside tensors, in its order.
fn numbers(settings: &AdamSettings, decay: f64) -> [f32; 8] {
    let AdamSettings { learning_rate, beta_1, beta_2, update } = *settings;
    let correction = |beta: f64| 1.0 - libm::pow(beta, update as f64);
    let rate = learning_rate / correction(beta_1);
    let root = 1.0 / libm::sqrt(correction(beta_2));
    [rate, root, KEPT, decay, beta_1, 1.0 - beta_1, beta_2, 1.0 - beta_2].map(|number| number as f32)
}

fn update_shader(count: usize, has_average: bool) -> Shader {
    shader!("adam").with(&[("COUNT", count), ("AVERAGE", usize::from(has_average))])
}

fn average_shader(count: usize) -> Shader {
    shader!("average").with(&[("COUNT", count)])
}
