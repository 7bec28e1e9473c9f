//! Where two runs of one device part.

use super::seen::{Group, Record, StepSeen};
use crate::repro::report::{DecisionRecord, Parting, Phase};

/// The first place where two runs of the same task differ in a bit; none if there is no such place.
pub fn of(one: &Record, two: &Record) -> Option<Parting> {
    let steps = one.steps.iter().zip(&two.steps);
    let images = || Parting { step: one.steps.len() as u64, phase: None, item: "images".to_owned() };
    steps.filter_map(|(one, two)| of_step(one, two)).next().or_else(|| (one.images != two.images).then(images))
}

/// A step's tensors stand in the order of computation. Losses and decisions serve where they were not read.
fn of_step(one: &StepSeen, two: &StepSeen) -> Option<Parting> {
    let at = |(phase, item)| Parting { step: one.step, phase: Some(phase), item };
    let groups = one.groups.iter().zip(&two.groups).find_map(|(one, two)| of_group(one, two));
    groups.or_else(|| of_decisions(one, two)).or_else(|| of_losses(one, two)).map(at)
}

fn of_group(one: &Group, two: &Group) -> Option<(Phase, String)> {
    let tensors = one.tensors.iter().zip(&two.tensors);
    let differs =
        |one: &[f32], two: &[f32]| one.len() != two.len() || one.iter().zip(two).any(|(one, two)| !is_same(*one, *two));
    let mut parted = tensors.filter(|((_, one), (_, two))| differs(one, two));
    parted.next().map(|((name, _), _)| (one.phase, format!("{} {name}", one.name)))
}

fn of_decisions(one: &StepSeen, two: &StepSeen) -> Option<(Phase, String)> {
    let mut pairs = one.decisions.iter().zip(&two.decisions).filter(|(one, two)| one != two);
    pairs.next().map(|(DecisionRecord { image, .. }, _)| (Phase::Inputs, format!("decision of image {image}")))
}

fn of_losses(one: &StepSeen, two: &StepSeen) -> Option<(Phase, String)> {
    let phases = [Phase::Discriminator, Phase::Classifier, Phase::Generator];
    let pairs = phases.into_iter().zip(one.losses.iter().zip(&two.losses));
    let is_parted = |one: &Option<f32>, two: &Option<f32>| match (one, two) {
        (Some(one), Some(two)) => !is_same(*one, *two),
        (one, two) => one.is_some() != two.is_some(),
    };
    let mut parted = pairs.filter(|(_, (one, two))| is_parted(one, two));
    parted.next().map(|(phase, _)| (phase, "loss".to_owned()))
}

/// Whether two numbers have the same bits; all NaNs count as the same.
fn is_same(one: f32, two: f32) -> bool {
    one.to_bits() == two.to_bits() || one.is_nan() && two.is_nan()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{ImageShape, Images};
    use crate::repro::report::Number;

    fn run() -> Record {
        let decision = DecisionRecord {
            image: 7,
            label: 1,
            passes: true,
            confidence: Number::new(0.5),
            margin: Number::new(0.25),
        };
        let group = |phase, name| Group { phase, name, tensors: vec![("w".to_owned(), vec![0.0, f32::NAN])] };
        let step = |step| StepSeen {
            step,
            losses: [Some(1.0), None, Some(f32::NAN)],
            decisions: vec![decision.clone()],
            largest_logit: 1.0,
            groups: vec![group(Phase::Discriminator, "gradients"), group(Phase::Generator, "weights")],
        };
        let images = Images { shape: ImageShape { channels: 1, size: 1 }, pixels: vec![3] };
        Record { steps: vec![step(1), step(2)], images }
    }

    /// Where a changed run parts from another: step, phase and item.
    fn parts(change: impl Fn(&mut Record)) -> Option<(u64, Option<Phase>, String)> {
        let mut changed = run();
        change(&mut changed);
        of(&run(), &changed).map(|parting| (parting.step, parting.phase, parting.item))
    }

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(parts(|_| {}), None);
        let tensor = parts(|run| run.steps[1].groups[1].tensors[0].1[0] = -0.0);
        assert_eq!(tensor, Some((2, Some(Phase::Generator), "weights w".into())));
        let earlier = parts(|run| {
            run.steps[1].groups[0].tensors[0].1[0] = 1.0;
            run.steps[1].losses[0] = Some(2.0);
            run.images.pixels[0] = 4;
        });
        assert_eq!(earlier, Some((2, Some(Phase::Discriminator), "gradients w".into())));
        let loss = parts(|run| run.steps[0].losses[1] = Some(0.0));
        assert_eq!(loss, Some((1, Some(Phase::Classifier), "loss".into())));
        let decision = parts(|run| run.steps[0].decisions[0].passes = false);
        assert_eq!(decision, Some((1, Some(Phase::Inputs), "decision of image 7".into())));
        assert_eq!(parts(|run| run.images.pixels[0] = 4), Some((2, None, "images".into())));
    }
}
