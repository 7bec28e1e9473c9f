//! Where a digit stands in its image, and how its shape differs from the skeleton.

use super::size::SIZE;
use super::skeletons::Point;
use crate::rng::Stream;

/// A smooth map from the coordinates of skeletons to pixels.
///
/// Low-degree polynomials bend the coordinates, then an affine map follows, so strokes that meet stay joined.
pub struct Pose {
    bow: f32,
    sway: f32,
    sag: f32,
    taper: f32,
    x_axis: Point,
    y_axis: Point,
    center: Point,
}

const MAX_ROTATION_RAD: f32 = 0.26;
const MAX_SHEAR: f32 = 0.2;
const HALF_HEIGHT_PX: [f32; 2] = [8.2, 10.6];
const WIDENING: [f32; 2] = [0.84, 1.2];
const MAX_SHIFT_PX: f32 = 2.2;
const MAX_BOW: f32 = 0.16;
const MAX_SWAY: f32 = 0.2;
const MAX_SAG: f32 = 0.14;
const MAX_TAPER: f32 = 0.16;

impl Pose {
    /// Draws a pose.
    pub fn random(rng: &mut Stream) -> Self {
        let mut within = |limit: f32| rng.between(-limit, limit);
        let (bow, sway, sag, taper) = (within(MAX_BOW), within(MAX_SWAY), within(MAX_SAG), within(MAX_TAPER));
        let (rotation, shear) = (within(MAX_ROTATION_RAD), within(MAX_SHEAR));
        let middle = SIZE as f32 / 2.0;
        let center = [middle + within(MAX_SHIFT_PX), middle + within(MAX_SHIFT_PX)];
        let height = rng.between(HALF_HEIGHT_PX[0], HALF_HEIGHT_PX[1]);
        let width = height * rng.between(WIDENING[0], WIDENING[1]);
        let (sin, cos) = libm::sincosf(rotation);
        let x_axis = [width * cos, width * sin];
        let y_axis = [height * (shear * cos - sin), height * (shear * sin + cos)];
        Self { bow, sway, sag, taper, x_axis, y_axis, center }
    }

    /// Maps a point of a skeleton to pixels, x to the right and y down, from the image's upper left corner.
    pub fn apply(&self, [x, y]: Point) -> Point {
        let bent_x = x * (1.0 + self.taper * y) + self.bow * (y * y - 0.5) + self.sway * y * (1.0 - y * y);
        let bent_y = y + self.sag * x * (1.0 + x);
        [0, 1].map(|axis| self.center[axis] + bent_x * self.x_axis[axis] + bent_y * self.y_axis[axis])
    }
}
