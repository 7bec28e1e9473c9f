//! Colours: an ink that stands out from a paper, in any hue, dark on light as often as light on dark.
//!
//! They are chosen in OKLCH (B. Ottosson, "A perceptual color space for image processing", 2020). Its lightness is what
//! the eye sees, so contrast does not depend on hue.

use super::raster::Coverage;
use super::size::{IMAGE_BYTES, SIZE};
use crate::rng::Stream;

/// Red, green and blue of sRGB, 0 to 1.
type Rgb = [f32; 3];

/// The colours of one image.
pub struct Palette {
    ink: Rgb,
    /// The paper's colours at the ends of a linear gradient.
    paper: [Rgb; 2],
    /// The direction of the gradient, `[x, y]`, of length 1.
    direction: [f32; 2],
}

const LIGHT: [f32; 2] = [0.82, 0.96];
const DARK: [f32; 2] = [0.27, 0.44];
const INK_CHROMA: [f32; 2] = [0.04, 0.13];
const PAPER_CHROMA: [f32; 2] = [0.03, 0.1];
const MAX_HUE_STEP_RAD: f32 = 0.7;
const MAX_LIGHTNESS_STEP: f32 = 0.05;

impl Palette {
    /// Draws colours, independent of the digit.
    pub fn random(rng: &mut Stream) -> Self {
        let (ink_range, paper_range) = if rng.chance(0.5) { (DARK, LIGHT) } else { (LIGHT, DARK) };
        let mut in_range = |[low, high]: [f32; 2]| rng.between(low, high);
        let turn = [0.0, core::f32::consts::TAU];
        let ink = oklch(in_range(ink_range), in_range(INK_CHROMA), in_range(turn));
        let (lightness, chroma, hue) = (in_range(paper_range), in_range(PAPER_CHROMA), in_range(turn));
        let lightness_step = in_range([-MAX_LIGHTNESS_STEP, MAX_LIGHTNESS_STEP]);
        let hue_step = in_range([-MAX_HUE_STEP_RAD, MAX_HUE_STEP_RAD]);
        let (sin, cos) = libm::sincosf(in_range(turn));
        let paper = [-1.0, 1.0].map(|end| oklch(lightness + end * lightness_step, chroma, hue + end * hue_step));
        Self { ink, paper, direction: [cos, sin] }
    }

    /// Lays the ink on the paper: `[3, SIZE, SIZE]`, planes row by row.
    pub fn paint(&self, coverage: &Coverage) -> [u8; IMAGE_BYTES] {
        let mut image = [0; IMAGE_BYTES];
        for pixel in 0..SIZE * SIZE {
            let (t, ink_share) = (self.along_gradient(pixel), coverage.at(pixel));
            for channel in 0..3 {
                let paper = mix(self.paper[0][channel], self.paper[1][channel], t);
                let value = mix(paper, self.ink[channel], ink_share);
                image[channel * SIZE * SIZE + pixel] = (value * 255.0 + 0.5) as u8;
            }
        }
        image
    }

    /// How far along the gradient a pixel lies, 0 to 1. The gradient spans the circle around the image.
    fn along_gradient(&self, pixel: usize) -> f32 {
        let offset = |place: usize| (place as f32 + 0.5) / SIZE as f32 - 0.5;
        let along = offset(pixel % SIZE) * self.direction[0] + offset(pixel / SIZE) * self.direction[1];
        0.5 + along * core::f32::consts::FRAC_1_SQRT_2
    }
}

fn mix(from: f32, to: f32, share: f32) -> f32 {
    from + (to - from) * share
}

/// OKLCH to sRGB, with Ottosson's matrices; colours outside the gamut are clipped.
fn oklch(lightness: f32, chroma: f32, hue_rad: f32) -> Rgb {
    let (sin, cos) = libm::sincosf(hue_rad);
    let (a, b) = (chroma * cos, chroma * sin);
    let cube = |x: f32| x * x * x;
    let l = cube(lightness + 0.396_337_78 * a + 0.215_803_76 * b);
    let m = cube(lightness - 0.105_561_346 * a - 0.063_854_17 * b);
    let s = cube(lightness - 0.089_484_18 * a - 1.291_485_5 * b);
    [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_38 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ]
    .map(srgb_curve)
}

/// The transfer curve of sRGB (IEC 61966-2-1), from linear light.
fn srgb_curve(linear: f32) -> f32 {
    let linear = linear.clamp(0.0, 1.0);
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * libm::powf(linear, 1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, stream};

    fn assert_close(actual: Rgb, expected: Rgb) {
        assert!(actual.iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-3), "{actual:?}, not {expected:?}");
    }

    /// OKLCH coordinates of sRGB colours as other converters give them.
    #[test]
    fn known_colours_are_converted() {
        assert_close(oklch(1.0, 0.0, 0.0), [1.0, 1.0, 1.0]);
        assert_close(oklch(0.0, 0.0, 0.0), [0.0, 0.0, 0.0]);
        assert_close(oklch(0.627_96, 0.257_68, 29.234_f32.to_radians()), [1.0, 0.0, 0.0]);
        assert_close(oklch(0.452_01, 0.313_21, 264.052_f32.to_radians()), [0.0, 0.0, 1.0]);
    }

    /// Contrast as WCAG 2.1 defines it; large text must have 3.
    #[test]
    fn ink_always_stands_out_and_is_dark_as_often_as_light() {
        let luminance = |rgb: Rgb| {
            let [r, g, b] = rgb.map(|x| if x <= 0.040_45 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let mut dark_inks = 0;
        for step in 0..2_000 {
            let palette = Palette::random(&mut stream(1, Purpose::Test, step));
            let ink = luminance(palette.ink);
            for paper in palette.paper.map(luminance) {
                let contrast = (ink.max(paper) + 0.05) / (ink.min(paper) + 0.05);
                assert!(contrast > 3.0, "{contrast} at {step}");
            }
            dark_inks += u32::from(ink < luminance(palette.paper[0]));
        }
        assert!((900..1_100).contains(&dark_inks), "{dark_inks}");
    }
}
