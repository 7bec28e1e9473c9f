//! What a reader of a score should know.

use super::scores::ClassScores;

/// Why too few images make a Frechet distance too large; none if there are enough.
///
/// The covariance of `count` images has a rank below `count`. The estimate of the distance falls as images are added,
/// by about a constant over their number (Chong & Forsyth 2020, arXiv 1911.07023).
pub fn few_images(set: &str, count: usize, dim: usize) -> Option<String> {
    (count <= dim).then(|| {
        format!(
            "{count} {set} for {dim} features: their covariance has a rank of {} at most, so the Frechet distance is too \
             large, by more the fewer they are; compare it only with scores of equally many images",
            count.saturating_sub(1)
        )
    })
}

/// The same of the Frechet distances by class; none if there are enough images of each class.
pub(super) fn few_images_of_a_class(classes: &[ClassScores], dim: usize) -> Option<String> {
    let measured = classes.iter().filter(|class| class.frechet_distance.is_some());
    let fewest = measured.map(|class| class.real.min(class.generated)).min().filter(|&fewest| fewest <= dim)?;
    Some(format!(
        "as few as {fewest} images of a class for {dim} features: the Frechet distances by class are too large, by more \
         the fewer they are; compare them only with those of the same class in other sets of equally many images"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_images_as_features_are_too_few() {
        let warning = few_images("generated images", 128, 128).unwrap();
        assert!(warning.starts_with("128 generated images for 128 features") && warning.contains("rank of 127"));
        assert!(warning.contains("too large"));
        assert_eq!(few_images("real images", 129, 128), None);
    }

    #[test]
    fn the_side_with_fewest_images_of_a_class_decides() {
        let class = |real, generated, distance| ClassScores {
            real,
            generated,
            frechet_distance: distance,
            ..ClassScores::default()
        };
        let classes = [class(500, 129, Some(1.0)), class(3, 4, None)];
        assert_eq!(few_images_of_a_class(&classes, 128), None);
        let warning = few_images_of_a_class(&classes, 129).unwrap();
        assert!(warning.starts_with("as few as 129 images of a class for 129 features"), "{warning}");
    }
}
