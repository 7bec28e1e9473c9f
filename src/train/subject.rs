//! The data and the labels that networks are made for: what a checkpoint must agree on with the data it meets.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::IMAGE_SIZES;
use crate::data::ImageShape;
use crate::labels::Cells;

/// The data and the labels that networks are made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Name of the data set.
    pub data: String,
    /// Shape of the images.
    pub image: ImageShape,
    /// Images that are trained on.
    pub train_images: usize,
    /// The first digits of a SHA-256 of all images and labels: it changes with any of them.
    pub fingerprint: String,
    /// Names of the manual classes.
    pub class_names: Vec<String>,
    /// Number of artificial labels.
    pub labels: usize,
    /// How artificial labels belong to classes, where manual labels are used.
    pub cells: Option<Cells>,
}

impl Subject {
    /// Whether the parts agree, so that networks with latents of `latent_dim` dimensions can be made from them.
    pub(super) fn check(&self, latent_dim: usize) -> Result<(), String> {
        let Self { image, labels, class_names, .. } = self;
        if !IMAGE_SIZES.contains(&image.size) || ![1, 3].contains(&image.channels) {
            return Err(format!("subject.image: no networks are made for images of {image} pixels"));
        }
        if *labels < 2 || *labels > latent_dim {
            return Err(format!("subject.labels: expected 2 to {latent_dim} (latent.dim), found {labels}"));
        }
        let fits =
            |cells: &Cells| cells.classes == class_names.len() && Cells::new(*labels, cells.classes) == Ok(*cells);
        if !self.cells.as_ref().is_none_or(fits) {
            let classes = class_names.len();
            return Err(format!("subject.cells: do not spread {labels} labels over {classes} classes"));
        }
        Ok(())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = self.class_names.len();
        let Self { data, image, train_images, fingerprint, labels, .. } = self;
        write!(
            formatter,
            "{data} ({train_images} images of {image} pixels, {classes} classes, {labels} artificial labels, contents \
             {fingerprint})"
        )
    }
}
