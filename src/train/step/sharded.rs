//! Steps whose batches are cut into shards, for one process or several.
//!
//! Every rank draws the numbers of the whole batch, and computes the gradients of its own shards, one shard after the
//! other. Their sum over all shards is the same on every rank, and so is everything that follows from it: power
//! iteration, updates, averages and the prior happen on each rank, once per batch.

use burn::tensor::Tensor;
use futures_lite::future::zip;

use super::StepResult;
use super::inputs::{Generated, StepInputs, StepTensors, UpdateInputs, latents};
use super::phase::PhaseGradients;
use super::shard::Shard;
use super::share::Share;
use super::stepper::Stepper;
use crate::kernels::pack::{Places, pack, unpack};
use crate::nn::parameters::Named;
use crate::train::error::TrainError;
use crate::train::exchange::{Exchange, Phase, ShardSum, Shards};
use crate::train::state::State;

/// The name of the loss among the gradients that are summed. No parameter has it.
const LOSS: &str = "loss";

/// A stepper of shards.
#[derive(Debug)]
pub struct Sharded<'a, E> {
    stepper: Stepper<'a>,
    shards: Shards<'a, E>,
}

/// What the phases of a step take for one shard.
struct ShardInputs {
    inputs: StepInputs,
    /// What its images are generated from, and their labels.
    latents: (Tensor<2>, Tensor<2>),
    /// Its images with their graph, if this rank has no other shard. Otherwise the graphs would fill the memory that
    /// shards save, so each is made again when it is needed.
    generated: Option<Generated>,
}

/// Tensors by name, added up over this rank's shards as one flat tensor.
struct OwnSum {
    names: Vec<String>,
    places: Places,
    sum: ShardSum<Tensor<1>>,
}

impl<'a, E: Exchange> Sharded<'a, E> {
    /// Shards the batches of a stepper.
    pub fn new(stepper: Stepper<'a>, shards: Shards<'a, E>) -> Self {
        Self { stepper, shards }
    }

    /// Performs step `state.step` and counts it.
    ///
    /// # Errors
    /// If the exchange fails, or the device cannot be read.
    pub async fn step(&self, state: &mut State) -> Result<StepResult, TrainError> {
        let trains_adversaries = self.stepper.trains_adversaries();
        for number in self.stepper.extra_updates(state.step) {
            let mut inputs = self.update_inputs(state, number);
            self.share(state, inputs.iter_mut().collect()).await?;
            self.update_discriminator(state, &inputs.iter().collect::<Vec<_>>()).await?;
        }
        let (mut shards, real_indices) = self.step_inputs(state);
        let prior = self.stepper.prior(state);
        let real_logits = self.real_logits(&shards).await?;
        self.share(state, shards.iter_mut().map(|shard| &mut shard.inputs.update).collect()).await?;
        let updates: Vec<&UpdateInputs> = shards.iter().map(|shard| &shard.inputs.update).collect();
        let (d_loss, c_loss) = if trains_adversaries {
            let (d_loss, c_loss) = self.update_discriminator_and_classifier(state, &updates, &shards).await?;
            (Some(d_loss), c_loss)
        } else {
            (None, self.update_classifier(state, &shards).await?)
        };
        let g_loss = if trains_adversaries { Some(self.update_generator(state, shards).await?) } else { None };
        self.stepper.observe_prior(state, real_logits.clone());
        self.stepper.count_step(state);
        Ok(StepResult { d_loss, c_loss, g_loss, real_logits, prior, real_indices })
    }

    /// This rank's shards.
    fn own(&self) -> impl Iterator<Item = Shard> {
        self.shards.own().map(|index| Shard { index, count: self.shards.count() })
    }

    /// The inputs of discriminator update `number` for each of this rank's shards.
    fn update_inputs(&self, state: &State, number: u64) -> Vec<UpdateInputs> {
        let whole = self.stepper.receive_update(state, number);
        self.own().map(|shard| self.stepper.inputs_of_update(state, shard.update(&whole))).collect()
    }

    /// The inputs of a step for each of this rank's shards, and the positions of the whole batch's real images.
    fn step_inputs(&self, state: &State) -> (Vec<ShardInputs>, Vec<u32>) {
        let whole = self.stepper.receive_step(state);
        let keeps_graph = self.shards.own().len() == 1;
        let of_shard = |shard: Shard| {
            let update = shard.update(&whole.update);
            let latents = latents(&update);
            let generated = self.stepper.generated(state, latents.clone());
            let tensors = StepTensors {
                update,
                classifier: whole.classifier.as_ref().map(|classifier| shard.classifier(classifier)),
                augmentation: shard.augmentation(&whole.augmentation),
                lambda: whole.lambda.clone(),
            };
            let inputs = self.stepper.inputs_of(state, tensors, &generated);
            ShardInputs { inputs, latents, generated: keeps_graph.then_some(generated) }
        };
        (self.own().map(of_shard).collect(), whole.update.real_indices)
    }

    /// The teacher's uncorrected logits `[batch, labels]` of the whole batch's real images.
    async fn real_logits(&self, shards: &[ShardInputs]) -> Result<Tensor<2>, TrainError> {
        let own: Vec<&Tensor<2>> = shards.iter().map(|shard| &shard.inputs.real_logits).collect();
        let form = own[0].dims();
        let flat = own.into_iter().map(|logits| logits.clone().flatten(0, 1)).collect();
        let all = self.shards.gather(Phase::Statistics, flat).await?;
        Ok(Tensor::cat(all.into_iter().map(|logits| logits.reshape(form)).collect(), 0))
    }

