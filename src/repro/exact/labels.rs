//! Latents with their artificial labels, and the label budget.

use std::sync::Arc;

use super::item::{of_integers, of_numbers};
use crate::config::{Config, LatentConfig, Partition};
use crate::data::Dataset;
use crate::labels::{LatentPartition, Latents};
use crate::repro::report::ExactItem;
use crate::repro::tasks::{PLANS, SEED};
use crate::rng::{Purpose, stream};

/// Latents of each partition.
const LATENTS: usize = 200;

/// Artificial labels.
const LABELS: usize = 10;

pub fn items(data: &Arc<Dataset>) -> Vec<ExactItem> {
    let mut items = Vec::new();
    for (kind, name) in
        [(Partition::Orthogonal, "orthogonal"), (Partition::Mixture, "mixture"), (Partition::Voronoi, "voronoi")]
    {
        let partition = partition(kind);
        let anchors = (0..LABELS).flat_map(|label| partition.anchor(label).into_owned());
        let about = format!("The anchors of the {name} partition: ten orthonormal vectors.");
        items.push(of_numbers(&format!("anchors, {name}"), &about, anchors.collect::<Vec<_>>()));
        let Latents { vectors, labels } = partition.draw(LATENTS, &mut stream(SEED, Purpose::Latents, 0));
        let about = format!("Latent vectors of the {name} partition.");
        items.push(of_numbers(&format!("latents, {name}"), &about, vectors));
        let about = format!("The artificial labels of the latents of the {name} partition.");
        items.push(of_integers(
            &format!("artificial labels, {name}"),
            &about,
            labels.into_iter().map(|label| label as i64),
        ));
    }
    for plan in PLANS {
        let about = "Which training images keep their manual label, and which label it is (-1 for none).";
        let labels = plan.task(data, 1).manual.into_iter().map(|label| label.map_or(-1, i64::from));
        items.push(of_integers(&format!("label budget, {}", plan.name), about, labels));
    }
    items
}

fn partition(kind: Partition) -> LatentPartition {
    LatentPartition::new(&LatentConfig { partition: kind, ..Config::default().latent }, LABELS, SEED)
}
