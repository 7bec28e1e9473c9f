//! The inputs of a discriminator update, and the batch that all phases of a step share.

use burn::tensor::Tensor;

use super::draws::RealImages;
use super::maker::InputMaker;
use super::table_labels::{PackedTableLabels, TableLabels};
use crate::kernels::batch::{FREE, batch_shape, pixels};
use crate::kernels::diff_augment::{Augmentation, Change, PARAMETERS, changes_colors, rows};
use crate::kernels::launch::Launch;
use crate::kernels::parcel::{Arrived, IntegerSlot, Parcel, Slot};
use crate::labels::LabelTable;
use crate::train::streams::Pass;

/// What an update takes besides the state. The batch has real images, free places for as many generated ones, and any
/// labelled images of the classifier.
#[derive(Debug, Clone)]
pub struct UpdateTensors {
    /// Positions of the real images in the training set.
    pub real_indices: Vec<u32>,
    /// `[images, channels, size, size]` in -1 to 1.
    pub images: Tensor<4>,
    /// The artificial labels that an image may have, `[images, labels]`: 1 for each label that fits a real or labelled
    /// image, and one-hot for a generated one.
    pub marks: Tensor<2>,
    /// 1 for real images with a manual label, `[batch, 1]`, or also for generated ones in their places, `[2 batch, 1]`, if
    /// these are to pass the gate too.
    pub known: Tensor<2>,
    /// Latent vectors of the generated images, `[batch, dim]`.
    pub latents: Tensor<2>,
    /// What the discriminator sees instead of the teacher's labels, in a run with a label table.
    pub table_labels: Option<TableLabels>,
    /// DiffAugment's changes of real and generated images.
    pub augmentation: Augmentation,
    /// Standard normal noise in the shape of the real images, if there is a penalty.
    pub noise: Option<Tensor<4>>,
}

/// [`UpdateTensors`] in a parcel.
#[derive(Debug)]
pub struct PackedUpdate {
    real_indices: Vec<u32>,
    images: PackedImages,
    marks: Slot<2>,
    known: Slot<2>,
    latents: Slot<2>,
    table_labels: Option<PackedTableLabels>,
    augmentation: PackedAugmentation,
    noise: Option<Slot<4>>,
}

/// A batch of images: positions in the set that the device keeps, or pixels.
#[derive(Debug)]
enum PackedImages {
    Kept(Vec<u32>, IntegerSlot),
    Pixels(Slot<4>),
}

/// What decides the kernels of an augmentation: whether colours change; none if nothing does.
pub type AugmentationForm = Option<bool>;

/// Changes of images, and the place of their rows if they change anything.
#[derive(Debug)]
pub struct PackedAugmentation {
    changes: Vec<Change>,
    rows: Option<Slot<2>>,
}

impl PackedUpdate {
    /// Positions of the real images in the training set.
    pub fn real_indices(&self) -> &[u32] {
        &self.real_indices
    }

    /// How the augmentation launches.
    pub fn augmentation_form(&self) -> AugmentationForm {
        self.augmentation.form()
    }
}

