//! A trained model from a run folder.

use anyhow::{Context, Result};
use burn::tensor::Device;
use slgan::labels::{Labeler, LatentPartition};
use slgan::nn::Architecture;
use slgan::nn::architecture::device_class;
use slgan::train::checkpoint::{self, Header};
use slgan::train::state::State;

use crate::cli::ModelArgs;
use crate::device::{self, Opened};
use crate::run_folder::RunFolder;

/// The state of a checkpoint, with everything needed to use it.
pub struct Model {
    /// The checkpoint's header.
    pub header: Header,
    /// The state; commands use its moving averages.
    pub state: State,
    /// The partition of the latent space.
    pub partition: LatentPartition,
    /// The device of the state.
    pub device: Device,
}

impl Model {
    /// Opens the checkpoint that a command names.
    ///
    /// # Errors
    /// If the checkpoint is missing or damaged, or the device does not exist.
    pub fn open(args: &ModelArgs) -> Result<Self> {
        let folder = RunFolder::at(&args.run);
        let (header, tensors) = folder.load(&args.checkpoint)?;
        let Opened { device, class, .. } = device::open(&args.device)?;
        let subject = &header.subject;
        let architecture = Architecture::new(&header.config, subject.image, subject.label_count)
            .of_class(device_class(&header.config, class));
        let fresh = State::new(&header.config, &architecture, &device);
        let state = checkpoint::restore(fresh, &header, &tensors, &device)
            .with_context(|| args.run.join(RunFolder::checkpoint_name(header.step)).display().to_string())?;
        let partition = LatentPartition::new(&header.config.latent, subject.label_count, header.config.seed);
        Ok(Self { header, state, partition, device })
    }

    /// The teacher, as in training.
    pub fn labeler(&self) -> Labeler<'_> {
        Labeler::new(&self.state.teacher, self.header.subject.cells, &self.header.config)
    }
}
