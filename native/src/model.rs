//! A trained model from a run folder.

use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::Device;
use slgan::labels::{Labeler, LatentPartition};
use slgan::nn::Architecture;
use slgan::nn::architecture::device_class;
use slgan::train::checkpoint::{self, Header};
use slgan::train::state::State;

use crate::cli::{CheckpointChoice, ModelArgs};
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
        let loaded = RunFolder::at(&args.run).load(&args.checkpoint)?;
        Self::of(&args.run, loaded, &device::open(&args.device)?)
    }

    /// Opens a checkpoint of a run on a device that is open already.
    ///
    /// # Errors
    /// If the checkpoint is missing or damaged.
    pub fn open_on(run: &Path, checkpoint: &CheckpointChoice, opened: &Opened) -> Result<Self> {
        Self::of(run, RunFolder::at(run).load(checkpoint)?, opened)
    }

    fn of(run: &Path, (header, tensors): (Header, Vec<u8>), opened: &Opened) -> Result<Self> {
        let (device, class) = (opened.device.clone(), opened.class);
        let subject = &header.subject;
        let architecture = Architecture::new(&header.config, subject.image, subject.label_count)
            .of_class(device_class(&header.config, class));
        let fresh = State::new(&header.config, &architecture, &device);
        let state = checkpoint::restore(fresh, &header, &tensors, &device)
            .with_context(|| run.join(RunFolder::checkpoint_name(header.step)).display().to_string())?;
        let partition = LatentPartition::new(&header.config.latent, subject.label_count, header.config.seed);
        Ok(Self { header, state, partition, device })
    }

    /// The teacher, as in training.
    pub fn labeler(&self) -> Labeler<'_> {
        Labeler::new(&self.state.teacher, self.header.subject.cells, &self.header.config)
    }
}
