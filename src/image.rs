//! Pictures for people: enlarged grids of images, as PNG.

use std::io::Cursor;

use crate::data::ImageShape;

/// An RGB picture, row by row from the top left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` triples of red, green and blue.
    pub rgb: Vec<u8>,
}

/// Pixels between the images of a grid.
const GAP: usize = 2;

/// The colour of the gaps: a grey that suits dark and light images.
const GAP_COLOR: u8 = 40;

impl Picture {
    /// Lays images out row by row, `columns` per row, each enlarged `scale` times without smoothing.
    ///
    /// `pixels` is `[count, channels, size, size]`. The gap's colour fills an incomplete last row.
    pub fn grid(pixels: &[u8], shape: ImageShape, columns: usize, scale: usize) -> Self {
        let image_len = shape.channels * shape.size * shape.size;
        let rows = (pixels.len() / image_len).div_ceil(columns);
        let pitch = shape.size * scale + GAP;
        let (width, height) = (columns * pitch + GAP, rows * pitch + GAP);
        let mut picture = Self { width, height, rgb: vec![GAP_COLOR; width * height * 3] };
        for (index, image) in pixels.chunks_exact(image_len).enumerate() {
            let corner = [GAP + index % columns * pitch, GAP + index / columns * pitch];
            picture.paste(image, shape, corner, scale);
        }
        picture
    }

    /// One image as it is, without a frame.
    pub fn single(pixels: &[u8], shape: ImageShape) -> Self {
        let mut picture = Self { width: shape.size, height: shape.size, rgb: vec![0; shape.size * shape.size * 3] };
        picture.paste(pixels, shape, [0, 0], 1);
        picture
    }

    fn paste(&mut self, image: &[u8], shape: ImageShape, corner: [usize; 2], scale: usize) {
        let plane = shape.size * shape.size;
        for y in 0..shape.size * scale {
            for x in 0..shape.size * scale {
                let source = y / scale * shape.size + x / scale;
                let target = ((corner[1] + y) * self.width + corner[0] + x) * 3;
                for channel in 0..3 {
                    self.rgb[target + channel] = image[channel.min(shape.channels - 1) * plane + source];
                }
            }
        }
    }

    /// The picture as a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = ::image::RgbImage::from_raw(self.width as u32, self.height as u32, self.rgb.clone())
            .expect("a picture holds three bytes per pixel");
        image.write_to(&mut bytes, ::image::ImageFormat::Png).expect("writing to memory cannot fail");
        bytes.into_inner()
    }
}

/// Converts values from -1 to 1 to bytes. Values outside are clipped, and NaN becomes 0.
pub fn to_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().map(|x| ((x + 1.0) * 127.5 + 0.5) as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_puts_images_where_they_belong() {
        let shape = ImageShape { channels: 1, size: 2 };
        let grid = Picture::grid(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], shape, 2, 2);
        assert_eq!((grid.width, grid.height), (2 * 6 + 2, 2 * 6 + 2));
        let at = |x: usize, y: usize| grid.rgb[(y * grid.width + x) * 3];
        assert_eq!([at(2, 2), at(3, 3), at(4, 2), at(2, 4)], [1, 1, 2, 3]);
        assert_eq!([at(8, 2), at(2, 8), at(8, 8), at(0, 0)], [5, 9, GAP_COLOR, GAP_COLOR]);
    }

    #[test]
    fn values_round_to_the_nearest_byte() {
        assert_eq!(to_bytes(&[-1.0, 1.0, 0.0, -3.0, 3.0, f32::NAN]), [0, 255, 128, 0, 255, 0]);
    }
}
