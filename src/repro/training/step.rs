//! A training step with everything that it computes.
//!
//! It makes the calls of [`Stepper::step`] in the same order, and keeps what passes between them.

use burn::tensor::{Device, ExecutionError, Tensor};

use super::kept::Kept;
use super::noise::Noise;
use super::seen::StepSeen;
use super::{decisions, faulty};
use crate::kernels::self_label::corrected;
use crate::labels::LatentPartition;
use crate::nn::parameters::{self, Named};
use crate::repro::fault::Fault;
use crate::repro::report::Phase;
use crate::train::state::State;
use crate::train::task::Task;
use crate::train::{InputMaker, PhaseGradients, StepInputs, Stepper};

/// A run in progress.
pub struct Tracer<'a> {
    task: &'a Task,
    partition: LatentPartition,
    stepper: Stepper<'a>,
    /// The stepper of a faulty task, for the part of a step that has a fault.
    other: Option<Stepper<'a>>,
    fault: Option<Fault>,
    state: State,
}

impl<'a> Tracer<'a> {
    /// A run from the beginning.
    pub fn new(task: &'a Task, device: &Device) -> Self {
        let partition = LatentPartition::new(&task.config.latent, task.subject.label_count, task.config.seed);
        let stepper = stepper(task, &partition, device);
        let state = State::new(&task.config, &task.architecture(), device);
        Self { task, partition, stepper, other: None, fault: None, state }
    }

    /// The same run with a fault; `other` is the task of [`faulty::other_task`].
    pub fn with_fault(self, fault: Option<Fault>, other: Option<&'a Task>, device: &Device) -> Self {
        let other = other.map(|task| stepper(task, &self.partition, device));
        Self { other, fault, ..self }
    }

    /// Performs a step. Reads its tensors if it is digested.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn step(&mut self, is_digested: bool, noise: Option<&Noise>) -> Result<StepSeen, ExecutionError> {
        let Self { task, stepper, other, fault, state, .. } = self;
        let (stepper, other, fault, step) = (&*stepper, other.as_ref(), *fault, state.step + 1);
        let mut kept = Kept::default();
        let faulty_stepper = |is_now: bool| other.filter(|_| is_now).unwrap_or(stepper);
        if fault == Some(Fault::WeightBit { step }) {
            faulty::flip_weight(state).await?;
        }
        if let Some(noise) = noise {
            noise.add_to_weights(state, step).await?;
        }
        let (mut inputs, generated) = faulty_stepper(fault == Some(Fault::Batch { step })).step_inputs(state);
        if fault == Some(Fault::Seed { step })
            && let Some(other) = other
        {
            inputs = inputs.with_generator_changes_of(other.step_inputs(state).0);
        }
        let logits = label_logits(&inputs);
        if is_digested {
            kept.add_inputs(&inputs, &logits);
        }

        stepper.power_iteration(state);
        let phase = stepper.discriminator_gradients(state, &inputs.update);
        let (mut gradients, d_loss) = perturbed(phase, noise, step, Phase::Discriminator).await?;
        if fault == Some(Fault::Rounding { step }) {
            gradients = faulty::off_by_one_bit(gradients).await?;
        }
        let shown = gradients.clone();
        stepper.apply_discriminator(state, gradients);
        if is_digested {
            kept.add(Phase::Discriminator, "gradients", shown);
            kept.add_trained(Phase::Discriminator, &state.discriminator);
        }

        let mut c_loss = None;
        if let Some(phase) = stepper.classifier_gradients(state, &inputs) {
            let (gradients, loss) = perturbed(phase, noise, step, Phase::Classifier).await?;
            let shown = gradients.clone();
            stepper.apply_classifier(state, gradients);
            if is_digested {
                kept.add(Phase::Classifier, "gradients", shown);
                kept.add_trained(Phase::Classifier, &state.classifier);
            }
            c_loss = Some(loss);
        }

        let statistics = generated.statistics();
        let phase = stepper.generator_gradients(state, &inputs, generated);
        let (gradients, g_loss) = perturbed(phase, noise, step, Phase::Generator).await?;
        let shown = gradients.clone();
        stepper.keep_statistics(state, statistics);
        stepper.apply_generator(state, gradients);
        if is_digested {
            kept.add(Phase::Generator, "gradients", shown);
            kept.add_trained(Phase::Generator, &state.generator);
            kept.add(Phase::Generator, "average", parameters::values(&state.average));
        }

