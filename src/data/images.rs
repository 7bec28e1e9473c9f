//! Images as bytes, and their shape.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Channels and side length of square images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageShape {
    /// 1 (grey) or 3 (red, green, blue).
    pub channels: usize,
    /// Height and width in pixels.
    pub size: usize,
}

impl ImageShape {
    /// Bytes of one image.
    pub const fn bytes(self) -> usize {
        self.channels * self.size * self.size
    }
}

impl fmt::Display for ImageShape {
    /// `3x32x32`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{1}x{1}", self.channels, self.size)
    }
}

/// Images as bytes, `[count, channels, size, size]`, planes row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Shape of every image.
    pub shape: ImageShape,
    /// All pixels, 0 to 255.
    pub pixels: Vec<u8>,
}

impl Images {
    /// How many images there are.
    pub fn count(&self) -> usize {
        self.pixels.len() / self.shape.bytes()
    }

    /// The pixels of image `index`, `[channels, size, size]`.
    ///
    /// # Panics
    /// If there is no such image.
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = self.shape.bytes();
        &self.pixels[index * bytes..][..bytes]
    }

    /// Swaps rows and columns in every plane, for formats that store columns first.
    pub(super) fn transpose(&mut self) {
        let size = self.shape.size;
        for plane in self.pixels.chunks_exact_mut(size * size) {
            for row in 1..size {
                for column in 0..row {
                    plane.swap(row * size + column, column * size + row);
                }
            }
        }
    }
}
