//! A trained model from a run folder.

use anyhow::{Context, Result};
use burn::tensor::Device;
use slgan::labels::{Labeler, LatentPartition};
use slgan::nn::Architecture;
use slgan::train::checkpoint::{self, Header};
use slgan::train::state::State;

use crate::cli::ModelArgs;
use crate::device;
use crate::run_folder::RunFolder;

/// The state of a checkpoint with all that is needed to use it.
pub struct Model {
    /// What the checkpoint says of itself.
    pub header: Header,
    /// The state; its averages are what is used.
    pub state: State,
    /// The partition of its latent space.
    pub partition: LatentPartition,
    /// Where it is.
    pub device: Device,
}

impl Model {
    /// Opens the checkpoint that a command names.
    ///
    /// # Errors
    /// If there is none, it is damaged, or the device is not there.
    pub fn open(args: &ModelArgs) -> Result<Self> {
        let folder = RunFolder::at(&args.run);
        let (header, tensors) = folder.load(&args.checkpoint)?;
        let device = device::open(&args.device)?.device;
        let subject = &header.subject;
        let architecture = Architecture::new(&header.config, subject.image, subject.label_count);
        let fresh = State::new(&header.config, &architecture, &device);
        let state = checkpoint::restore(fresh, &header, &tensors, &device)
            .with_context(|| args.run.join(RunFolder::checkpoint_name(header.step)).display().to_string())?;
        let partition = LatentPartition::new(&header.config.latent, subject.label_count, header.config.seed);
        Ok(Self { header, state, partition, device })
    }

    /// The teacher as it was used in training.
    pub fn labeler(&self) -> Labeler<'_> {
        Labeler::new(&self.state.teacher, self.header.subject.cells, &self.header.config)
    }
}
