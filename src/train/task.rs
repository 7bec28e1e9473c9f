//! A task: a configuration and a data set that fit each other.

use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use super::subject::Subject;
use crate::config::{Config, IMAGE_SIZES, LabelBudget, LatentConfig, Mode, Partition};
use crate::data::Dataset;
use crate::kernels::class::DeviceClass;
use crate::labels::LabelTable;
use crate::labels::budget::{self, BudgetError};
use crate::labels::cells::{Cells, UnevenCells};
use crate::nn::Architecture;
use crate::nn::architecture::device_class;

/// Artificial labels of a data set with fewer than two classes.
const DEFAULT_LABELS: usize = 10;

/// Most artificial labels without manual labels, unless the configuration has a number: the classes of a large data
/// set say nothing about how many kinds of pictures a network can tell apart by itself.
const UNSUPERVISED_LABELS_MAX: usize = 255;

/// Dimensions left to noise in an orthogonal partition, unless the configuration has a number of artificial labels.
const NOISE_DIMENSIONS: usize = 32;

/// A configuration and a data set that fit each other. Everything that one leaves to the other is decided.
#[derive(Debug, Clone)]
pub struct Task {
    /// The configuration, without open choices.
    pub config: Config,
    /// The data, which several tasks may share.
    pub data: Arc<Dataset>,
    /// The manual label of each training image, if the run may use it.
    pub manual: Vec<Option<u16>>,
    /// What the networks are made for.
    pub subject: Subject,
    /// Labels from a file, for the label table.
    pub given_labels: Option<Arc<LabelTable>>,
    /// The class of the device.
    device: DeviceClass,
}

/// Why a configuration and a data set do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// The label budget cannot be met.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// `K` is not a multiple of the number of classes.
    #[error(transparent)]
    Cells(#[from] UnevenCells),
    /// The mode needs labels, but none are used.
    #[error("mode: class-conditional needs manual labels, but none are used; set --labels, or use --mode self-label")]
    NothingLabelled,
    /// There are more artificial labels than dimensions.
    #[error("latent.dim: expected at least {expected} for {label_count} artificial labels, found {found}")]
    FewDimensions {
        /// Artificial labels.
        label_count: usize,
        /// Dimensions that they need.
        expected: usize,
        /// Dimensions.
        found: usize,
    },
    /// The networks do not support the size of the images.
    #[error("images of {found} pixels: expected one of {IMAGE_SIZES:?}")]
    Size {
        /// The images' side length.
        found: usize,
    },
}

impl Task {
    /// Combines a configuration and a data set.
    ///
    /// # Errors
    /// If they do not fit. The message names a key to change.
    pub fn new(config: Config, data: impl Into<Arc<Dataset>>) -> Result<Self, TaskError> {
        let data = data.into();
        let fingerprint = fingerprint(&data);
        Self::of(config, data, fingerprint, DeviceClass::default())
    }

    /// The same task on a device of a class; without this, on a software device.
    pub fn on(self, device: DeviceClass) -> Self {
        Self { device, ..self }
    }

    /// The same task with labels from a file, for the label table.
    pub fn with_labels(self, labels: LabelTable) -> Self {
        Self { given_labels: Some(Arc::new(labels)), ..self }
    }

    /// The class that decides the kernels: the device's own, unless the configuration names one.
    pub fn device_class(&self) -> DeviceClass {
        device_class(&self.config, self.device)
    }

    /// The same data and device with another configuration.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_config(&self, config: Config) -> Result<Self, TaskError> {
        let task = Self::of(config, Arc::clone(&self.data), self.subject.fingerprint.clone(), self.device)?;
        Ok(Self { given_labels: self.given_labels.clone(), ..task })
    }

    fn of(mut config: Config, data: Arc<Dataset>, fingerprint: String, device: DeviceClass) -> Result<Self, TaskError> {
        let image = data.train.images.shape;
        if !IMAGE_SIZES.contains(&image.size) {
            return Err(TaskError::Size { found: image.size });
        }
        config.images.size = image.size;
        config.images.channels = image.channels;
        config.label_budget = budget::resolve(config.label_budget, &data);
        let manual = budget::select(config.label_budget, &data, config.seed)?;
        let classes = data.class_names.len();
        let label_count = choose_labels(&mut config.latent, config.label_budget, classes)?;
        let has_images = data.train.len() >= label_count;
        config.label_table = config.label_table.clone().resolved(has_images && config.finds_all_labels());
        let cells = match config.label_budget {
            LabelBudget::None if config.mode == Mode::ClassConditional => return Err(TaskError::NothingLabelled),
            LabelBudget::None => None,
            _ => Some(Cells::new(label_count, classes)?),
        };
        let subject = Subject {
            data: data.name.clone(),
            image,
            train_images: data.train.len(),
            fingerprint,
            class_names: data.class_names.clone(),
            label_count,
            cells,
        };
        Ok(Self { config, data, manual, subject, given_labels: None, device })
    }

    /// The networks of this task.
    pub fn architecture(&self) -> Architecture {
        Architecture::new(&self.config, self.subject.image, self.subject.label_count).of_class(self.device_class())
    }
}

/// Decides the number of artificial labels, if the configuration leaves it to the data, and makes room for them.
fn choose_labels(latent: &mut LatentConfig, budget: LabelBudget, classes: usize) -> Result<usize, TaskError> {
    if latent.artificial_labels == 0 {
        latent.artificial_labels = match budget {
            _ if classes < 2 => DEFAULT_LABELS,
            LabelBudget::None => classes.min(UNSUPERVISED_LABELS_MAX),
            _ => classes,
        };
        let noise = if latent.partition == Partition::Orthogonal { NOISE_DIMENSIONS } else { 0 };
        latent.dim = latent.dim.max(latent.artificial_labels + noise);
    }
    let missing = latent.artificial_labels.saturating_sub(latent.most_labels());
    if missing > 0 {
        let (label_count, found) = (latent.artificial_labels, latent.dim);
        return Err(TaskError::FewDimensions { label_count, expected: found + missing, found });
    }
    Ok(latent.artificial_labels)
}

/// Adds a label. Sets of at most 255 classes have one byte for a label, as they always had, so that older runs still
/// know their data.
fn hash_label(label: Option<u16>, classes: usize, hash: &mut Sha256) {
    if classes <= usize::from(u8::MAX) {
        hash.update([label.map_or(u8::MAX, |class| class as u8)]);
    } else {
        hash.update(label.unwrap_or(u16::MAX).to_le_bytes());
    }
}

/// The first digits of the SHA-256 of all images and labels.
pub fn fingerprint(data: &Dataset) -> String {
    const BYTES: usize = 6;
    let mut hash = Sha256::new();
    for split in [&data.train, &data.test] {
        hash.update(&split.images.pixels);
        split.labels.iter().for_each(|label| hash_label(*label, data.class_names.len(), &mut hash));
    }
    hash.finalize().iter().take(BYTES).map(|byte| format!("{byte:02x}")).collect()
}