        stepper.observe_prior(state, inputs.real_logits.clone());
        if is_digested {
            kept.add(Phase::Classifier, "average", parameters::values(&state.teacher));
        }
        stepper.count_step(state);
        let losses = [read(Some(d_loss)).await?, read(c_loss).await?, read(Some(g_loss)).await?];
        let values: Vec<f32> = logits.into_data_async().await?.iter::<f32>().collect();
        let decisions = decisions::of(&values, &inputs.real_indices, task.config.gate.tau);
        let largest_logit = values.iter().fold(0.0, |largest: f32, logit| largest.max(logit.abs()));
        Ok(StepSeen { step, losses, decisions, largest_logit, groups: kept.read().await? })
    }

    /// The partition of the latent space, and the state.
    pub fn finish(self) -> (LatentPartition, State) {
        (self.partition, self.state)
    }
}

fn stepper<'a>(task: &'a Task, partition: &LatentPartition, device: &Device) -> Stepper<'a> {
    Stepper::new(&task.config, InputMaker::new(task, partition.clone(), device))
}

/// The logits from which the teacher labels the real images, as in a step's result.
fn label_logits(inputs: &StepInputs) -> Tensor<2> {
    match &inputs.prior {
        Some(prior) => corrected(inputs.real_logits.clone(), prior.clone()),
        None => inputs.real_logits.clone(),
    }
}

/// The gradients, with noise if there is some, and the loss.
async fn perturbed(
    phase: PhaseGradients,
    noise: Option<&Noise>,
    step: u64,
    name: Phase,
) -> Result<(Named, Tensor<1>), ExecutionError> {
    let PhaseGradients { gradients, loss } = phase;
    match noise {
        Some(noise) => Ok((noise.add(gradients, step, name).await?, loss)),
        None => Ok((gradients, loss)),
    }
}

async fn read(loss: Option<Tensor<1>>) -> Result<Option<f32>, ExecutionError> {
    match loss {
        None => Ok(None),
        Some(loss) => Ok(loss.into_data_async().await?.iter::<f32>().next()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repro::tasks::{PLANS, data};
    use crate::train::checkpoint;

    /// A traced step is the step of training, whether its tensors are read or not.
    #[test]
    fn a_traced_step_has_the_same_bits() {
        let (data, device) = (data(), Device::flex());
        for plan in PLANS {
            let task = plan.task(&data, 3);
            let mut tracer = Tracer::new(&task, &device);
            let expected = Tracer::new(&task, &device);
            let (mut state, stepper) = (expected.state, expected.stepper);
            for is_digested in [true, false, true] {
                let seen = pollster::block_on(tracer.step(is_digested, None)).expect("the CPU can be read");
                let result = stepper.step(&mut state);
                let losses = [result.d_loss, result.c_loss, result.g_loss];
                let losses = losses.map(|loss| pollster::block_on(read(loss)).expect("the CPU can be read"));
                assert_eq!(seen.losses, losses, "{}", plan.name);
                assert_eq!(seen.groups.is_empty(), !is_digested);
            }
            let saved = |state: &State| {
                pollster::block_on(checkpoint::write(state, &task.config, &task.subject)).expect("it can be saved")
            };
            assert!(saved(&tracer.state) == saved(&state), "{}: other tensors", plan.name);
        }
    }

    #[test]
    fn a_digested_step_has_every_tensor_of_the_checkpoint() {
        let task = PLANS[1].task(&data(), 1);
        let mut tracer = Tracer::new(&task, &Device::flex());
        let seen = pollster::block_on(tracer.step(true, None)).expect("the CPU can be read");
        assert!(seen.groups.iter().map(|group| group.phase).is_sorted());
        let stored = seen.groups.iter().filter(|group| group.phase != Phase::Inputs && group.name != "gradients");
        let found: usize = stored.map(|group| group.tensors.len()).sum();
        let files = pollster::block_on(checkpoint::write(&tracer.state, &task.config, &task.subject)).unwrap();
        assert_eq!(found, safetensors::SafeTensors::deserialize(&files.tensors).unwrap().len());
    }
}
