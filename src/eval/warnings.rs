//! What a reader of a score should know.

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
}
