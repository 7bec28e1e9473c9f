//! Steps that a GPU repeats.
//!
//! Steps launch the same kernels on tensors of the same sizes, over and over. On a fast GPU, the host takes longer to
//! prepare these launches than the GPU takes for small networks. So a step is recorded once, and then repeated: the host
//! only draws its random numbers. For that, everything that changes between steps has a fixed place on the device. The
//! numbers of the host are written into the same buffers, a step's new values overwrite the old ones, and its results
//! are where the results of the step before were. The kernels and their order stay the same, and so do all bits.

use std::fmt;

use burn::tensor::{Int, Tensor};

use super::inputs::{StepParcel, UpdateParcel};
use super::post::Post;
use super::{StepResult, Stepper};
use crate::kernels::overwrite::overwrite;
use crate::kernels::parcel::Parcel;
use crate::kernels::recording::{Place, Recorder, Recording, is_little, place};
use crate::nn::parameters::Named;
use crate::train::inputs::AugmentationForm;
use crate::train::state::State;

/// Usual steps before a recording. The first ones compile kernels, and make the optimisers' moments.
const USUAL_STEPS: usize = 3;

/// Most recordings of a run. A run needs one before and one after the gate opens.
const MOST_RECORDINGS: usize = 4;

/// A stepper that repeats its steps where it can.
///
/// A state that it steps belongs to it: between its steps, nobody may change the state's tensors or replace them, and
/// the tensors that a step has returned hold the results of the newest step only.
pub struct Replay<'a> {
    stepper: Stepper<'a>,
    stage: Stage,
    recordings: usize,
}

enum Stage {
    /// Steps are done one launch after the other; so many were.
    Usual(usize),
    /// Steps are repeated.
    Repeated(Box<Repeated>),
    /// The device cannot repeat steps.
    Never,
}

/// A recorded step.
struct Repeated {
    recording: Recording,
    form: Form,
    /// Where its parcels lie.
    buffers: Vec<Tensor<1, Int>>,
    /// What it reads and overwrites. Nobody else may get this memory.
    _values: Vec<Named>,
    result: StepResult,
    /// The step's updates of generator, discriminator and classifier.
    updates: [u64; 3],
    /// The number of the next step.
    next: u64,
}

/// What decides which kernels a step launches: steps of equal forms launch the same.
#[derive(Debug, PartialEq)]
struct Form {
    lengths: Vec<Vec<usize>>,
    augmentations: Vec<AugmentationForm>,
    is_gated: bool,
}

/// Everything that a step takes from the host.
struct Packed {
    updates: Vec<UpdateParcel>,
    own: StepParcel,
}

impl fmt::Debug for Replay<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Replay").field("is_repeating", &self.is_repeating()).finish_non_exhaustive()
    }
}

impl<'a> Replay<'a> {
    /// Repeats the steps of a stepper.
    pub fn new(stepper: Stepper<'a>) -> Self {
        Self { stepper, stage: Stage::Usual(0), recordings: 0 }
    }

    /// The stepper.
    pub fn stepper(&self) -> &Stepper<'a> {
        &self.stepper
    }

    /// Whether the last step was a repeated one.
    pub fn is_repeating(&self) -> bool {
        matches!(self.stage, Stage::Repeated(_))
    }

    /// Performs step `state.step` and counts it, with the same bits as [`Stepper::step`].
    pub fn step(&mut self, state: &mut State) -> StepResult {
        match &mut self.stage {
            Stage::Never => self.stepper.step(state),
            Stage::Usual(done) if *done < USUAL_STEPS => {
                *done += 1;
                self.stepper.step(state)
            }
            Stage::Usual(_) => self.record(state),
            Stage::Repeated(repeated) => {
                let packed = Packed::of(&self.stepper, state);
                if repeated.next == state.step && repeated.form == packed.form(&self.stepper, state) {
                    return repeated.repeat(&packed, state);
                }
                self.stage = Stage::Usual(0);
                self.step(state)
            }
        }
    }

    /// Records the step while it performs it.
    fn record(&mut self, state: &mut State) -> StepResult {
        let recorder = self.recorder(state);
        let Some(recorder) = recorder else {
            self.stage = Stage::Never;
            return self.stepper.step(state);
        };
        self.recordings += 1;
        // A step on a copy leaves the memory that the recorded one needs. If recording fails, the copy goes on.
        let mut copy = state.copied();
        match Repeated::new(&self.stepper, &recorder, state, &mut copy) {
            Ok(repeated) => {
                let result = repeated.result.clone();
                self.stage = Stage::Repeated(Box::new(repeated));
                result
            }
            Err(result) => {
                // What a refused recording has bound counts as unwritten, whatever is there.
                self.stepper.inputs = self.stepper.inputs.renewed();
                *state = copy;
                self.stage = Stage::Never;
                *result
            }
        }
    }

    fn recorder(&self, state: &State) -> Option<Recorder> {
        if self.recordings == MOST_RECORDINGS {
            return None;
        }
        let values = state.values();
        values.iter().flat_map(Named::values).next().and_then(Recorder::of)
    }
}

