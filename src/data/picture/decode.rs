//! Decodes one picture and converts it to a square of a given size and number of channels.
//!
//! After decoding, it uses only integer arithmetic and the exact operations of `image`'s triangle filter, so equal
//! decoded pixels become equal training data on every platform.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageReader, ImageResult, Limits, Rgb, RgbImage};

use super::fault::PictureFault;
use super::sniff::sniff;
use crate::data::{DataError, ImageShape};

/// Decodes a picture to `shape`, `[channels, size, size]`.
///
/// The content decides the format. The picture is turned upright according to its Exif data, cropped to a square around
/// its centre, blended with white if transparent, resized with a triangle filter that averages over all covered pixels,
/// and for one channel reduced to luma (ITU-R BT.601, integer weights). An animation gives its first picture.
///
/// # Errors
/// [`DataError::Picture`] for corrupt or unknown content, and for pictures that need more than 512 MiB of memory; it
/// names `file`. [`DataError::Shape`] for an impossible shape.
pub fn decode(file: &str, bytes: &[u8], shape: ImageShape) -> Result<Vec<u8>, DataError> {
    if !matches!(shape.channels, 1 | 3) || shape.size == 0 {
        return Err(DataError::Shape(shape));
    }
    let bad = |fault| DataError::Picture { file: file.to_owned(), fault };
    if let Some(fault) = PictureFault::of(sniff(bytes)) {
        return Err(bad(fault));
    }
    let picture = decode_upright(bytes).map_err(|error| bad(PictureFault::Damaged(error.to_string())))?;
    let side = picture.width().min(picture.height());
    if side == 0 {
        return Err(bad(PictureFault::Damaged("it has no pixels".to_owned())));
    }
    let (left, top) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    let square = over_white(&picture.crop_imm(left, top, side, side));
    let resized = imageops::resize(&square, shape.size as u32, shape.size as u32, FilterType::Triangle);
    let pixels = || resized.pixels().map(|pixel| pixel.0);
    Ok(match shape.channels {
        1 => pixels().map(luma).collect(),
        channels => (0..channels).flat_map(|channel| pixels().map(move |pixel| pixel[channel])).collect(),
    })
}

fn decode_upright(bytes: &[u8]) -> ImageResult<DynamicImage> {
    let mut decoder = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.into_decoder()?;
    Limits::default().reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn over_white(picture: &DynamicImage) -> RgbImage {
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [red, green, blue, alpha] = rgba.get_pixel(x, y).0;
        Rgb([red, green, blue].map(|value| blend_white(value, alpha)))
    })
}

fn blend_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue) + 128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_shows_through_by_as_much_as_alpha_says() {
        for value in 0..=255 {
            assert_eq!(blend_white(value, 255), value);
            assert_eq!(blend_white(value, 0), 255);
            for alpha in 0..=255 {
                let exact = (f64::from(value) * f64::from(alpha) + 255.0 * (255.0 - f64::from(alpha))) / 255.0;
                assert!((f64::from(blend_white(value, alpha)) - exact).abs() <= 0.5);
            }
        }
    }

    #[test]
    fn luma_keeps_grey_and_follows_the_standard_weights() {
        for value in 0..=255u8 {
            assert_eq!(luma([value; 3]), value);
            for rgb in [[value, 0, 0], [0, value, 0], [0, 0, value], [value, 255 - value, 128]] {
                let [red, green, blue] = rgb.map(f64::from);
                let exact = 0.299 * red + 0.587 * green + 0.114 * blue;
                assert!((f64::from(luma(rgb)) - exact).abs() < 1.0, "{rgb:?}");
            }
        }
    }
}
