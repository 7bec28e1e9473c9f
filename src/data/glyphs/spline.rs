//! From strokes to chains of line segments, the only shape that the raster draws.

use super::skeletons::{Point, Stroke};

/// Line segments between two points of a curve.
const PIECES: u8 = 5;

/// The stroke as a chain of line segments.
pub fn flatten(stroke: &Stroke) -> Vec<Point> {
    match stroke {
        Stroke::Line(points) => points.to_vec(),
        Stroke::Curve(points) => flatten_open(points),
        Stroke::Loop(points) => flatten_closed(points),
        Stroke::Oval { center, radii } => flatten_closed(&octagon(*center, *radii)),
    }
}

/// Eight points of an ellipse, one per eighth of a turn.
fn octagon([x, y]: Point, [width, height]: Point) -> [Point; 8] {
    const D: f32 = core::f32::consts::FRAC_1_SQRT_2;
    [[0.0, -1.0], [D, -D], [1.0, 0.0], [D, D], [0.0, 1.0], [-D, D], [-1.0, 0.0], [-D, -D]]
        .map(|[cos, sin]| [x + width * cos, y + height * sin])
}

/// A Catmull-Rom spline. The neighbour of each end, reflected in it, continues the curve.
fn flatten_open(points: &[Point]) -> Vec<Point> {
    let last = points.len() - 1;
    let reflect = |end: Point, inner: Point| [2.0 * end[0] - inner[0], 2.0 * end[1] - inner[1]];
    let mut knots = vec![reflect(points[0], points[1])];
    knots.extend_from_slice(points);
    knots.push(reflect(points[last], points[last - 1]));
    spline(&knots)
}

/// A closed Catmull-Rom spline.
fn flatten_closed(points: &[Point]) -> Vec<Point> {
    let mut knots = vec![points[points.len() - 1]];
    knots.extend_from_slice(points);
    knots.extend_from_slice(&points[..2]);
    spline(&knots)
}

/// The spline through all knots but the first and the last.
fn spline(knots: &[Point]) -> Vec<Point> {
    let mut path = vec![knots[1]];
    for span in knots.windows(4) {
        for piece in 1..=PIECES {
            let t = f32::from(piece) / f32::from(PIECES);
            path.push([0, 1].map(|axis| catmull_rom([0, 1, 2, 3].map(|knot: usize| span[knot][axis]), t)));
        }
    }
    path
}

/// The uniform Catmull-Rom spline between the second knot (`t = 0`) and the third (`t = 1`).
fn catmull_rom([a, b, c, d]: [f32; 4], t: f32) -> f32 {
    let linear = c - a;
    let quadratic = 2.0 * a - 5.0 * b + 4.0 * c - d;
    let cubic = 3.0 * (b - c) + d - a;
    b + 0.5 * t * (linear + t * (quadratic + t * cubic))
}

#[cfg(test)]
mod tests {
    use super::super::skeletons::SKELETONS;
    use super::*;

    #[test]
    fn an_oval_is_an_ellipse_to_two_percent() {
        let path = flatten(&Stroke::Oval { center: [0.3, -0.2], radii: [0.5, 2.0] });
        assert_eq!(path.len(), 8 * usize::from(PIECES) + 1);
        for [x, y] in path {
            let radius = ((x - 0.3) / 0.5).hypot((y + 0.2) / 2.0);
            assert!((radius - 1.0).abs() < 0.02, "{radius}");
        }
    }

    #[test]
    fn a_curve_passes_through_its_points() {
        const POINTS: [Point; 4] = [[0.0, 0.0], [1.0, 0.5], [1.0, 2.0], [-1.0, 1.0]];
        let (open, closed) = (flatten(&Stroke::Curve(&POINTS)), flatten(&Stroke::Loop(&POINTS)));
        assert_eq!(open.len(), 3 * usize::from(PIECES) + 1);
        assert_eq!(closed.len(), 4 * usize::from(PIECES) + 1);
        for path in [open, closed] {
            assert!(path.iter().step_by(usize::from(PIECES)).zip(POINTS).all(|(a, b)| *a == b), "{path:?}");
        }
    }

    #[test]
    fn every_style_of_a_digit_fills_its_box() {
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
