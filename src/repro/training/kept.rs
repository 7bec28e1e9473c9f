//! Tensors of a step that are read after it.

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor};

use super::seen::Group;
use crate::nn::parameters::{self, Named};
use crate::repro::report::Phase;
use crate::train::StepInputs;
use crate::train::state::Trained;

/// The name of the corrected logits. They are shown, and never trained on: `self_label` corrects for itself.
pub const CORRECTED: &str = "real, corrected";

/// Tensors on the device that are to be read.
#[derive(Default)]
pub struct Kept(Vec<(Phase, &'static str, Named)>);

impl Kept {
    /// Keeps tensors of a phase.
    pub fn add(&mut self, phase: Phase, name: &'static str, tensors: Named) {
        self.0.push((phase, name, tensors));
    }

    /// Keeps the inputs of a step.
    pub fn add_inputs(&mut self, inputs: &StepInputs, logits: &Tensor<2>) {
        let all = inputs.update.tensors();
        let (images, labels): (Named, Named) = all.into_iter().partition(|(name, _)| name.ends_with("images"));
        let flat = [(CORRECTED, logits), ("real", &inputs.real_logits)];
        let logits = flat.map(|(name, tensor)| (name.to_owned(), tensor.clone().flatten(0, 1)));
        self.add(Phase::Inputs, "images", images);
        self.add(Phase::Inputs, "logits", logits.into_iter().collect());
        self.add(Phase::Inputs, "labels", labels);
    }

    /// Keeps a network with its optimiser's moments.
    pub fn add_trained<M: Module>(&mut self, phase: Phase, trained: &Trained<M>) {
        let Trained { network, optimizer } = trained;
        self.add(phase, "weights", parameters::values(network));
        self.add(phase, "first moments", optimizer.first_moments.clone());
        self.add(phase, "second moments", optimizer.second_moments.clone());
    }

    /// Reads everything, in the order of the phases.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub async fn read(self) -> Result<Vec<Group>, ExecutionError> {
        let mut groups = Vec::with_capacity(self.0.len());
        for (phase, name, tensors) in self.0.into_iter().filter(|(_, _, tensors)| !tensors.is_empty()) {
            groups.push(Group { phase, name, tensors: read_all(tensors).await? });
        }
        groups.sort_by_key(|group| group.phase);
        Ok(groups)
    }
}

/// Reads flat tensors in one go: in a browser, every read takes a while.
async fn read_all(tensors: Named) -> Result<Vec<(String, Vec<f32>)>, ExecutionError> {
    let (names, tensors): (Vec<String>, Vec<Tensor<1>>) = tensors.into_iter().unzip();
    let counts: Vec<usize> = tensors.iter().map(|tensor| tensor.dims()[0]).collect();
    let data = Tensor::cat(tensors, 0).into_data_async().await?;
    let mut values = data.iter::<f32>();
    Ok(names.into_iter().zip(counts).map(|(name, count)| (name, values.by_ref().take(count).collect())).collect())
}
