//! The checkpoint that a run goes on from, and whether configuration and data are those that it was made with.

use anyhow::{Context, Result};
use slgan::config::{Config, resume_differences};
use slgan::train::checkpoint::{self, Header};
use slgan::train::state::State;

use slgan::train::task::{Subject, Task};

use crate::cli::CheckpointChoice;
use crate::dataset;
use crate::device::Opened;
use crate::failure::{Usage, usage};
use crate::mpi::Group;
use crate::run_folder::RunFolder;

/// Keys that a configuration may leave to the data, so that they are compared when the data are known.
pub const LEFT_TO_DATA: [&str; 5] =
    ["labels", "images.size", "images.channels", "latent.dim", "latent.artificial_labels"];

/// A checkpoint that was read.
pub struct Saved {
    /// Its header.
    pub header: Header,
    tensors: Vec<u8>,
}

impl Saved {
    /// Reads the chosen checkpoint in the first process, and gives it to all; none if the run has not saved one yet.
    ///
    /// # Errors
    /// If it is missing or damaged, or was made with another configuration.
    pub fn load(folder: &RunFolder, which: &CheckpointChoice, config: &Config, group: &Group) -> Result<Option<Self>> {
        let (mut headers, mut tensors) = (Vec::new(), Vec::new());
        if group.is_first()
            && let Some((header, bytes)) = group.alone(|| folder.resume(which))?
        {
            (headers, tensors) = (serde_json::to_vec(&header)?, bytes);
        }
        let headers = group.of_first(|| Ok(headers))?;
        let tensors = group.of_first(|| Ok(tensors))?;
        if headers.is_empty() {
            return Ok(None);
        }
        let saved = Self { header: serde_json::from_slice(&headers)?, tensors };
        saved.check_config(folder, config, &LEFT_TO_DATA)?;
        Ok(Some(saved))
    }

    /// Checks that the data are those of the checkpoint, wherever they are now.
    ///
    /// # Errors
    /// If they differ, naming what differs.
    pub fn check_data(&self, folder: &RunFolder, task: &Task) -> Result<()> {
        let (trained, found) = (&self.header.subject, &task.subject);
        if trained != found {
            let path = folder.path.display();
            let parts = data_differences(trained, found).join(", ");
            return Err(usage(format!(
                "{path}: trained on {trained}, but the data are {found}; they differ in {parts}"
            )));
        }
        self.check_config(folder, &task.config, &[])
    }

    /// Puts the checkpoint into a fresh state.
    ///
    /// # Errors
    /// If the tensors are damaged or do not fit.
    pub fn restore(self, folder: &RunFolder, fresh: State, opened: &Opened) -> Result<State> {
        checkpoint::restore(fresh, &self.header, &self.tensors, &opened.device)
            .with_context(|| folder.path.join(RunFolder::checkpoint_name(self.header.step)).display().to_string())
    }

    fn check_config(&self, folder: &RunFolder, config: &Config, except: &[&str]) -> Result<()> {
        let mut keys = differences(&self.header.config, &as_in_a_header(config)?);
        keys.retain(|key| !except.contains(&key.as_str()));
        if keys.is_empty() {
            return Ok(());
        }
        let (path, keys) = (folder.path.display(), keys.join(", "));
        Err(Usage::new(format!("{path}: the checkpoint's configuration differs from config.toml: {keys}")).into())
    }
}

/// The keys that differ and that a resumed run may not change. The data may be in another place.
pub fn differences(saved: &Config, asked: &Config) -> Vec<String> {
    let set = |config: &Config| dataset::parse(&config.data).ok().map(|spec| spec.name());
    let mut keys = resume_differences(saved, asked);
    keys.retain(|key| key != "data" || set(saved) != set(asked));
    keys
}

/// What differs between two subjects, for people.
fn data_differences(trained: &Subject, found: &Subject) -> Vec<&'static str> {
    let parts = [
        (trained.data != found.data, "the data set"),
        (trained.image != found.image, "the shape of the images"),
        (trained.train_images != found.train_images, "the number of training images"),
        (trained.class_names != found.class_names, "the classes"),
        (trained.fingerprint != found.fingerprint, "the contents"),
        (trained.label_count != found.label_count || trained.cells != found.cells, "the artificial labels"),
    ];
    parts.into_iter().filter(|(differs, _)| *differs).map(|(_, part)| part).collect()
}

/// The configuration after a round trip through a checkpoint's header, so that numbers compare bit by bit.
fn as_in_a_header(config: &Config) -> Result<Config> {
    Ok(serde_json::from_value(serde_json::from_str(&serde_json::to_string(config)?)?)?)
}
