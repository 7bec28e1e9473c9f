//! Decodes one picture and converts it to a square of a given size and number of channels.
//!
//! After decoding, it uses only integer arithmetic and the exact operations of `image`'s triangle filter, so equal
//! decoded pixels become equal training data on every platform.

use std::error::Error;
use std::io::{self, Cursor, ErrorKind};
use std::iter;

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
    decode_within(file, bytes, shape, LIMIT)
}

/// The same with another bound of memory, in bytes.
///
/// # Errors
/// Those of [`decode`].
pub fn decode_within(file: &str, bytes: &[u8], shape: ImageShape, limit: u64) -> Result<Vec<u8>, DataError> {
    let size = u32::try_from(shape.size).unwrap_or_default();
    if !matches!(shape.channels, 1 | 3) || size == 0 {
        return Err(DataError::Shape(shape));
    }
    let pixels = square(bytes, size, limit).map_err(|fault| DataError::Picture { file: file.to_owned(), fault })?;
    Ok(match shape.channels {
        1 => pixels.into_iter().map(luma).collect(),
        channels => (0..channels).flat_map(|channel| pixels.iter().map(move |pixel| pixel[channel])).collect(),
    })
}

/// Checks the size that a picture claims: `size` pixels each way. What is no readable picture passes, because decoding it
/// says more.
///
/// # Errors
/// [`DataError::Content`] if it has another size; it names `file`.
pub fn check_size(file: &str, bytes: &[u8], size: usize) -> Result<(), DataError> {
    let Kind::Picture(format) = sniff(bytes) else { return Ok(()) };
    match ImageReader::with_format(Cursor::new(bytes), image_format(format)).into_dimensions() {
        Ok((width, height)) if [width, height] != [size as u32; 2] => {
            let expected = format!("a picture of {size} x {size} pixels");
            Err(DataError::content(file, expected, format!("one of {width} x {height}")))
        }
        _ => Ok(()),
    }
}

fn square(bytes: &[u8], size: u32, limit: u64) -> Result<Vec<[u8; 3]>, PictureFault> {
    let kind = sniff(bytes);
    let Kind::Picture(format) = kind else {
        return Err(PictureFault::of(kind).unwrap_or(PictureFault::NotAPicture(kind)));
    };
    let taken = memory::inspect(format, bytes, limit)?;
    let (picture, orientation) = pixels(format, bytes, size, taken, limit)?;
    if has_no_numbers(&picture) {
        return Err(PictureFault::Damaged("a pixel is not a number (NaN)".to_owned()));
    }
    Ok(shrink(&picture, orientation, size))
}

/// The pixels as they are stored, and how to turn them upright. `taken` are bytes of memory besides the pixels.
fn pixels(
    format: Format,
    bytes: &[u8],
    size: u32,
    taken: u64,
    limit: u64,
) -> Result<(DynamicImage, Orientation), PictureFault> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format(format));
    reader.limits(allocations(memory::EXTRA));
    let mut decoder = reader.into_decoder().map_err(|error| match (&error, vast_png(format, bytes)) {
        (ImageError::Limits(_), Some((width, height))) => {
            let memory = (u64::from(width) * u64::from(height)).max(limit.saturating_add(1));
            PictureFault::TooLarge { width, height, memory, limit }
        }
        _ => fault(&error),
    })?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureFault::Damaged("it has no pixels".to_owned()));
    }
    let bytes_per_pixel = u64::from(decoder.color_type().bytes_per_pixel());
    let needs = [decoder.total_bytes(), shrink::memory(width, height, bytes_per_pixel, size)];
    let memory = needs.into_iter().fold(taken, u64::saturating_add);
    let too_large = |memory: u64| PictureFault::TooLarge { width, height, memory, limit };
    let left = limit.checked_sub(memory).ok_or_else(|| too_large(memory))?;
    let fault = |error: ImageError| match error {
        // Its pixels are few, so the claim is wrong.
        ImageError::Limits(_) if memory < limit / 4 => {
            PictureFault::Damaged("a part of it claims more memory than one picture may take".to_owned())
        }
        ImageError::Limits(_) => too_large(limit.saturating_add(1)),
        error => fault(&error),
    };
    let orientation = decoder.orientation().map_err(fault)?;
    decoder.set_limits(allocations(left)).map_err(fault)?;
    Ok((DynamicImage::from_decoder(decoder).map_err(fault)?, orientation))
}

/// Whether a sample is NaN, which pictures of floats may hold, and which would become white.
fn has_no_numbers(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageRgb32F(samples) => samples.iter().any(|sample| sample.is_nan()),
        DynamicImage::ImageRgba32F(samples) => samples.iter().any(|sample| sample.is_nan()),
        _ => false,
    }
}

/// Width and height of a PNG with more than 2^26 pixels, from its header. Where an address has 32 bits, as in a browser,
/// the decoder refuses such a picture by itself, and does not say its size.
fn vast_png(format: Format, bytes: &[u8]) -> Option<(u32, u32)> {
    let (width, rest) = bytes.get(16..)?.split_first_chunk()?;
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*rest.first_chunk()?));
    let is_vast = u64::from(width) * u64::from(height) > 1 << 26;
    (format == Format::Png && is_vast).then_some((width, height))
}

fn allocations(bytes: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
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
    match error {
        ImageError::Unsupported(_) => PictureFault::Unsupported(error.to_string()),
        _ if ends_early(error) => PictureFault::CutShort,
        _ => PictureFault::Damaged(error.to_string()),
    }
}

/// Whether the end of the file is the reason of an error, or of one of its reasons.
fn ends_early(error: &ImageError) -> bool {
    if let ImageError::IoError(error) = error {
        return error.kind() == ErrorKind::UnexpectedEof;
    }
    let reasons = iter::successors(error.source(), |&error| error.source());
    reasons.filter_map(|error| error.downcast_ref::<io::Error>()).any(|error| error.kind() == ErrorKind::UnexpectedEof)
}

fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue) + 128) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vast_png_is_known_by_its_header() {
        let header = |width: u32, height: u32| {
            [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes()].concat()
        };
        assert_eq!(vast_png(Format::Png, &header(30_000, 40_000)), Some((30_000, 40_000)));
        assert_eq!(vast_png(Format::Png, &header(8_192, 8_192)), None);
        assert_eq!(vast_png(Format::Jpeg, &header(30_000, 40_000)), None);
        assert_eq!(vast_png(Format::Png, &header(30_000, 40_000)[..23]), None);
    }

    #[test]
    fn another_size_is_an_error_and_damage_is_left_to_decoding() {
        let mut png = Cursor::new(Vec::new());
        image::RgbImage::new(5, 4).write_to(&mut png, ImageFormat::Png).unwrap();
        let error = check_size("a.png", png.get_ref(), 5).unwrap_err().to_string();
        assert_eq!(error, "a.png: expected a picture of 5 x 5 pixels, found one of 5 x 4");
        let mut png = Cursor::new(Vec::new());
        image::RgbImage::new(5, 5).write_to(&mut png, ImageFormat::Png).unwrap();
        assert_eq!(check_size("a.png", png.get_ref(), 5), Ok(()));
        assert_eq!(check_size("a.png", &png.get_ref()[..20], 5), Ok(()));
        assert_eq!(check_size("a.png", b"text", 5), Ok(()));
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