impl InputMaker<'_> {
    /// Packs the inputs of discriminator update `number`, counted over the whole run, in a step, with images for the
    /// classifier.
    pub fn pack_update(
        &self,
        [step, number]: [u64; 2],
        table: Option<&LabelTable>,
        labelled: Option<RealImages>,
        parcel: &mut Parcel,
    ) -> PackedUpdate {
        let batch = self.task.config.batch;
        let (real, latents) = (self.draws.real(number), self.draws.latents(number, table));
        let table_labels = self.pack_table_labels(table, [step, number], &real, &latents, parcel);
        let labelled = labelled.unwrap_or_default();
        let marks = [real.allowed, latents.one_hot_labels, labelled.allowed].concat();
        let label_count = self.draws.label_count();
        let kinds = if self.draws.matches_manual() && table_labels.is_none() { 2 } else { 1 };
        let indices = [&real.indices[..], &vec![FREE; batch], &labelled.indices].concat();
        let flips = [&real.flips[..], &vec![false; batch], &labelled.flips].concat();
        PackedUpdate {
            images: self.pack_images(indices, &flips, parcel),
            marks: parcel.add(marks, [2 * batch + labelled.indices.len(), label_count]),
            known: parcel.add(real.known.repeat(kinds), [kinds * batch, 1]),
            latents: parcel.add(latents.vectors, [batch, self.draws.latent_dim()]),
            table_labels,
            augmentation: self.pack_augmentation(2 * batch, Pass::Discriminator { update: number }, parcel),
            noise: self.pack_noise(number, parcel),
            real_indices: real.indices,
        }
    }

    /// The inputs of a parcel that has arrived.
    pub fn unpack_update(&self, packed: PackedUpdate, arrived: &mut Arrived) -> UpdateTensors {
        UpdateTensors {
            real_indices: packed.real_indices,
            images: self.unpack_images(packed.images, arrived),
            marks: arrived.take(packed.marks),
            known: arrived.take(packed.known),
            latents: arrived.take(packed.latents),
            table_labels: packed.table_labels.map(|labels| labels.unpack(arrived)),
            augmentation: packed.augmentation.unpack(arrived),
            noise: packed.noise.map(|slot| arrived.take(slot)),
        }
    }

    /// Packs DiffAugment's changes of `batch` images, for a pass through the discriminator.
    pub fn pack_augmentation(&self, batch: usize, pass: Pass, parcel: &mut Parcel) -> PackedAugmentation {
        PackedAugmentation::new(self.draws.augmentation(batch, pass), parcel)
    }

    fn pack_images(&self, indices: Vec<u32>, flips: &[bool], parcel: &mut Parcel) -> PackedImages {
        match &self.resident {
            Some(kept) => {
                let marked = parcel.add_integers(kept.marked(&indices, flips));
                PackedImages::Kept(indices, marked)
            }
            None => {
                let images = &self.task.data.train.images;
                let shape = batch_shape(images.shape, &indices);
                PackedImages::Pixels(parcel.add(pixels(images, &indices, flips), shape))
            }
        }
    }

    /// # Panics
    /// If the images are of another maker.
    fn unpack_images(&self, packed: PackedImages, arrived: &mut Arrived) -> Tensor<4> {
        match (packed, &self.resident) {
            (PackedImages::Pixels(slot), _) => arrived.take(slot),
            (PackedImages::Kept(indices, slot), Some(kept)) => {
                kept.assemble_marked(&indices, arrived.take_integers(slot), Launch::of(self.task.device_class()))
            }
            (PackedImages::Kept(..), None) => panic!("inputs: the images are of another maker"),
        }
    }

    fn pack_noise(&self, number: u64, parcel: &mut Parcel) -> Option<Slot<4>> {
        let shape = self.task.data.train.images.shape;
        let dims = [self.task.config.batch, shape.channels, shape.size, shape.size];
        let has_penalty = self.task.config.discriminator.r1_weight > 0.0;
        has_penalty.then(|| parcel.add(self.draws.noise(dims.iter().product(), number), dims))
    }
}

impl PackedAugmentation {
    /// Packs changes.
    pub fn new(changes: Vec<Change>, parcel: &mut Parcel) -> Self {
        let rows = rows(&changes).map(|rows| parcel.add(rows, [changes.len(), PARAMETERS]));
        Self { changes, rows }
    }

    /// What decides its kernels.
    pub fn form(&self) -> AugmentationForm {
        self.rows.as_ref().map(|_| changes_colors(&self.changes))
    }

    /// The changes of a parcel that has arrived.
    pub fn unpack(self, arrived: &mut Arrived) -> Augmentation {
        Augmentation::of(self.changes, self.rows.map(|slot| arrived.take(slot)))
    }
}
