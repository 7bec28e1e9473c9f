//! A run as it stands in a report.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::digest;
use super::record::COLUMNS;
use super::seen::{Group, Record, StepSeen};
use super::signs::Signs;
use crate::image::Picture;
use crate::repro::report::{Course, FinalImages, GroupDigests, Losses, Number, PhaseDigests, StepDigests, StepRecord};
use crate::train::seal::sha256;

/// The course of a run.
pub fn course(run: &Record) -> Course {
    let tensors = run.steps.iter().flat_map(|step| &step.groups).flat_map(|group| &group.tensors);
    let signs = Signs::new(tensors.map(|(_, values)| values.len()).max().unwrap_or(0));
    let digested = run.steps.iter().filter(|step| !step.groups.is_empty());
    Course {
        steps: run.steps.iter().map(figures).collect(),
        digests: digested.map(|step| digests(step, &signs)).collect(),
        images: FinalImages {
            columns: COLUMNS,
            sha256: sha256(&run.images.pixels),
            png: STANDARD.encode(Picture::grid(&run.images.pixels, run.images.shape, COLUMNS, 1).png()),
        },
    }
}

fn figures(seen: &StepSeen) -> StepRecord {
    let [discriminator, classifier, generator] = seen.losses.map(|loss| loss.map(Number::new));
    let losses = Losses { discriminator, classifier, generator };
    StepRecord { step: seen.step, losses, decisions: seen.decisions.clone() }
}

fn digests(seen: &StepSeen, signs: &Signs) -> StepDigests {
    let phases = seen.groups.chunk_by(|one, two| one.phase == two.phase).map(|groups| PhaseDigests {
        phase: groups[0].phase,
        groups: groups.iter().map(|group| group_digests(group, signs)).collect(),
    });
    StepDigests { step: seen.step, phases: phases.collect() }
}

fn group_digests(group: &Group, signs: &Signs) -> GroupDigests {
    let tensors = group.tensors.iter().map(|(name, values)| digest::of(name, values, signs));
    GroupDigests { group: group.name.to_owned(), tensors: tensors.collect() }
}
