//! Crops a decoded picture to its middle square and resizes it, without a copy of the picture.
//!
//! Band after band is turned upright, converted and added to the rows of the result that it belongs to. Every operation
//! on a value is the one that `image` does for the whole picture, in the same order, so results have the same bits.

use image::DynamicImage;
use image::metadata::Orientation;

/// Rows that are converted at once.
const BAND: u32 = 16;

/// Bytes that [`shrink`] takes for a picture, at most.
pub(super) fn memory(width: u32, height: u32, bytes_per_pixel: u64, size: u32) -> u64 {
    let (side, size) = (u64::from(width.min(height)), u64::from(size));
    let windows = 2 * (side + size) * 4 + size * 64;
    let sums = (2 * size.div_ceil(side.max(1)) + 4) * side * 12;
    u64::from(BAND) * side * (2 * bytes_per_pixel + 4) + sums + windows + size * size * 3
}

/// The middle square of a picture, upright, over white, resized to `size` with a triangle filter.
pub(super) fn shrink(picture: &DynamicImage, orientation: Orientation, size: u32) -> Vec<[u8; 3]> {
    let square = Square::new(picture, orientation);
    let windows = windows(square.side, size);
    let mut small = Vec::with_capacity((size * size) as usize);
    let mut sums: Vec<Vec<[f32; 3]>> = Vec::new();
    for top in (0..square.side).step_by(BAND as usize) {
        let band = square.band(top, BAND.min(square.side - top));
        for (y, row) in (top as usize..).zip(band.chunks_exact(square.side as usize)) {
            // The rows before this one are finished; more begin with it.
            let done = small.len() / size as usize;
            let open = windows[done..].iter().take_while(|window| window.start <= y).count();
            sums.resize_with(open, || vec![[0.0; 3]; row.len()]);
            for (sums, window) in sums.iter_mut().zip(&windows[done..]) {
                window.add(sums, row, y);
            }
            let finished = windows[done..][..open].iter().take_while(|window| window.end() == y + 1).count();
            for sums in sums.drain(..finished) {
                small.extend(windows.iter().map(|window| window.sum(&sums)));
            }
        }
    }
    small
}

/// The input values that one output value is made of, and their weights.
struct Window {
    start: usize,
    weights: Vec<f32>,
}

impl Window {
    fn end(&self) -> usize {
        self.start + self.weights.len()
    }

    fn add(&self, sums: &mut [[f32; 3]], row: &[[u8; 3]], y: usize) {
        let weight = self.weights[y - self.start];
        for (sum, pixel) in sums.iter_mut().zip(row) {
            for (sum, &value) in sum.iter_mut().zip(pixel) {
                *sum += f32::from(value) * weight;
            }
        }
    }

    fn sum(&self, row: &[[f32; 3]]) -> [u8; 3] {
        let mut sum = [0.0; 3];
        for (pixel, weight) in row[self.start..].iter().zip(&self.weights) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += value * weight;
            }
        }
        sum.map(|value: f32| value.clamp(0.0, 255.0).round() as u8)
    }
}

/// The windows of `image`'s triangle filter, computed as it computes them.
fn windows(inputs: u32, outputs: u32) -> Vec<Window> {
    let ratio = inputs as f32 / outputs as f32;
    let scale = ratio.max(1.0);
    let window = |output: u32| {
        let centre = (output as f32 + 0.5) * ratio;
        let start = ((centre - scale).floor() as i64).clamp(0, i64::from(inputs) - 1);
        let end = ((centre + scale).ceil() as i64).clamp(start + 1, i64::from(inputs));
        let triangle = |input: i64| (1.0 - ((input as f32 - (centre - 0.5)) / scale).abs()).max(0.0);
        let mut weights: Vec<f32> = (start..end).map(triangle).collect();
        let sum = weights.iter().fold(0.0, |sum, weight| sum + weight);
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Window { start: start as usize, weights }
    };
    (0..outputs).map(window).collect()
}

/// The middle square of a picture that is stored as `orientation` says.
struct Square<'a> {
    picture: &'a DynamicImage,
    orientation: Orientation,
    side: u32,
    left: u32,
    top: u32,
}

impl<'a> Square<'a> {
    fn new(picture: &'a DynamicImage, orientation: Orientation) -> Self {
        let (mut width, mut height) = (picture.width(), picture.height());
        if turns(orientation).is_sideways {
            (width, height) = (height, width);
        }
        let side = width.min(height);
        Self { picture, orientation, side, left: (width - side) / 2, top: (height - side) / 2 }
    }

    /// Some rows of the upright square.
    fn band(&self, top: u32, rows: u32) -> Vec<[u8; 3]> {
        let turns = turns(self.orientation);
        let (mut across, mut down) = ((self.left, self.side), (self.top + top, rows));
        if turns.is_sideways {
            (across, down) = (down, across);
        }
        if turns.from_right {
            across.0 = self.picture.width() - across.0 - across.1;
        }
        if turns.from_bottom {
            down.0 = self.picture.height() - down.0 - down.1;
        }
        let mut band = self.picture.crop_imm(across.0, down.0, across.1, down.1);
        band.apply_orientation(self.orientation);
        over_white(band)
    }
}

/// Where the rows of an upright picture are stored.
struct Turns {
    /// Its rows are columns.
    is_sideways: bool,
    /// Its first column, or row, is stored at the right.
    from_right: bool,
    /// Its first row, or column, is stored at the bottom.
    from_bottom: bool,
}

fn turns(orientation: Orientation) -> Turns {
    let (is_sideways, from_right, from_bottom) = match orientation {
        Orientation::NoTransforms => (false, false, false),
        Orientation::FlipHorizontal => (false, true, false),
        Orientation::FlipVertical => (false, false, true),
        Orientation::Rotate180 => (false, true, true),
        Orientation::Rotate90FlipH => (true, false, false),
        Orientation::Rotate270 => (true, true, false),
        Orientation::Rotate90 => (true, false, true),
        Orientation::Rotate270FlipH => (true, true, true),
    };
    Turns { is_sideways, from_right, from_bottom }
}

/// The pixels of a picture, blended with white. Grey is not left to `image`, which takes many times as long for the same
/// values.
fn over_white(picture: DynamicImage) -> Vec<[u8; 3]> {
    match picture {
        DynamicImage::ImageLuma8(grey) => grey.into_raw().into_iter().map(|value| [value; 3]).collect(),
        DynamicImage::ImageLumaA8(grey) => {
            grey.as_chunks().0.iter().map(|&[value, alpha]| [blend_white(value, alpha); 3]).collect()
        }
        other => {
            let blend = |&[r, g, b, alpha]: &[u8; 4]| [r, g, b].map(|value| blend_white(value, alpha));
            other.into_rgba8().as_chunks().0.iter().map(blend).collect()
        }
    }
}

fn blend_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, GrayImage, LumaA};

    use super::*;

    #[test]
    fn grey_has_the_values_that_the_library_converts_it_to() {
        let grey = DynamicImage::from(GrayImage::from_raw(256, 1, (0..=255).collect()).unwrap());
        let library: Vec<[u8; 3]> = grey.to_rgb8().pixels().map(|pixel| pixel.0).collect();
        assert_eq!(over_white(grey), library);
        let clear = GrayAlphaImage::from_fn(256, 256, |value, alpha| LumaA([value as u8, alpha as u8]));
        let rgba = DynamicImage::from(DynamicImage::from(clear.clone()).into_rgba8());
        assert_eq!(over_white(clear.into()), over_white(rgba));
    }

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
}
