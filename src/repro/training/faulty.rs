//! Faults of a run, for tests.

use std::sync::Arc;

use burn::tensor::{ExecutionError, Tensor, TensorData};

use crate::labels::LatentPartition;
use crate::nn::parameters::{self, Named};
use crate::repro::fault::Fault;
use crate::train::Draws;
use crate::train::state::State;
use crate::train::task::Task;

/// The task that a step with this fault uses in part; none if the fault is of another kind.
pub fn other_task(task: &Task, fault: Option<Fault>) -> Option<Task> {
    let mut other = task.clone();
    match fault? {
        Fault::Seed { .. } => other.config.seed += 1,
        Fault::Batch { step } => {
            let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
            let indices = Draws::new(task, partition).real(step - 1).indices;
            exchange(&mut other, indices[0] as usize, indices[1] as usize);
        }
        Fault::WeightBit { .. } | Fault::Rounding { .. } | Fault::Label => return None,
    }
    Some(other)
}

/// Exchanges two training images with their labels.
fn exchange(task: &mut Task, one: usize, two: usize) {
    let mut order: Vec<usize> = (0..task.data.train.len()).collect();
    order.swap(one, two);
    let mut data = (*task.data).clone();
    data.train = data.train.select(&order);
    task.data = Arc::new(data);
    task.manual.swap(one, two);
}

/// Flips the last bit of the first number of the generator that is not 0.
///
/// # Errors
/// If the weights cannot be read.
pub async fn flip_weight(state: &mut State) -> Result<(), ExecutionError> {
    let network = &mut state.generator.network;
    let mut values = off_by_one_bit(parameters::values(network)).await?;
    *network = parameters::with_values(network.clone(), &mut values);
    Ok(())
}

/// The same tensors, but for the last bit of the first number that is not 0.
///
/// # Errors
/// If they cannot be read.
pub async fn off_by_one_bit(mut tensors: Named) -> Result<Named, ExecutionError> {
    for tensor in tensors.values_mut() {
        let mut values: Vec<f32> = tensor.clone().into_data_async().await?.iter::<f32>().collect();
        if let Some(value) = values.iter_mut().find(|value| **value != 0.0) {
            *value = f32::from_bits(value.to_bits() ^ 1);
            let count = values.len();
            *tensor = Tensor::from_data(TensorData::new(values, [count]), &tensor.device());
            break;
        }
    }
    Ok(tensors)
}
