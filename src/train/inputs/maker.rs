//! What makes inputs, and the tensors that never change.

use burn::tensor::{Device, Tensor};

use super::draws::Draws;
use crate::kernels::batch::{DeviceImages, Residence};
use crate::labels::LatentPartition;
use crate::nn::architecture::CLASSIFIER_KERNEL;
use crate::train::task::Task;

/// Makes the inputs of every step.
#[derive(Debug)]
pub struct InputMaker<'a> {
    pub(super) task: &'a Task,
    pub(super) draws: Draws<'a>,
    /// The training images on the device, if it is better to keep them there.
    pub(super) resident: Option<DeviceImages>,
    /// Number of the classifier's features.
    pub(super) feature_count: usize,
    ones: Tensor<2>,
    zeros: Tensor<2>,
    device: Device,
}

impl<'a> InputMaker<'a> {
    /// Makes the inputs of a task; `partition` is the partition of its latent space.
    pub fn new(task: &'a Task, partition: LatentPartition, device: &Device) -> Self {
        let column = [2 * task.config.batch, 1];
        Self {
            task,
            draws: Draws::new(task, partition),
            resident: DeviceImages::new(&task.data.train.images, Residence::default(), device),
            feature_count: task.architecture().features(CLASSIFIER_KERNEL),
            ones: Tensor::ones(column, device),
            zeros: Tensor::zeros(column, device),
            device: device.clone(),
        }
    }

    /// The same with new tensors.
    pub fn renewed(&self) -> Self {
        Self::new(self.task, self.draws.partition().clone(), &self.device)
    }

    /// The device of all inputs.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// 1 for each of `count` images, `[count, 1]`, at most those of a batch and as many generated ones.
    pub fn ones(&self, count: usize) -> Tensor<2> {
        first(&self.ones, count)
    }

    /// 0 for each of `count` images, `[count, 1]`, at most those of a batch and as many generated ones.
    pub fn zeros(&self, count: usize) -> Tensor<2> {
        first(&self.zeros, count)
    }
}

/// The first rows of a column.
fn first(column: &Tensor<2>, count: usize) -> Tensor<2> {
    if count == column.dims()[0] { column.clone() } else { column.clone().narrow(0, 0, count) }
}
