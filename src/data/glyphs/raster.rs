//! From strokes to pixels: how much of each pixel a round pen covers.

use super::size::SIZE;
use super::skeletons::Point;

/// The squared distance of every pixel's centre to the nearest stroke, and the reach of the pen.
///
/// Overlapping strokes take the smaller distance, so joints show no seams.
pub struct Coverage {
    squared_distances: [f32; SIZE * SIZE],
    reach_px: f32,
}

impl Coverage {
    /// An empty image for a pen of this width.
    pub fn new(width_px: f32) -> Self {
        // The edge is antialiased over one pixel, half of it outside the pen.
        Self { squared_distances: [f32::INFINITY; SIZE * SIZE], reach_px: width_px / 2.0 + 0.5 }
    }

    /// Draws a chain of line segments, in pixels.
    pub fn add(&mut self, path: &[Point]) {
        for ends in path.windows(2) {
            self.add_segment(ends[0], ends[1]);
        }
    }

    /// The covered share of the pixel at `index`, 0 to 1. Pixels are counted row by row.
    pub fn at(&self, index: usize) -> f32 {
        (self.reach_px - self.squared_distances[index].sqrt()).clamp(0.0, 1.0)
    }

    /// Only pixels in the segment's bounding box can be within reach; others stay as they are.
    fn add_segment(&mut self, from: Point, to: Point) {
        let along = [to[0] - from[0], to[1] - from[1]];
        let squared_length = (along[0] * along[0] + along[1] * along[1]).max(f32::MIN_POSITIVE);
        let [columns, rows] = [0, 1].map(|axis| self.within_reach(from[axis], to[axis]));
        for row in rows {
            for column in columns.clone() {
                let offset = [column as f32 + 0.5 - from[0], row as f32 + 0.5 - from[1]];
                let t = ((offset[0] * along[0] + offset[1] * along[1]) / squared_length).clamp(0.0, 1.0);
                let gap = [offset[0] - t * along[0], offset[1] - t * along[1]];
                let nearest = &mut self.squared_distances[row * SIZE + column];
                *nearest = nearest.min(gap[0] * gap[0] + gap[1] * gap[1]);
            }
        }
    }

    /// The pixels of one axis within reach of the interval. A cast from a float to an integer saturates at 0.
    fn within_reach(&self, a: f32, b: f32) -> std::ops::Range<usize> {
        let low = (a.min(b) - self.reach_px) as usize;
        let high = (a.max(b) + self.reach_px) as usize + 1;
        low..high.min(SIZE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of a pixel's subpixels that lie under the pen.
    fn covered_by_counting(index: usize, from: Point, to: Point, width_px: f32) -> f32 {
        const STEPS: usize = 16;
        let under_pen = |step: usize| {
            let place = |pixel: usize, step: usize| pixel as f32 + (step as f32 + 0.5) / STEPS as f32;
            let (x, y) = (place(index % SIZE, step % STEPS), place(index / SIZE, step / STEPS));
            let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
            let t = (((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            (x - from[0] - t * dx).hypot(y - from[1] - t * dy) <= width_px / 2.0
        };
        (0..STEPS * STEPS).filter(|&step| under_pen(step)).count() as f32 / (STEPS * STEPS) as f32
    }

    #[test]
    fn coverage_is_near_the_covered_area() {
        let ends = [([4.3, 5.1], [25.2, 19.9]), ([10.0, 3.0], [10.0, 29.0]), ([-3.0, 8.0], [40.0, 9.0])];
        for ((from, to), width_px) in ends.into_iter().zip([3.0, 3.7, 4.5]) {
            let mut coverage = Coverage::new(width_px);
            coverage.add(&[from, to]);
            for index in 0..SIZE * SIZE {
                let (actual, expected) = (coverage.at(index), covered_by_counting(index, from, to, width_px));
                assert!((actual - expected).abs() < 0.15, "{actual}, not {expected}, at {index}");
            }
        }
    }

    #[test]
    fn a_point_is_a_dot_and_strokes_outside_leave_no_mark() {
        let mut coverage = Coverage::new(4.0);
        coverage.add(&[[8.3, 8.6], [8.3, 8.6]]);
        coverage.add(&[[-9.0, -9.0], [50.0, -9.0], [50.0, 50.0]]);
        let area: f32 = (0..SIZE * SIZE).map(|index| coverage.at(index)).sum();
        assert!((area - 4.0 * core::f32::consts::PI).abs() < 0.5, "{area}");
    }
}