    /// Gives shards their shares of the whole batch's weights.
    async fn share(&self, state: &State, updates: Vec<&mut UpdateInputs>) -> Result<(), TrainError> {
        if !self.stepper.drops_images(state.step) {
            let share = Share::equal(self.shards.count(), self.stepper.inputs.device());
            updates.into_iter().for_each(|update| update.share = Some(share.clone()));
            return Ok(());
        }
        let totals: Vec<Tensor<1>> = updates.iter().map(|update| update.labelled.totals()).collect();
        let all = self.shards.gather(Phase::Statistics, totals.clone()).await?;
        let whole = all.into_iter().reduce(|sum, totals| sum + totals);
        for ((update, totals), whole) in updates.into_iter().zip(totals).zip(whole.iter().cycle()) {
            update.share = Some(Share::of(totals, whole.clone()));
        }
        Ok(())
    }

    /// A whole discriminator update; returns its loss.
    async fn update_discriminator(
        &self,
        state: &mut State,
        updates: &[&UpdateInputs],
    ) -> Result<Tensor<1>, TrainError> {
        self.stepper.power_iteration(state);
        let own = self.own_discriminator(state, updates);
        let sum = self.whole(Phase::Discriminator, own).await?;
        Ok(self.apply_discriminator(state, sum))
    }

    /// A whole update of the classifier; returns its loss, or none if it has nothing to learn from.
    async fn update_classifier(
        &self,
        state: &mut State,
        shards: &[ShardInputs],
    ) -> Result<Option<Tensor<1>>, TrainError> {
        let sum = self.whole(Phase::Classifier, self.own_classifier(state, shards)).await?;
        Ok(self.apply_classifier(state, sum))
    }

    /// Both updates. Neither network is part of the other's gradients, so the classifier's are computed while the
    /// discriminator's are under way.
    async fn update_discriminator_and_classifier(
        &self,
        state: &mut State,
        updates: &[&UpdateInputs],
        shards: &[ShardInputs],
    ) -> Result<(Tensor<1>, Option<Tensor<1>>), TrainError> {
        self.stepper.power_iteration(state);
        let first = self.whole(Phase::Discriminator, self.own_discriminator(state, updates));
        let (discriminator, classifier) = zip(first, async { self.own_classifier(state, shards) }).await;
        let d_loss = self.apply_discriminator(state, discriminator?);
        let classifier = self.whole(Phase::Classifier, classifier).await?;
        Ok((d_loss, self.apply_classifier(state, classifier)))
    }

    fn own_discriminator(&self, state: &State, updates: &[&UpdateInputs]) -> Option<OwnSum> {
        self.own_sum(updates.iter().map(|update| with_loss(self.stepper.discriminator_gradients(state, update))))
    }

    fn own_classifier(&self, state: &State, shards: &[ShardInputs]) -> Option<OwnSum> {
        let parts = shards.iter().filter_map(|shard| self.stepper.classifier_gradients(state, &shard.inputs));
        self.own_sum(parts.map(with_loss))
    }

    fn apply_discriminator(&self, state: &mut State, mut sum: Named) -> Tensor<1> {
        let loss = sum.remove(LOSS);
        self.stepper.apply_discriminator(state, sum);
        loss.expect("it was among them")
    }

    fn apply_classifier(&self, state: &mut State, mut sum: Named) -> Option<Tensor<1>> {
        let loss = sum.remove(LOSS);
        if loss.is_some() {
            self.stepper.apply_classifier(state, sum);
        }
        loss
    }

    /// A whole update of the generator; returns its loss. The state keeps the mean of the shards' statistics.
    async fn update_generator(&self, state: &mut State, shards: Vec<ShardInputs>) -> Result<Tensor<1>, TrainError> {
        let names = state.generator.network.statistics();
        let parts = shards.into_iter().map(|ShardInputs { inputs, latents, generated }| {
            let generated = generated.unwrap_or_else(|| self.stepper.generated(state, latents));
            let statistics = generated.statistics();
            let mut part = with_loss(self.stepper.generator_gradients(state, &inputs, generated));
            part.extend(statistics);
            part
        });
        let mut sum = self.whole(Phase::Generator, self.own_sum(parts)).await?;
        let loss = sum.remove(LOSS);
        let share = 1.0 / self.shards.count() as f64;
        let statistics = names.into_keys().filter_map(|name| sum.remove_entry(&name));
        let statistics = statistics.map(|(name, total)| (name, total * share)).collect();
        self.stepper.keep_statistics(state, statistics);
        self.stepper.apply_generator(state, sum);
        Ok(loss.expect("it was among them"))
    }

    /// Adds up tensors by name over this rank's shards; none if there are no parts.
    fn own_sum(&self, parts: impl Iterator<Item = Named>) -> Option<OwnSum> {
        let mut parts = parts.peekable();
        let form = parts.peek()?;
        let names: Vec<String> = form.keys().cloned().collect();
        let places = Places::new(&form.values().map(|tensor| tensor.dims()[0]).collect::<Vec<_>>());
        let sum = self.shards.own_sum(parts.map(|part| pack(part.into_values().collect(), &places)));
        Some(OwnSum { names, places, sum })
    }

    /// The sum over the shards of all ranks; empty if there are no parts.
    async fn whole(&self, phase: Phase, own: Option<OwnSum>) -> Result<Named, TrainError> {
        let Some(OwnSum { names, places, sum }) = own else { return Ok(Named::new()) };
        let sum = self.shards.sum(phase, sum).await?;
        Ok(names.into_iter().zip(sum.into_iter().flat_map(|sum| unpack(sum, &places))).collect())
    }
}

/// Gradients and loss of a phase, as one list.
fn with_loss(PhaseGradients { mut gradients, loss }: PhaseGradients) -> Named {
    gradients.insert(LOSS.to_owned(), loss);
    gradients
}
