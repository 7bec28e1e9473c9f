//! The label budget: which manual labels a run may use.
//!
//! Every degree of labelling, from none to all, is the same thing to the rest of the code: an optional class for each
//! training image.

use crate::data::Dataset;
use crate::rng::{Purpose, stream};
use crate::train::config::LabelBudget;

/// Why a label budget cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// Labels were asked for where there are none.
    #[error("labels: the data set `{data}` has no labels; use --labels none")]
    NoLabels {
        /// Name of the data set.
        data: String,
    },
    /// A fraction so small that some class would have no label.
    #[error("labels: {fraction} of {images} images is fewer than one for each of {classes} classes")]
    TooFew {
        /// The fraction asked for.
        fraction: String,
        /// Training images.
        images: usize,
        /// Classes.
        classes: usize,
    },
}

/// Replaces `auto` by what it stands for with this data set.
pub fn resolve(budget: LabelBudget, data: &Dataset) -> LabelBudget {
    let labelled = data.train.labels.iter().flatten().count();
    match budget {
        LabelBudget::Auto if labelled == 0 => LabelBudget::None,
        LabelBudget::Auto if data.name == "glyphs" => LabelBudget::Fraction(0.01),
        LabelBudget::Auto if labelled < data.train.labels.len() => LabelBudget::Given,
        LabelBudget::Auto => LabelBudget::All,
        other => other,
    }
}

/// The manual label of each training image, or none where the budget leaves it out.
///
/// A fraction is taken of all training images, balanced by class as far as the labels go, and fixed by the seed: the
/// images of a smaller fraction are among those of a larger one.
///
/// # Errors
/// If labels are asked for where there are none, or a fraction gives some class no label at all.
pub fn select(budget: LabelBudget, data: &Dataset, seed: u64) -> Result<Vec<Option<u8>>, BudgetError> {
    let labels = &data.train.labels;
    let no_labels = labels.iter().all(Option::is_none);
    match resolve(budget, data) {
        LabelBudget::None | LabelBudget::Auto => Ok(vec![None; labels.len()]),
        _ if no_labels => Err(BudgetError::NoLabels { data: data.name.clone() }),
        LabelBudget::All | LabelBudget::Given => Ok(labels.clone()),
        LabelBudget::Fraction(fraction) => balanced(labels, fraction, data.class_names.len(), seed),
    }
}

fn balanced(labels: &[Option<u8>], fraction: f64, classes: usize, seed: u64) -> Result<Vec<Option<u8>>, BudgetError> {
    let wanted = libm::round(fraction * labels.len() as f64) as usize;
    if wanted < classes {
        return Err(BudgetError::TooFew { fraction: fraction.to_string(), images: labels.len(), classes });
    }
    let mut by_class = vec![Vec::new(); classes];
    for index in stream(seed, Purpose::LabelBudget, 0).permutation(labels.len()) {
        if let Some(class) = labels[index as usize] {
            by_class[usize::from(class)].push(index as usize);
        }
    }
    let longest = by_class.iter().map(Vec::len).max().unwrap_or(0);
    let round_robin = (0..longest).flat_map(|turn| by_class.iter().filter_map(move |images| images.get(turn)));
    let mut kept = vec![None; labels.len()];
    for &index in round_robin.take(wanted) {
        kept[index] = labels[index];
    }
    Ok(kept)
}
