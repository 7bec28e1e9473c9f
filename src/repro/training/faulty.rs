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

/// Flips the last bit of the generator's largest number. Added to an update that is larger than the number, the bit could
/// get lost. Statistics do not count, because the step replaces them.
///
/// # Errors
/// If the weights cannot be read.
pub async fn flip_weight(state: &mut State) -> Result<(), ExecutionError> {
    let network = &mut state.generator.network;
    let mut largest: Option<(String, usize, f32)> = None;
    let (statistics, mut values) = (network.statistics(), parameters::values(network));
    for (name, tensor) in values.iter().filter(|(name, _)| !statistics.contains_key(*name)) {
        for (place, value) in numbers(tensor).await?.into_iter().enumerate() {
            if largest.as_ref().is_none_or(|(.., found)| value.abs() > found.abs()) {
                largest = Some((name.clone(), place, value));
            }
        }
    }
    if let Some((name, place, _)) = largest {
        let tensor = values.get_mut(&name).expect("the largest number was found in it");
        *tensor = with_flip(tensor, place).await?;
    }
    *network = parameters::with_values(network.clone(), &mut values);
    Ok(())
}

/// The same tensors, but for the last bit of the first number that is not 0.
///
/// # Errors
/// If they cannot be read.
pub async fn off_by_one_bit(mut tensors: Named) -> Result<Named, ExecutionError> {
    for tensor in tensors.values_mut() {
        if let Some(place) = numbers(tensor).await?.iter().position(|value| *value != 0.0) {
            *tensor = with_flip(tensor, place).await?;
            break;
        }
    }
    Ok(tensors)
}

/// A tensor whose number at `place` has another last bit.
async fn with_flip(tensor: &Tensor<1>, place: usize) -> Result<Tensor<1>, ExecutionError> {
    let mut values = numbers(tensor).await?;
    values[place] = f32::from_bits(values[place].to_bits() ^ 1);
    let count = values.len();
    Ok(Tensor::from_data(TensorData::new(values, [count]), &tensor.device()))
}

async fn numbers(tensor: &Tensor<1>) -> Result<Vec<f32>, ExecutionError> {
    Ok(tensor.clone().into_data_async().await?.iter::<f32>().collect())
}