impl Repeated {
    /// Records a step of `state` and performs it. A step of `copy` comes first; if recording fails, its result remains.
    fn new(
        stepper: &Stepper,
        recorder: &Recorder,
        state: &mut State,
        copy: &mut State,
    ) -> Result<Self, Box<StepResult>> {
        let packed = Packed::of(stepper, state);
        let form = packed.form(stepper, state);
        let device = stepper.inputs.device();
        let buffers: Vec<Tensor<1, Int>> = packed.parcels().map(|parcel| parcel.upload(device)).collect();
        let is_prepared = recorder.prepare().is_ok();
        let (usual, is_little) = is_little(state.device_class, || step_in_place(stepper, copy, &buffers));
        if !(is_prepared && is_little) {
            recorder.give_up();
            return Err(Box::new(usual));
        }
        let (before, places) = (counts(state), moment_places(state));
        let recorded = recorder.record(|| step_in_place(stepper, state, &buffers));
        let Ok((result, recording)) = recorded else { return Err(Box::new(usual)) };
        if moment_places(state) != places {
            return Err(Box::new(usual));
        }
        let after = counts(state);
        let updates = [0, 1, 2].map(|index| after[index] - before[index]);
        let values = state.values().into_iter().chain(state.moments()).collect();
        let repeated = Self { recording, form, buffers, _values: values, result, updates, next: state.step };
        repeated.launch();
        Ok(repeated)
    }

    /// Performs the step whose parcels these are.
    fn repeat(&mut self, packed: &Packed, state: &mut State) -> StepResult {
        for (parcel, buffer) in packed.parcels().zip(&self.buffers) {
            parcel.refill(buffer);
        }
        self.launch();
        let [generator, discriminator, classifier] = self.updates;
        state.generator.optimizer.updates += generator;
        state.discriminator.optimizer.updates += discriminator;
        state.classifier.optimizer.updates += classifier;
        state.step += 1;
        self.next = state.step;
        StepResult { real_indices: packed.own.update.real_indices().to_vec(), ..self.result.clone() }
    }

    /// A failure of the device shows where the results are read, as it does with usual launches.
    fn launch(&self) {
        // SAFETY: all tensors that the recording uses are held: the buffers, values and moments here, and the rest by
        // the stepper, which lives as long as this. A state is stepped on one thread.
        let _ = unsafe { self.recording.repeat() };
    }
}

impl Packed {
    /// Packs what a step takes.
    fn of(stepper: &Stepper, state: &mut State) -> Self {
        let before = state.discriminator.optimizer.updates;
        let mut updates = Vec::new();
        for number in stepper.extra_updates(state.step) {
            updates.push(stepper.pack_update(state, number));
            state.discriminator.optimizer.updates += 1;
        }
        let own = stepper.pack_step(state);
        state.discriminator.optimizer.updates = before;
        Self { updates, own }
    }

    /// The parcels, in the order in which a step sends them.
    fn parcels(&self) -> impl Iterator<Item = &Parcel> {
        self.updates.iter().map(|update| &update.parcel).chain([&self.own.parcel])
    }

    fn form(&self, stepper: &Stepper, state: &State) -> Form {
        let updates = self.updates.iter().map(|packed| &packed.update).chain([&self.own.update]);
        let shifts = self.own.classifier.as_ref().map(|classifier| classifier.shifts_form());
        let own = [self.own.augmentation.form(), shifts.flatten()];
        Form {
            lengths: self.parcels().map(Parcel::lengths).collect(),
            augmentations: updates.map(|update| update.augmentation_form()).chain(own).collect(),
            is_gated: state.step >= stepper.config.labels_from(),
        }
    }
}

/// Where the optimisers' moments lie. Adam overwrites them, unless someone else holds them.
fn moment_places(state: &State) -> Vec<Option<Place>> {
    state.moments().iter().flat_map(Named::values).map(place).collect()
}

/// A step whose parcels lie in `buffers`, and whose new values take the places of the old ones.
fn step_in_place(stepper: &Stepper, state: &mut State, buffers: &[Tensor<1, Int>]) -> StepResult {
    let places = state.values();
    // The result has the prior from before the step, whose place gets the next one.
    let prior = stepper.prior(state).map(|prior| prior * 1.0);
    stepper.post.replace(Post::Delivered(buffers.to_vec()));
    let result = stepper.step(state);
    stepper.post.replace(Post::Uploads);
    state.put_values(overwritten(places, state.values()));
    StepResult { prior, ..result }
}

/// New values of networks in the places of the old ones.
fn overwritten(places: Vec<Named>, values: Vec<Named>) -> Vec<Named> {
    let names: Vec<Vec<String>> = places.iter().map(|network| network.keys().cloned().collect()).collect();
    let flat = |networks: Vec<Named>| networks.into_iter().flat_map(Named::into_values).collect();
    let mut values = overwrite(flat(places), flat(values)).into_iter();
    names.into_iter().map(|names| names.into_iter().zip(values.by_ref()).collect()).collect()
}

/// Updates of generator, discriminator and classifier.
fn counts(state: &State) -> [u64; 3] {
    [&state.generator.optimizer, &state.discriminator.optimizer, &state.classifier.optimizer]
        .map(|optimizer| optimizer.updates)
}
