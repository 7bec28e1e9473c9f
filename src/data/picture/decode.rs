//! Decodes one picture and converts it to a square of a given size and number of channels.
//!
//! After decoding, it uses only integer arithmetic and the exact operations of `image`'s triangle filter, so equal
//! decoded pixels become equal training data on every platform.

use std::error::Error;
use std::io::{Cursor, ErrorKind};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, metadata::Orientation};

use super::fault::PictureFault;
use super::memory::{self, LIMIT};
use super::shrink::{self, shrink};
use super::sniff::{Format, Kind, sniff};
use crate::data::{DataError, ImageShape};

/// Decodes a picture to `shape`, `[channels, size, size]`.
///
/// The content decides the format. The picture is turned upright according to its Exif data, cropped to a square around
/// its centre, blended with white if transparent, resized with a triangle filter that averages over all covered pixels,
/// and for one channel reduced to luma (ITU-R BT.601, integer weights). An animation gives its first picture.
///
/// # Errors
/// [`DataError::Picture`] for content that is no picture, damaged, cut short or of another format, and for pictures that
/// need more than 512 MiB of memory, with the file and all that is held at once; it names `file`.
/// [`DataError::Shape`] for an impossible shape.
pub fn decode(file: &str, bytes: &[u8], shape: ImageShape) -> Result<Vec<u8>, DataError> {
    let size = u32::try_from(shape.size).unwrap_or_default();
    if !matches!(shape.channels, 1 | 3) || size == 0 {
        return Err(DataError::Shape(shape));
    }
    let pixels = square(bytes, size).map_err(|fault| DataError::Picture { file: file.to_owned(), fault })?;
    Ok(match shape.channels {
        1 => pixels.into_iter().map(luma).collect(),
        channels => (0..channels).flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel])).collect(),
    })
}

fn square(bytes: &[u8], size: u32) -> Result<Vec<[u8; 3]>, PictureFault> {
    let kind = sniff(bytes);
    let Kind::Picture(format) = kind else {
        return Err(PictureFault::of(kind).unwrap_or(PictureFault::NotAPicture(kind)));
    };
    let besides = memory::inspect(format, bytes)?;
    let (picture, orientation) = pixels(format, bytes, size, besides)?;
    Ok(shrink(&picture, orientation, size))
}

/// The pixels as they are stored, and how to turn them upright.
fn pixels(format: Format, bytes: &[u8], size: u32, besides: u64) -> Result<(DynamicImage, Orientation), PictureFault> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format(format));
    let limits = |bytes: u64| {
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(bytes);
        limits
    };
    reader.limits(limits(memory::EXTRA));
    let mut decoder = reader.into_decoder().map_err(|error| fault(&error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureFault::Damaged("it has no pixels".to_owned()));
    }
    let bytes_per_pixel = u64::from(decoder.color_type().bytes_per_pixel());
    let after = shrink::memory(width, height, bytes_per_pixel, size);
    let held = besides.saturating_add(decoder.total_bytes()).saturating_add(after);
    let too_large = |memory: u64| PictureFault::TooLarge { width, height, memory, limit: LIMIT };
    let left = LIMIT.checked_sub(held).ok_or_else(|| too_large(held))?;
    let fault = |error: ImageError| match error {
        ImageError::Limits(_) => too_large(LIMIT + 1),
        error => fault(&error),
    };
    let orientation = decoder.orientation().map_err(fault)?;
    decoder.set_limits(limits(left)).map_err(fault)?;
    Ok((DynamicImage::from_decoder(decoder).map_err(fault)?, orientation))
}

fn image_format(format: Format) -> ImageFormat {
    match format {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Gif => ImageFormat::Gif,
        Format::Bmp => ImageFormat::Bmp,
        Format::Tiff => ImageFormat::Tiff,
        Format::WebP => ImageFormat::WebP,
    }
}

fn fault(error: &ImageError) -> PictureFault {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::UnexpectedEof) {
            return PictureFault::CutShort;
        }
        cause = error.source();
    }
    match error {
        ImageError::Unsupported(_) => PictureFault::Unsupported(error.to_string()),
        _ => PictureFault::Damaged(error.to_string()),
    }
}

fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue) + 128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

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
