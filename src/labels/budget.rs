//! The label budget: which manual labels a run may use.
//!
//! The rest of the code treats every degree of labelling, from none to all, the same way: as an optional class per
//! training image.

use crate::config::LabelBudget;
use crate::data::{Dataset, catalogue};
use crate::rng::{Purpose, stream};

/// Why a label budget cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    /// The budget asks for labels, but the data set has none.
    #[error("labels: the data set `{data}` has no labels; use --labels none")]
    NoLabels {
        /// Name of the data set.
        data: String,
    },
    /// The fraction is too small for a label of every class.
    #[error("labels: {fraction} of {images} images is fewer than one for each of {classes} classes")]
    TooFew {
        /// The fraction.
        fraction: String,
        /// Training images.
        images: usize,
        /// Classes.
        classes: usize,
    },
}

/// Replaces `auto` with its meaning for this data set.
pub fn resolve(budget: LabelBudget, data: &Dataset) -> LabelBudget {
    let labelled = data.train.labels.iter().flatten().count();
    match budget {
        LabelBudget::Auto if labelled == 0 => LabelBudget::None,
        LabelBudget::Auto if data.name == catalogue::GLYPHS => LabelBudget::Fraction(0.01),
        LabelBudget::Auto if labelled < data.train.labels.len() => LabelBudget::Given,
        LabelBudget::Auto => LabelBudget::All,
        other => other,
    }
}

/// The manual label of each training image, or none if the budget excludes it.
///
/// A fraction refers to all training images. The seed fixes which images keep their labels; classes are balanced as far
/// as the labels allow. A larger fraction includes the images of a smaller one.
///
/// # Errors
/// If the budget asks for labels and the data set has none, or a fraction amounts to fewer labels than classes.
pub fn select(budget: LabelBudget, data: &Dataset, seed: u64) -> Result<Vec<Option<u16>>, BudgetError> {
    let labels = &data.train.labels;
    let no_labels = labels.iter().all(Option::is_none);
    match resolve(budget, data) {
        LabelBudget::None | LabelBudget::Auto => Ok(vec![None; labels.len()]),
        _ if no_labels => Err(BudgetError::NoLabels { data: data.name.clone() }),
        LabelBudget::All | LabelBudget::Given => Ok(labels.clone()),
        LabelBudget::Fraction(fraction) => balanced(labels, fraction, data.class_names.len(), seed),
    }
}

fn balanced(labels: &[Option<u16>], fraction: f64, classes: usize, seed: u64) -> Result<Vec<Option<u16>>, BudgetError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ImageShape, Images, Split};

    /// `count` images of three classes in turn; every fifth has no label.
    fn data(count: usize) -> Dataset {
        let shape = ImageShape { channels: 1, size: 1 };
        let split = |count: usize| {
            let labels = (0..count).map(|i| (i % 5 != 4).then_some((i % 3) as u16)).collect();
            Split::new(Images { shape, pixels: vec![0; count] }, labels)
        };
        let class_names = ["a", "b", "c"].map(str::to_owned).to_vec();
        Dataset { name: "folder".into(), class_names, train: split(count), test: split(3), notes: Vec::new() }
    }

    #[test]
    fn a_fraction_is_balanced_nested_and_fixed_by_the_seed() {
        let data = data(1_000);
        let chosen = |fraction, seed| select(LabelBudget::Fraction(fraction), &data, seed).expect("enough labels");
        let small = chosen(0.1, 1);
        for class in 0..3 {
            let count = small.iter().filter(|label| **label == Some(class)).count();
            assert!((33..=34).contains(&count), "class {class}: {count}");
        }
        assert_eq!(small.iter().flatten().count(), 100);
        assert_eq!(small, chosen(0.1, 1));
        assert_ne!(small, chosen(0.1, 2));
        let large = chosen(0.3, 1);
        assert_eq!((large.len(), large.iter().flatten().count()), (1_000, 300));
        assert!(small.iter().zip(&large).all(|(small, large)| small.is_none() || small == large));
        assert!(large.iter().zip(&data.train.labels).all(|(kept, label)| kept.is_none() || kept == label));
    }

    #[test]
    fn words_select_what_they_say() {
        let data = data(30);
        assert_eq!(select(LabelBudget::None, &data, 0), Ok(vec![None; 30]));
        assert_eq!(select(LabelBudget::All, &data, 0), Ok(data.train.labels.clone()));
        assert_eq!(resolve(LabelBudget::Auto, &data), LabelBudget::Given, "partly labelled");
        let glyphs = Dataset { name: "glyphs".into(), ..data.clone() };
        assert_eq!(resolve(LabelBudget::Auto, &glyphs), LabelBudget::Fraction(0.01));
        let mut unlabelled = data.clone();
        unlabelled.train.labels.fill(None);
        assert_eq!(resolve(LabelBudget::Auto, &unlabelled), LabelBudget::None);
        assert!(matches!(select(LabelBudget::All, &unlabelled, 0), Err(BudgetError::NoLabels { .. })));
        assert!(matches!(select(LabelBudget::Fraction(0.05), &data, 0), Err(BudgetError::TooFew { .. })));
    }
}
