//! How good labels are: of generated images, by the classes that the extractor sees, and of a run's teacher.

use serde::{Deserialize, Serialize};

use super::feature_set::FeatureSet;
use crate::metrics::{
    AccuracyCoverage, ContingencyTable, FeaturesError, adjusted_rand_index, clustering_accuracy,
    normalized_mutual_information, purity, share,
};
use crate::train::event::Evaluated;
use crate::train::judge::residual::class_of;

/// Largest number of cells of the table of labels against classes: matching its rows to its columns takes a time that
/// grows with the cube of their number.
const TABLE_CELLS_MAX: usize = 1 << 20;

/// How well the labels of generated images fit the classes that the extractor sees. The extractor's own errors count as
/// errors of the labels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelScores {
    /// How many images have a label.
    pub images: usize,
    /// Share of images whose class is their label, if labels are classes.
    pub agreement: Option<f64>,
    /// The same for labels with arbitrary numbers, after the best one-to-one assignment. This and the next three are none
    /// with more than a million pairs of labels and classes.
    pub clustering_accuracy: Option<f64>,
    /// Share of images with the most common class of their label.
    pub purity: Option<f64>,
    /// Normalised mutual information of labels and classes.
    pub nmi: Option<f64>,
    /// Adjusted Rand index of labels and classes.
    pub ari: Option<f64>,
}

/// How good the labels are that a run's teacher gives to real images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TeacherScores {
    /// Share of images with the right class, if the run used manual labels.
    pub accuracy: Option<f64>,
    /// Accuracy under the best one-to-one assignment of artificial labels to classes.
    pub clustering_accuracy: Option<f64>,
    /// Normalised mutual information.
    pub nmi: Option<f64>,
    /// Adjusted Rand index.
    pub ari: Option<f64>,
    /// Share of images that pass the gate.
    pub gate_coverage: Option<f64>,
    /// Accuracy among the images that pass the gate.
    pub gate_precision: Option<f64>,
    /// Area under the risk-coverage curve ([`aurc`](crate::metrics::aurc)): 0 is perfect.
    pub aurc: Option<f64>,
    /// Accuracy among the most confident images against their share, with the gate's point.
    pub accuracy_coverage: Option<AccuracyCoverage>,
}

impl From<Evaluated> for TeacherScores {
    fn from(found: Evaluated) -> Self {
        Self {
            accuracy: found.accuracy,
            clustering_accuracy: found.clustering_accuracy,
            nmi: found.nmi,
            ari: found.ari,
            gate_coverage: found.gate_coverage,
            gate_precision: found.gate_precision,
            aurc: found.aurc,
            accuracy_coverage: found.accuracy_coverage,
        }
    }
}

/// Compares the labels of a set with the extractor's classes; none without labels. `are_classes` says whether a label
/// is the number of a class.
///
/// # Errors
/// If a logit is not finite.
pub(super) fn compare(set: &FeatureSet, are_classes: bool) -> Result<Option<LabelScores>, FeaturesError> {
    match set.logits.iter().position(|logit| !logit.is_finite()) {
        Some(index) => Err(FeaturesError::NonFinite { row: index / set.classes, column: index % set.classes }),
        None => Ok(compare_finite(set, are_classes)),
    }
}

fn compare_finite(set: &FeatureSet, are_classes: bool) -> Option<LabelScores> {
    let rows = set.logits.chunks_exact(set.classes).zip(&set.labels);
    let pairs = rows.filter_map(|(logits, label)| Some(((*label)?, class_of(logits))));
    let (labels, classes): (Vec<usize>, Vec<usize>) = pairs.unzip();
    let highest = *labels.iter().max()?;
    let is_small = highest.saturating_mul(set.classes) < TABLE_CELLS_MAX;
    let table = is_small.then(|| ContingencyTable::with_shape(&labels, &classes, highest + 1, set.classes));
    let table = table.as_ref();
    let agrees: Vec<bool> = labels.iter().zip(&classes).map(|(label, class)| label == class).collect();
    Some(LabelScores {
        images: labels.len(),
        agreement: share(&agrees).filter(|_| are_classes),
        clustering_accuracy: table.and_then(clustering_accuracy),
        purity: table.and_then(purity),
        nmi: table.and_then(normalized_mutual_information),
        ari: table.and_then(adjusted_rand_index),
    })
}
