//! The final images of a run.

use crate::repro::compare::item::{Item, Measure};
use crate::repro::compare::picture;
use crate::repro::progress::Layer;
use crate::repro::report::{Course, TrainingRun};

/// The name of the items about final images.
const IMAGES: &str = "final images";

/// Compares the images after the last step.
pub fn item(reference: &TrainingRun, other: &Course) -> Item {
    let course = &reference.course;
    let last = course.steps.last().map_or(0, |step| step.step);
    let item = Item::new(Layer::Training, &reference.name, IMAGES).at(last, None);
    if course.images.sha256 == other.images.sha256 {
        return item.same(reference.growth.pixels.tolerance);
    }
    let found = picture::distance(&course.images.png, &other.images.png);
    item.measured(Measure { found, allowed: reference.growth.pixels.tolerance })
}
