//! The digits as strokes without width, in several styles each.
//!
//! Coordinates are `[x, y]` with x to the right and y down; a digit reaches from y = -1 to 1 and over about
//! -0.6 to 0.6 in x. Strokes that meet share a point, and stay joined because a pose moves points by their place alone.

use Stroke::{Curve, Line, Loop, Oval};

/// A point, `[x, y]`.
pub type Point = [f32; 2];

/// One stroke of the pen.
pub enum Stroke {
    /// Straight lines with corners at the points.
    Line(&'static [Point]),
    /// A smooth curve through the points.
    Curve(&'static [Point]),
    /// A smooth closed curve through the points.
    Loop(&'static [Point]),
    /// An upright ellipse.
    Oval {
        /// Its midpoint.
        center: Point,
        /// Half its width and half its height.
        radii: Point,
    },
}

/// The styles of each digit, in the order of the digits.
pub const SKELETONS: [&[&[Stroke]]; 10] = [
    &[
        &[Oval { center: [0.0, 0.0], radii: [0.64, 1.0] }],
        &[Oval { center: [0.0, 0.0], radii: [0.5, 1.0] }],
        &[Loop(&[
            [0.0, -1.0],
            [0.46, -0.86],
            [0.58, -0.4],
            [0.58, 0.4],
            [0.46, 0.86],
            [0.0, 1.0],
            [-0.46, 0.86],
            [-0.58, 0.4],
            [-0.58, -0.4],
            [-0.46, -0.86],
        ])],
    ],
    &[
        &[Line(&[[0.0, -1.0], [0.0, 1.0]])],
        &[Line(&[[-0.38, -0.6], [0.1, -1.0], [0.1, 1.0]])],
        &[Line(&[[-0.36, -0.66], [0.03, -1.0], [0.03, 1.0]]), Line(&[[-0.45, 1.0], [0.5, 1.0]])],
    ],
    &[
        &[
            Curve(&[[-0.55, -0.5], [-0.38, -0.88], [0.05, -1.0], [0.46, -0.82], [0.5, -0.38], [0.2, 0.1], [-0.6, 1.0]]),
            Line(&[[-0.6, 1.0], [0.62, 1.0]]),
        ],
        &[Curve(&[
            [-0.5, -0.6],
            [-0.3, -0.92],
            [0.08, -1.0],
            [0.44, -0.8],
            [0.48, -0.4],
            [0.22, 0.15],
            [-0.2, 0.68],
            [-0.52, 0.95],
            [-0.7, 0.7],
            [-0.42, 0.5],
            [-0.05, 0.76],
            [0.32, 0.98],
            [0.68, 0.78],
        ])],
    ],
    &[
        &[
            Curve(&[[-0.52, -0.75], [-0.15, -1.0], [0.3, -0.92], [0.48, -0.55], [0.3, -0.17], [-0.12, -0.06]]),
            Curve(&[[-0.12, -0.06], [0.38, 0.08], [0.58, 0.48], [0.38, 0.88], [-0.08, 1.0], [-0.56, 0.75]]),
        ],
        &[
            Line(&[[-0.5, -1.0], [0.5, -1.0], [-0.05, -0.2]]),
            Curve(&[[-0.05, -0.2], [0.4, -0.05], [0.58, 0.38], [0.4, 0.82], [-0.05, 1.0], [-0.55, 0.78]]),
        ],
    ],
    &[
        &[Line(&[[-0.42, -0.95], [-0.58, 0.22], [0.64, 0.22]]), Line(&[[0.3, -0.55], [0.3, 1.0]])],
        &[Line(&[[0.3, 1.0], [0.3, -1.0], [-0.62, 0.38], [0.66, 0.38]])],
    ],
    &[
        &[
            Line(&[[0.5, -1.0], [-0.4, -1.0], [-0.48, -0.12]]),
            Curve(&[[-0.48, -0.12], [0.0, -0.3], [0.45, -0.1], [0.58, 0.35], [0.4, 0.8], [-0.05, 1.0], [-0.55, 0.8]]),
        ],
        &[
            Line(&[[0.56, -1.0], [-0.34, -1.0], [-0.34, -0.2]]),
            Curve(&[[-0.34, -0.2], [0.25, -0.2], [0.55, 0.15], [0.5, 0.65], [0.1, 0.98], [-0.5, 0.94]]),
        ],
    ],
    &[
        &[Curve(&[
            [0.5, -0.8],
            [0.12, -1.0],
            [-0.32, -0.72],
            [-0.56, -0.15],
            [-0.56, 0.45],
            [-0.32, 0.88],
            [0.1, 1.0],
            [0.48, 0.8],
            [0.56, 0.4],
            [0.34, 0.04],
            [-0.08, 0.0],
            [-0.52, 0.36],
        ])],
        &[Line(&[[0.25, -1.0], [-0.45, 0.16]]), Oval { center: [0.0, 0.44], radii: [0.56, 0.56] }],
    ],
    &[
        &[Line(&[[-0.58, -1.0], [0.58, -1.0], [-0.15, 1.0]])],
        &[Line(&[[-0.58, -1.0], [0.58, -1.0], [-0.15, 1.0]]), Line(&[[-0.32, 0.06], [0.58, 0.06]])],
        &[Line(&[[-0.58, -1.0], [0.58, -1.0]]), Curve(&[[0.58, -1.0], [0.16, -0.4], [-0.08, 0.3], [-0.14, 1.0]])],
        &[Line(&[[-0.56, -0.58], [-0.56, -1.0], [0.58, -1.0], [-0.1, 1.0]])],
    ],
    &[
        &[Oval { center: [0.0, -0.52], radii: [0.46, 0.48] }, Oval { center: [0.0, 0.48], radii: [0.58, 0.52] }],
        &[Loop(&[
            [0.0, -1.0],
            [0.46, -0.82],
            [0.46, -0.42],
            [0.0, -0.04],
            [-0.52, 0.38],
            [-0.5, 0.82],
            [0.0, 1.0],
            [0.5, 0.82],
            [0.52, 0.38],
            [0.0, -0.04],
            [-0.46, -0.42],
            [-0.46, -0.82],
        ])],
    ],
    &[
        &[Curve(&[
            [-0.5, 0.8],
            [-0.12, 1.0],
            [0.32, 0.72],
            [0.56, 0.15],
            [0.56, -0.45],
            [0.32, -0.88],
            [-0.1, -1.0],
            [-0.48, -0.8],
            [-0.56, -0.4],
            [-0.34, -0.04],
            [0.08, 0.0],
            [0.52, -0.36],
        ])],
        &[Line(&[[-0.25, 1.0], [0.45, -0.16]]), Oval { center: [0.0, -0.44], radii: [0.56, 0.56] }],
        &[Oval { center: [-0.04, -0.46], radii: [0.52, 0.54] }, Line(&[[0.48, -0.9], [0.48, 1.0]])],
    ],
];

#[cfg(test)]
mod tests {
    use super::super::spline::flatten;
    use super::*;

    #[test]
    fn every_style_fills_its_box() {
        for (digit, styles) in SKELETONS.iter().enumerate() {
            for style in *styles {
                let points: Vec<Point> = style.iter().flat_map(flatten).collect();
                let top = points.iter().map(|point| point[1]).fold(f32::INFINITY, f32::min);
                let bottom = points.iter().map(|point| point[1]).fold(f32::NEG_INFINITY, f32::max);
                assert!((top + 1.0).abs() < 0.06 && (bottom - 1.0).abs() < 0.06, "{digit}: {top} to {bottom}");
                assert!(points.iter().all(|point| point[0].abs() < 0.75), "{digit} is too wide");
            }
        }
    }
}
