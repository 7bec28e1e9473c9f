//! The final images of a run.

use crate::repro::compare::item::{Item, Measure};
use crate::repro::compare::kind::ItemKind;
use crate::repro::compare::picture;
use crate::repro::report::{Course, TrainingRun};

/// Compares the images after the last step.
pub fn item(reference: &TrainingRun, other: &Course) -> Item {
    let course = &reference.course;
    let last = course.steps.last().map_or(0, |step| step.step);
    let item = Item::new(ItemKind::Images, &reference.name, "final images").at(last, None);
    if course.images.sha256 == other.images.sha256 {
        return item.same(reference.growth.pixels.tolerance);
    }
    let found = picture::distance(&course.images.png, &other.images.png);
    item.measured(Measure { found, allowed: reference.growth.pixels.tolerance })
}
