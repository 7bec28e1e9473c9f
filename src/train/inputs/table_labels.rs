//! What the discriminator sees of labels beside a label table: drawn and looked up on the host.

use burn::tensor::Tensor;

use super::draws::{Draws, LabelledLatents, RealImages};
use super::maker::InputMaker;
use crate::config::Unlabeled;
use crate::kernels::parcel::{Arrived, Parcel, Slot};
use crate::labels::table::flipped;
use crate::labels::{LabelTable, one_hot_rows};
use crate::rng::{Purpose, stream};
use crate::train::schedule::rising;

/// Labels of real and generated images, as the discriminator sees them.
#[derive(Debug, Clone)]
pub struct TableLabels {
    /// One-hot, `[2 batch, labels]`.
    pub labels: Tensor<2>,
    /// The weight of the label in the score, from 0 to 1, `[2 batch, 1]`.
    pub gate: Tensor<2>,
    /// Weight in the discriminator's and the generator's losses, `[2 batch, 1]`.
    pub weight: Tensor<2>,
}

/// [`TableLabels`] in a parcel.
#[derive(Debug)]
pub struct PackedTableLabels {
    labels: Slot<2>,
    gate: Slot<2>,
    weight: Slot<2>,
}

/// The same on the host: labels, and whether the discriminator sees them.
#[derive(Debug)]
struct Rows {
    labels: Vec<usize>,
    passes: Vec<bool>,
}

impl InputMaker<'_> {
    /// Packs the labels of update `number` in a step; none in a run without a table. Before the first table, no label
    /// passes.
    pub fn pack_table_labels(
        &self,
        table: Option<&LabelTable>,
        [step, number]: [u64; 2],
        real: &RealImages,
        latents: &LabelledLatents,
        parcel: &mut Parcel,
    ) -> Option<PackedTableLabels> {
        let config = &self.task.config;
        if !config.label_source().is_table() {
            return None;
        }
        let Rows { labels, passes } = self.draws.rows(table, number, real, latents);
        let ramp = rising(config.labels_from(), config.label_table.ramp, step) as f32;
        let is_dropped = |passes: bool| table.is_some() && config.gate.unlabeled == Unlabeled::Drop && !passes;
        let gates = passes.iter().map(|&passes| if passes { ramp } else { 0.0 }).collect();
        let weights = passes.iter().map(|&passes| if is_dropped(passes) { 0.0 } else { 1.0 }).collect();
        let (rows, count) = (labels.len(), self.draws.label_count());
        Some(PackedTableLabels {
            labels: parcel.add(one_hot_rows(&labels, count), [rows, count]),
            gate: parcel.add(gates, [rows, 1]),
            weight: parcel.add(weights, [rows, 1]),
        })
    }
}

impl Draws<'_> {
    /// The labels of real images and then of generated ones.
    fn rows(&self, table: Option<&LabelTable>, number: u64, real: &RealImages, latents: &LabelledLatents) -> Rows {
        let Some(table) = table else {
            let labels = [&vec![0; real.indices.len()][..], &latents.labels].concat();
            return Rows { passes: vec![false; labels.len()], labels };
        };
        let config = self.config();
        let mut draws = stream(config.seed, Purpose::GeneratedLabels, number);
        let indices = || real.indices.iter().map(|&index| index as usize);
        let mut rows = Rows {
            labels: indices().map(|index| usize::from(table.labels()[index])).collect(),
            passes: indices().map(|index| table.passes()[index]).collect(),
        };
        for &label in &latents.labels {
            let label = table.confusion().map_or(label, |confusion| confusion.draw(label, &mut draws));
            let seen = flipped(label, config.label_table.generated_flipped, self.label_count(), &mut draws);
            rows.passes.push(!config.label_table.gated || table.draw_gate(seen, &mut draws));
            rows.labels.push(seen);
        }
        rows
    }
}

impl PackedTableLabels {
    /// The labels of a parcel that has arrived.
    pub fn unpack(self, arrived: &mut Arrived) -> TableLabels {
        let Self { labels, gate, weight } = self;
        TableLabels { labels: arrived.take(labels), gate: arrived.take(gate), weight: arrived.take(weight) }
    }
}
