//! Images in an archive of arrays, as GAN evaluators exchange them: `arr_0` holds bytes `[N, height, width, channels]`,
//! and `arr_1`, if it is there, a label for each.

use std::io::{Read, Seek};

use super::archive::ArrayArchive;
use super::array::ArrayHeader;
use crate::data::{DataError, ImageShape, Images};

const IMAGES: &str = "arr_0";
const LABELS: &str = "arr_1";

/// Most images of an archive.
const COUNT_MAX: usize = 100_000_000;

/// Images in an archive, read in order and in parts.
#[derive(Debug)]
pub struct ArrayImages<R> {
    archive: ArrayArchive<R>,
    shape: ImageShape,
    count: usize,
    labels: Option<Vec<usize>>,
}

/// Some of the images, with their labels if there are any.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageBatch {
    /// The images.
    pub images: Images,
    /// A label for each, or none at all.
    pub labels: Option<Vec<usize>>,
}

impl<R: Read + Seek> ArrayImages<R> {
    /// Opens an archive, and reads the labels but no image.
    ///
    /// # Errors
    /// If it is no archive of arrays, has no `arr_0`, or that does not hold square images as bytes, or there are labels
    /// and not one for each.
    pub fn open(reader: R) -> Result<Self, DataError> {
        let mut archive = ArrayArchive::open(reader)?;
        let (shape, count) = archive.read(IMAGES, |name, header, _| shape(name, header))?;
        let labels = if archive.names().iter().any(|name| name == LABELS) {
            let read = |name: &str, header: &ArrayHeader, mut bytes: &mut dyn Read| {
                if header.dims != [count] {
                    let expected = format!("a label for each of {count} images");
                    return Err(DataError::content(name, expected, format!("the shape {:?}", header.dims)));
                }
                header.whole_numbers(name, &mut bytes, count)
            };
            Some(archive.read(LABELS, read)?.values)
        } else {
            None
        };
        Ok(Self { archive, shape, count, labels })
    }

    /// Shape of every image.
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// How many images there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The label of every image, if they have labels.
    pub fn labels(&self) -> Option<&[usize]> {
        self.labels.as_deref()
    }

