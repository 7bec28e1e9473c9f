//! Errors of label tables.

/// Why there is no label table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelTableError {
    /// True classes are not labels.
    #[error(
        "label_table.source: the true classes are labels only if there are as many; expected \
         latent.artificial_labels = {classes}, found {label_count}"
    )]
    Classes {
        /// Classes of the data.
        classes: usize,
        /// Artificial labels.
        label_count: usize,
    },
    /// There are too few images to group.
    #[error("label_table.source: expected at least {label_count} images for as many groups, found {images}")]
    FewImages {
        /// Training images.
        images: usize,
        /// Artificial labels.
        label_count: usize,
    },
    /// The table of a file was not read.
    #[error("label_table.file: no table was read; only the program reads tables, and the page does not")]
    NotRead,
    /// The table is of other data.
    #[error("label_table.file: expected a label for each of {expected} training images, found {found}")]
    Count {
        /// Training images.
        expected: usize,
        /// Labels.
        found: usize,
    },
}
