//! What the classifier takes besides the batch that it shares with the discriminator.

use std::ops::Range;

use burn::tensor::Tensor;

use super::draws::RealImages;
use super::maker::InputMaker;
use super::update::{AugmentationForm, PackedAugmentation};
use crate::kernels::diff_augment::{Augmentation, Change};
use crate::kernels::dropout::{PackedFactors, Part, Share};
use crate::kernels::losses::{Count, Counts};
use crate::kernels::parcel::{Arrived, Parcel};
use crate::train::streams::Pass;

/// What the classifier takes besides the batch.
#[derive(Debug, Clone)]
pub struct ClassifierTensors {
    /// The rows of the batch that the classifier learns from.
    pub rows: Vec<Range<usize>>,
    /// Their kinds, in the same order, with the factors of their losses: real images with pseudo-labels, generated ones
    /// with the labels of their latents, and labelled ones.
    pub counts: Counts,
    /// Changes of the images.
    pub shifts: Augmentation,
    /// Factors `[images, features]` that drop a feature or scale it up; none without dropout.
    pub dropout: Option<Tensor<2>>,
}

/// [`ClassifierTensors`] in a parcel.
#[derive(Debug)]
pub struct PackedClassifier {
    rows: Vec<Range<usize>>,
    counts: Counts,
    shifts: PackedAugmentation,
    dropout: Option<PackedFactors>,
}

/// Images of one kind.
struct Kind {
    rows: Range<usize>,
    pass: Pass,
    changes: Changes,
}

/// How images change before the classifier sees them.
#[derive(Clone, Copy)]
enum Changes {
    None,
    /// They are shifted if labels are few.
    Shifts,
    /// Every change of DiffAugment.
    All,
}

impl InputMaker<'_> {
    /// The classifier's labelled images of a step; none without labels.
    pub fn labelled(&self, step: u64) -> Option<RealImages> {
        self.draws.labelled(step)
    }

    /// Packs what the classifier takes in a step with `labelled` images; none if it has nothing to learn from.
    ///
    /// With few manual labels, it also learns from trusted pseudo-labels, and real images are shifted at random. It
    /// never learns from pseudo-labels alone, because they would only repeat what the first steps taught it.
    pub fn pack_classifier(&self, step: u64, labelled: usize, parcel: &mut Parcel) -> Option<PackedClassifier> {
        let (config, batch) = (&self.task.config.classifier, self.task.config.batch);
        let kind = |is_seen: bool, rows, pass, changes| is_seen.then_some(Kind { rows, pass, changes });
        let generated = if config.augment_generated { Changes::All } else { Changes::None };
        let learns_itself = labelled > 0 && config.self_weight > 0.0 && self.draws.has_few_labels();
        let kinds = [
            kind(learns_itself, 0..batch, Pass::ClassifierSelfLabelled { step }, Changes::Shifts),
            kind(config.generated_weight > 0.0, batch..2 * batch, Pass::ClassifierGenerated { step }, generated),
            kind(labelled > 0, 2 * batch..2 * batch + labelled, Pass::ClassifierLabelled { step }, Changes::Shifts),
        ];
        let count = |kind: &Option<Kind>, weight: f64| {
            kind.as_ref().map_or(Count::default(), |kind| Count::mean(kind.rows.len(), weight))
        };
        let counts = Counts {
            weighed: count(&kinds[0], config.self_weight),
            first: count(&kinds[1], config.generated_weight),
            second: count(&kinds[2], 1.0),
        };
        let kinds: Vec<Kind> = kinds.into_iter().flatten().collect();
        (!kinds.is_empty()).then(|| PackedClassifier {
            shifts: self.pack_shifts(&kinds, parcel),
            dropout: self.pack_dropout(&kinds, parcel),
            rows: kinds.into_iter().map(|kind| kind.rows).collect(),
            counts,
        })
    }

    fn pack_shifts(&self, kinds: &[Kind], parcel: &mut Parcel) -> PackedAugmentation {
        let changes = |kind: &Kind| {
            let count = kind.rows.len();
            match kind.changes {
                Changes::None => vec![Change::NONE; count],
                Changes::Shifts => self.draws.shifts(count, kind.pass),
                Changes::All => self.draws.strong_changes(count, kind.pass),
            }
        };
        PackedAugmentation::new(kinds.iter().flat_map(changes).collect(), parcel)
    }

    fn pack_dropout(&self, kinds: &[Kind], parcel: &mut Parcel) -> Option<PackedFactors> {
        // A share below 1 may round to 1.
        let dropped = (self.task.config.classifier.dropout as f32).min(1.0_f32.next_down());
        let part = |kind: &Kind| Part { rows: kind.rows.len(), stream: self.draws.dropout(kind.pass) };
        let parts = || kinds.iter().map(part).collect();
        let share = Share { dropped };
        (dropped > 0.0).then(|| PackedFactors::new(parts(), self.feature_count, share, parcel, self.device()))
    }
}

impl PackedClassifier {
    /// How its shifts launch.
    pub fn shifts_form(&self) -> AugmentationForm {
        self.shifts.form()
    }

    /// The inputs of a parcel that has arrived.
    pub fn unpack(self, arrived: &mut Arrived) -> ClassifierTensors {
        ClassifierTensors {
            rows: self.rows,
            counts: self.counts,
            shifts: self.shifts.unpack(arrived),
            dropout: self.dropout.map(|factors| factors.unpack(arrived)),
        }
    }
}
