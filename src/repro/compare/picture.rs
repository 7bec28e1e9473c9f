//! The pictures of reports.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};

/// The picture of a PNG in base64; none if it is not one.
pub fn decode(png: &str) -> Option<RgbImage> {
    let bytes = STANDARD.decode(png).ok()?;
    Some(image::load_from_memory_with_format(&bytes, ImageFormat::Png).ok()?.to_rgb8())
}

/// The largest difference of two pictures, in levels from 0 to 255; none if one is no picture, or they have other
/// sizes.
pub fn distance(one: &str, two: &str) -> Option<f64> {
    let (one, two) = (decode(one)?, decode(two)?);
    if one.dimensions() != two.dimensions() {
        return None;
    }
    let levels = one.as_raw().iter().zip(two.as_raw()).map(|(one, two)| one.abs_diff(*two));
    Some(levels.max().unwrap_or(0).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ImageShape;
    use crate::image::Picture;

    fn png(pixels: &[u8], size: usize) -> String {
        STANDARD.encode(Picture::grid(pixels, ImageShape { channels: 1, size }, 1, 1).png())
    }

    #[test]
    fn pictures_are_compared_by_their_largest_difference() {
        let one = png(&[0, 100, 200, 255], 2);
        assert_eq!(distance(&one, &one), Some(0.0));
        assert_eq!(distance(&one, &png(&[3, 100, 193, 255], 2)), Some(7.0));
        assert_eq!(distance(&one, &png(&[0], 1)), None);
        assert_eq!(distance(&one, "iVBO"), None);
        assert_eq!(distance("no base64", &one), None);
    }
}
