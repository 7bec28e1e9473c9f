//! What a teacher takes generated images for.

use crate::rng::Stream;

/// The labels that a teacher gave to generated images, as many for each latent label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    /// A row for each latent label, in ascending order.
    rows: Vec<u16>,
}

impl Confusion {
    /// Images for each latent label.
    pub const IMAGES: usize = 100;

    /// The latent labels of the images to show the teacher, of `label_count` labels.
    pub fn latent_labels(label_count: usize) -> Vec<usize> {
        (0..label_count * Self::IMAGES).map(|image| image / Self::IMAGES).collect()
    }

    /// The confusion of a teacher that gave these labels to images of [`Self::latent_labels`].
    ///
    /// # Panics
    /// If there are not [`Self::IMAGES`] for each latent label.
    pub fn of(mut labels: Vec<u16>) -> Self {
        assert!(labels.len().is_multiple_of(Self::IMAGES), "confusion: {} images for each label", Self::IMAGES);
        labels.chunks_mut(Self::IMAGES).for_each(<[u16]>::sort_unstable);
        Self { rows: labels }
    }

    /// The teacher's labels, row by row.
    pub fn labels(&self) -> &[u16] {
        &self.rows
    }

    /// A label that the teacher may give to an image of a latent label, as probable as it was.
    pub fn draw(&self, latent: usize, draws: &mut Stream) -> usize {
        let image = draws.below(Self::IMAGES as u32) as usize;
        usize::from(self.rows[latent * Self::IMAGES + image])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, stream};

    #[test]
    fn labels_are_drawn_as_often_as_the_teacher_gave_them() {
        let latents = Confusion::latent_labels(3);
        assert_eq!((latents.len(), latents[99], latents[100], latents[299]), (300, 0, 1, 2));
        // Every fourth image of label 0 is taken for label 2.
        let given = |(image, latent): (usize, usize)| if latent == 0 && image % 4 == 0 { 2 } else { latent as u16 };
        let confusion = Confusion::of(latents.into_iter().enumerate().map(given).collect());
        let mut draws = stream(1, Purpose::Test, 0);
        let mut found = [0; 3];
        (0..4_000).for_each(|_| found[confusion.draw(0, &mut draws)] += 1);
        assert!(found[1] == 0 && (900..1_100).contains(&found[2]), "{found:?}");
        assert_eq!([1, 2].map(|latent| confusion.draw(latent, &mut draws)), [1, 2]);
        assert_eq!(Confusion::of(confusion.labels().to_vec()), confusion);
    }

    #[test]
    #[should_panic(expected = "100 images for each label")]
    fn labels_of_another_count_are_no_confusion() {
        Confusion::of(vec![0; 250]);
    }
}
