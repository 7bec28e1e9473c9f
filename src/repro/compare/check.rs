//! Values of fields that their types do not exclude.
//!
//! A seal shows edits, but anyone can make another one. So whoever compares a report checks what it relies on.

use std::collections::BTreeSet;

use super::error::FieldError;
use super::picture;
use crate::repro::report::{Number, Report, StepDigests, StepRecord, TrainingRun};

/// Checks that names differ, numbers are numbers, and pictures are pictures.
///
/// # Errors
/// If one is not; the error names the field.
pub fn check(report: &Report) -> Result<(), FieldError> {
    let results = &report.kernels.results;
    different("exact", report.exact.iter().map(|item| item.name.clone()))?;
    different(
        "kernels.results",
        results.iter().map(|result| {
            let plan = result.plan.map(|plan| plan.name()).unwrap_or_default();
            format!("{} {} {plan} {}", result.operation, result.case, result.result)
        }),
    )?;
    different("training", report.training.iter().map(|run| run.name.clone()))?;
    report.training.iter().try_for_each(run)
}

fn run(run: &TrainingRun) -> Result<(), FieldError> {
    let field = |name: &str| format!("training[{}].{name}", run.name);
    let course = &run.course;
    in_order(&field("course.steps"), course.steps.iter().map(|step| step.step))?;
    in_order(&field("course.digests"), course.digests.iter().map(|digests| digests.step))?;
    for step in &course.steps {
        numbers(&field(&format!("course.steps[step {}]", step.step)), step)?;
    }
    for digests in &course.digests {
        tensors(&field(&format!("course.digests[step {}]", digests.step)), digests)?;
    }
    if picture::decode(&course.images.png).is_none() {
        let found = course.images.png.chars().take(16).collect();
        return Err(FieldError { field: field("course.images.png"), expected: "a PNG in base64", found });
    }
    Ok(())
}

fn numbers(field: &str, step: &StepRecord) -> Result<(), FieldError> {
    let losses = &step.losses;
    let losses = [&losses.discriminator, &losses.classifier, &losses.generator].into_iter().flatten();
    losses.into_iter().try_for_each(|loss| number(&format!("{field}.losses"), loss))?;
    for decision in &step.decisions {
        for (name, value) in [("confidence", &decision.confidence), ("margin", &decision.margin)] {
            number(&format!("{field}.decisions[image {}].{name}", decision.image), value)?;
        }
    }
    Ok(())
}

fn number(field: &str, number: &Number) -> Result<(), FieldError> {
    match number.value() {
        Some(_) => Ok(()),
        None => Err(FieldError {
            field: format!("{field}.bits"),
            expected: "eight hexadecimal digits",
            found: number.bits.clone(),
        }),
    }
}

fn tensors(field: &str, digests: &StepDigests) -> Result<(), FieldError> {
    for phase in &digests.phases {
        let field = format!("{field}.phases[{}]", phase.phase.name());
        different(&format!("{field}.groups"), phase.groups.iter().map(|group| group.group.clone()))?;
        for group in &phase.groups {
            different(
                &format!("{field}.groups[{}].tensors", group.group),
                group.tensors.iter().map(|tensor| tensor.name.clone()),
            )?;
        }
    }
    different(&format!("{field}.phases"), digests.phases.iter().map(|phase| phase.phase.name().to_owned()))
}

fn different(field: &str, names: impl Iterator<Item = String>) -> Result<(), FieldError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name.clone()) {
            return Err(FieldError { field: field.to_owned(), expected: "names that differ", found: name });
        }
    }
    Ok(())
}

fn in_order(field: &str, steps: impl Iterator<Item = u64>) -> Result<(), FieldError> {
    let mut last = 0;
    for step in steps {
        if step <= last {
            let found = format!("step {step} after step {last}");
            return Err(FieldError { field: field.to_owned(), expected: "steps from 1 on, in order", found });
        }
        last = step;
    }
    Ok(())
}
