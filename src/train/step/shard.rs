//! One shard of a batch: an equal part of the images of each kind, with everything that belongs to them.

use std::ops::Range;

use super::rows::rows_of;
use crate::kernels::diff_augment::Augmentation;
use crate::kernels::losses::{Count, Counts};
use crate::train::inputs::{ClassifierTensors, TableLabels, UpdateTensors};

/// One of equally large shards.
#[derive(Debug, Clone, Copy)]
pub struct Shard {
    /// Its number, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

impl Shard {
    /// Its part of the inputs of an update.
    pub fn update(self, whole: &UpdateTensors) -> UpdateTensors {
        let (batch, images, known) = (whole.latents.dims()[0], whole.images.dims()[0], whole.known.dims()[0]);
        let adversarial = [0..batch, batch..2 * batch].map(|kind| self.part(kind));
        let labelled = (images > 2 * batch).then(|| self.part(2 * batch..images));
        let all: Vec<Range<usize>> = adversarial.iter().cloned().chain(labelled).collect();
        let real = &adversarial[..1];
        UpdateTensors {
            real_indices: whole.real_indices[real[0].clone()].to_vec(),
            images: rows_of(&whole.images, &all),
            marks: rows_of(&whole.marks, &all),
            known: rows_of(&whole.known, &adversarial[..known / batch]),
            latents: rows_of(&whole.latents, real),
            table_labels: whole.table_labels.as_ref().map(|labels| labels_of(labels, &adversarial)),
            augmentation: changes_of(&whole.augmentation, &adversarial),
            noise: whole.noise.as_ref().map(|noise| rows_of(noise, real)),
        }
    }

    /// Its part of what only the classifier takes. A loss keeps its factor, so the losses of all shards add up to that
    /// of the batch.
    pub fn classifier(self, whole: &ClassifierTensors) -> ClassifierTensors {
        let Counts { weighed, first, second } = whole.counts;
        let [weighed, first, second] = [weighed, first, second].map(|count| self.count_of(count));
        let mut end = 0;
        let kinds = whole.rows.iter().map(|rows| {
            end += rows.len();
            self.part(end - rows.len()..end)
        });
        let own: Vec<Range<usize>> = kinds.collect();
        // The shard has images of each kind, one kind after the other, as the batch does.
        let rows = whole.rows.iter().map(|rows| rows.start / self.count..rows.end / self.count).collect();
        ClassifierTensors {
            rows,
            counts: Counts { weighed, first, second },
            shifts: changes_of(&whole.shifts, &own),
            dropout: whole.dropout.as_ref().map(|factors| rows_of(factors, &own)),
        }
    }

    /// Its part of the changes of one kind of images.
    pub fn augmentation(self, whole: &Augmentation) -> Augmentation {
        changes_of(whole, &[self.part(0..whole.changes().len())])
    }

    /// Its part of neighbouring images.
    fn part(self, images: Range<usize>) -> Range<usize> {
        let share = images.len() / self.count;
        let start = images.start + self.index * share;
        start..start + share
    }

    fn count_of(self, whole: Count) -> Count {
        Count { images: whole.images / self.count, ..whole }
    }
}

/// What the discriminator sees of the labels of some images.
fn labels_of(whole: &TableLabels, images: &[Range<usize>]) -> TableLabels {
    let [labels, gate, weight] = [&whole.labels, &whole.gate, &whole.weight].map(|tensor| rows_of(tensor, images));
    TableLabels { labels, gate, weight }
}

/// The changes of some images.
fn changes_of(whole: &Augmentation, images: &[Range<usize>]) -> Augmentation {
    let changes = images.iter().flat_map(|range| whole.changes()[range.clone()].to_vec()).collect();
    Augmentation::of(changes, whole.rows().map(|rows| rows_of(&rows, images)))
}
