//! What a judge measures on generated images. A figure is none where it has no meaning, as with too few images.

use serde::{Deserialize, Serialize};

use crate::labels::Cells;
use crate::metrics::share;

/// What a judge measures on generated images.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JudgeFigures {
    /// The Frechet distance between all held-out images and all generated ones.
    pub frechet: Option<f64>,
    /// Share of generated images whose class, by the judge, is the class of their artificial label.
    pub agreement: Option<f64>,
    /// The figures of each label and each class, if labels belong to classes.
    pub generated: Option<GeneratedFigures>,
}

/// Figures of generated images by artificial label and by class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneratedFigures {
    /// For each artificial label, the share of its images whose class, by the judge, is the label's.
    pub rows: Vec<Option<f64>>,
    /// The figures of each class; empty with more than [`CLASSES_MAX`](super::CLASSES_MAX) classes.
    pub classes: Vec<ClassFigures>,
}

/// Compares the held-out images of a class with the generated images of its artificial labels. At most the first 1,000
/// images of each side count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassFigures {
    /// The Frechet distance. With fewer images than features, it is mostly the error of estimating a covariance, so
    /// compare it only with that of the same class at other steps or in other runs on the same data.
    pub frechet: Option<f64>,
    /// Share of real images with a generated image among their nearest real neighbours.
    pub coverage: Option<f64>,
    /// Share of real images that lie among the nearest generated neighbours of a generated image.
    pub recall: Option<f64>,
}

impl GeneratedFigures {
    /// The mean of a figure over the classes that have it. Which ones these are depends on the data and the labels of
    /// the latents, which are the same in all evaluations of a run.
    pub fn mean(&self, figure: impl Fn(&ClassFigures) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.classes.iter().filter_map(figure).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// The lowest agreement of an artificial label.
    pub fn worst_row(&self) -> Option<f64> {
        self.rows.iter().flatten().copied().min_by(f64::total_cmp)
    }
}

/// Whether the class of each image is that of its artificial label: the share of all images, and of each label's.
pub(super) fn agreement(found: &[usize], labels: &[usize], cells: Cells) -> (Option<f64>, Vec<Option<f64>>) {
    let agrees: Vec<bool> = found.iter().zip(labels).map(|(&class, &label)| class == cells.class_of(label)).collect();
    let mut of_row = vec![Vec::new(); cells.classes * cells.per_class];
    for (&label, &agrees) in labels.iter().zip(&agrees) {
        of_row[label].push(agrees);
    }
    (share(&agrees), of_row.iter().map(|agrees| share(agrees)).collect())
}
