//! The data and labels that networks are made for. A checkpoint and the data of a resumed run must agree on them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::IMAGE_SIZES;
use crate::data::ImageShape;
use crate::labels::Cells;

/// The data and labels that networks are made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Name of the data set.
    pub data: String,
    /// Shape of the images.
    pub image: ImageShape,
    /// Number of training images.
    pub train_images: usize,
    /// The first digits of a SHA-256 of all images and labels.
    pub fingerprint: String,
    /// Names of the manual classes.
    pub class_names: Vec<String>,
    /// Number of artificial labels.
    #[serde(alias = "labels")]
    pub label_count: usize,
    /// Which artificial labels belong to which class, if manual labels are used.
    pub cells: Option<Cells>,
}

impl Subject {
    /// Checks that networks with latents of `latent_dim` dimensions can be made for this subject.
    pub(super) fn check(&self, latent_dim: usize) -> Result<(), String> {
        let Self { image, label_count, class_names, .. } = self;
        if !IMAGE_SIZES.contains(&image.size) || ![1, 3].contains(&image.channels) {
            return Err(format!("subject.image: no networks are made for images of {image} pixels"));
        }
        if *label_count < 2 || *label_count > latent_dim {
            return Err(format!("subject.label_count: expected 2 to {latent_dim} (latent.dim), found {label_count}"));
        }
        let fits =
            |cells: &Cells| cells.classes == class_names.len() && Cells::new(*label_count, cells.classes) == Ok(*cells);
        if !self.cells.as_ref().is_none_or(fits) {
            let classes = class_names.len();
            return Err(format!("subject.cells: do not spread {label_count} labels over {classes} classes"));
        }
        Ok(())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = self.class_names.len();
        let Self { data, image, train_images, fingerprint, label_count, .. } = self;
        write!(
            formatter,
            "{data} ({train_images} images of {image} pixels, {classes} classes, {label_count} artificial labels, \
             contents {fingerprint})"
        )
    }
}