    /// Passes all images on, at most `size` at a time, so that memory does not grow with their number.
    ///
    /// # Errors
    /// If the archive is damaged or ends early, or `each` fails.
    pub fn for_each<E: From<DataError>>(
        &mut self,
        size: usize,
        mut each: impl FnMut(ImageBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        let (shape, count, labels) = (self.shape, self.count, self.labels.as_deref());
        let all = |name: &str, _: &ArrayHeader, bytes: &mut dyn Read| {
            let mut run = || -> Result<(), E> {
                for first in (0..count).step_by(size) {
                    let end = (first + size).min(count);
                    let images = read_images(name, bytes, shape, end - first).map_err(E::from)?;
                    each(ImageBatch { images, labels: labels.map(|labels| labels[first..end].to_vec()) })?;
                }
                Ok(())
            };
            Ok(run())
        };
        self.archive.read(IMAGES, all).map_err(E::from)?
    }
}

fn shape(name: &str, header: &ArrayHeader) -> Result<(ImageShape, usize), DataError> {
    let refused = |expected: &str, found: String| Err(DataError::content(name, expected, found));
    if header.dtype != "|u1" {
        return refused("images as bytes from 0 to 255 (uint8)", format!("the type {}", header.dtype));
    }
    let (count, sides, channels) = match header.dims[..] {
        [count, height, width] => (count, [height, width], 1),
        [count, height, width, channels] => (count, [height, width], channels),
        _ => return refused("the shape [N, height, width, channels]", format!("{:?}", header.dims)),
    };
    let is_possible = sides[0] == sides[1] && (1..=16_384).contains(&sides[0]) && [1, 3].contains(&channels);
    if !is_possible || header.columns_first || !(1..=COUNT_MAX).contains(&count) {
        let order = if header.columns_first { " in Fortran order" } else { "" };
        return refused("square images with 1 or 3 channels in the last place", format!("{:?}{order}", header.dims));
    }
    Ok((ImageShape { channels, size: sides[0] }, count))
}

/// The next images, with planes instead of channels in the last place.
fn read_images(name: &str, bytes: &mut dyn Read, shape: ImageShape, count: usize) -> Result<Images, DataError> {
    let expected = count * shape.bytes();
    let mut interleaved = Vec::new();
    // What a header claims allocates nothing: memory grows with the bytes that are there.
    let read = bytes.take(expected as u64).read_to_end(&mut interleaved);
    let damage = match read {
        Ok(found) if found == expected => None,
        Ok(found) => Some(format!("its images end early: {found} of {expected} bytes are left for the next {count}")),
        Err(error) => Some(error.to_string()),
    };
    if let Some(message) = damage {
        return Err(DataError::Read { file: name.to_owned(), message });
    }
    let plane = shape.size * shape.size;
    let mut pixels = vec![0; interleaved.len()];
    for (image, planes) in interleaved.chunks_exact(shape.bytes()).zip(pixels.chunks_exact_mut(shape.bytes())) {
        for (place, &value) in image.iter().enumerate() {
            planes[place % shape.channels * plane + place / shape.channels] = value;
        }
    }
    Ok(Images { shape, pixels })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::archive::ArchiveWriter;
    use super::*;

    type Member<'a> = (&'a str, &'a str, &'a [usize], &'a [u8]);

    fn archive(members: &[Member]) -> Vec<u8> {
        let mut writer = ArchiveWriter::default();
        members.iter().for_each(|(name, dtype, dims, bytes)| writer.add(name, dtype, dims, bytes).unwrap());
        writer.finish().unwrap()
    }

    fn open(members: &[Member]) -> Result<ArrayImages<Cursor<Vec<u8>>>, DataError> {
        ArrayImages::open(Cursor::new(archive(members)))
    }

    #[test]
    fn images_come_in_parts_with_planes_and_labels() {
        // Three images of 2x2 pixels with three channels.
        let bytes: Vec<u8> = (0..36).collect();
        let labels: Vec<u8> = [4_i64, 0, 2].iter().flat_map(|label| label.to_le_bytes()).collect();
        let mut images = open(&[("arr_0", "|u1", &[3, 2, 2, 3], &bytes), ("arr_1", "<i8", &[3], &labels)]).unwrap();
        assert_eq!((images.shape(), images.count()), (ImageShape { channels: 3, size: 2 }, 3));
        let mut batches = Vec::new();
        for _ in 0..2 {
            batches.clear();
            let keep = |batch| -> Result<(), DataError> {
                batches.push(batch);
                Ok(())
            };
            images.for_each(2, keep).unwrap();
        }
        assert_eq!(
            batches.iter().map(|batch| batch.labels.clone().unwrap()).collect::<Vec<_>>(),
            [vec![4, 0], vec![2]]
        );
        assert_eq!(batches[0].images.image(0), [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
        assert_eq!(batches[1].images.image(0), [24, 27, 30, 33, 25, 28, 31, 34, 26, 29, 32, 35]);
    }

    #[test]
    fn what_holds_no_images_is_refused_by_name() {
        let error = |members: &[Member]| open(members).unwrap_err().to_string();
        let bytes = [0; 64];
        assert!(error(&[("mu", "<f8", &[2], &bytes[..16])]).contains("looked for arr_0.npy; found mu.npy"));
        let floats = error(&[("arr_0", "<f4", &[1, 2, 2, 3], &bytes[..48])]);
        assert_eq!(floats, "arr_0.npy: expected images as bytes from 0 to 255 (uint8), found the type <f4");
        for dims in [&[16][..], &[1, 3, 2, 2], &[1, 2, 3, 3], &[0, 2, 2, 3], &[1, 2, 2, 4]] {
            assert!(error(&[("arr_0", "|u1", dims, &bytes)]).starts_with("arr_0.npy: expected "), "{dims:?}");
        }
        let labels: Member = ("arr_1", "<i8", &[2], &bytes[..16]);
        let few = error(&[("arr_0", "|u1", &[1, 2, 2, 3], &bytes[..12]), labels]);
        assert_eq!(few, "arr_1.npy: expected a label for each of 1 images, found the shape [2]");
        assert!(ArrayImages::open(Cursor::new(b"no archive".to_vec())).is_err());
    }

    #[test]
    fn images_that_end_early_are_an_error() {
        let mut images = open(&[("arr_0", "|u1", &[5, 2, 2], &[7; 18])]).unwrap();
        let mut seen = 0;
        let count = |batch: ImageBatch| -> Result<(), DataError> {
            seen += batch.images.count();
            Ok(())
        };
        let error = images.for_each(2, count).unwrap_err().to_string();
        assert!(error.contains("arr_0.npy: its images end early"), "{error}");
        assert_eq!(seen, 4);
    }
}
