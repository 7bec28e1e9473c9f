//! Making the label table between steps, from what the configuration names.
//!
//! A table is a function of the configuration, the data and the state at the step that makes it. That state has it from
//! then on, and so do checkpoints.

use std::ops::Range;

use burn::tensor::Device;

use super::error::TrainError;
use super::generation::generate;
use super::shell::Shell;
use super::state::State;
use super::table_error::LabelTableError;
use super::task::Task;
use crate::config::{Config, LabelSource};
use crate::labels::table::{LabelTable, flipped, label_all};
use crate::labels::{Confusion, Labeler, LatentPartition, Teacher, k_means};
use crate::rng::{Purpose, stream};

/// Checks that a run of this task can have its table.
///
/// # Errors
/// If it cannot.
pub fn check(task: &Task) -> Result<(), LabelTableError> {
    let (images, label_count) = (task.manual.len(), task.subject.label_count);
    let (classes, given) = (task.data.class_names.len(), task.given_labels.as_ref().map(|given| given.labels().len()));
    match task.config.label_source() {
        LabelSource::Truth if classes != label_count => Err(LabelTableError::Classes { classes, label_count }),
        LabelSource::Pixels if images < label_count => Err(LabelTableError::FewImages { images, label_count }),
        LabelSource::File => match given {
            Some(found) if found != images => Err(LabelTableError::Count { expected: images, found }),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Makes the table that is due before the state's next step, if one is.
///
/// # Errors
/// If the device cannot be read, or there can be no table.
pub(super) async fn prepare(
    task: &Task,
    state: &mut State,
    device: &Device,
    shell: &mut impl Shell,
) -> Result<(), TrainError> {
    if is_due(&task.config, state.step, state.label_table.is_some()) {
        check(task)?;
        let source = source(&task.config, state);
        let (labels, passes) = made(source, task, state, device, shell).await?;
        let confusion = match source {
            LabelSource::Teacher if task.config.label_table.confusion => {
                Some(confusion(task, state, device, shell).await?)
            }
            _ => None,
        };
        state.label_table = Some(with_flips(task, labels, passes).with_confusion(confusion));
    }
    Ok(())
}

/// Whether a table is due before a step.
fn is_due(config: &Config, step: u64, has_table: bool) -> bool {
    let (first, refresh) = (config.labels_from(), config.label_table.refresh);
    let is_again = || refresh > 0 && (step - first).is_multiple_of(refresh);
    config.label_source().is_table() && step >= first && (!has_table || is_again())
}

/// Where the next table comes from: from the teacher once there is one.
fn source(config: &Config, state: &State) -> LabelSource {
    if state.label_table.is_some() { LabelSource::Teacher } else { config.label_table.source }
}

/// Labels and gates from their source.
async fn made(
    source: LabelSource,
    task: &Task,
    state: &State,
    device: &Device,
    shell: &mut impl Shell,
) -> Result<(Vec<u16>, Vec<bool>), TrainError> {
    let (data, config) = (&task.data.train, &task.config);
    Ok(match source {
        LabelSource::None | LabelSource::Auto => (Vec::new(), Vec::new()),
        LabelSource::Teacher => by_teacher(task, &state.teacher, device, async || shell.breathe().await).await?,
        LabelSource::Truth => data.labels.iter().map(|label| (label.unwrap_or(0), label.is_some())).unzip(),
        LabelSource::Pixels => {
            let (pixels, size, count) = (&data.images.pixels, data.images.shape.bytes(), task.subject.label_count);
            by_manual_labels(task, k_means(pixels, size, count, config.seed, async || shell.breathe().await).await)
        }
        LabelSource::File => {
            let given = task.given_labels.as_ref().ok_or(LabelTableError::NotRead)?;
            (given.labels().to_vec(), given.passes().to_vec())
        }
    })
}

/// The labels and gates that a teacher gives all training images of a task; manual labels decide where there are any.
///
/// # Errors
/// If the device cannot be read.
pub async fn by_teacher(
    task: &Task,
    teacher: &Teacher,
    device: &Device,
    breathe: impl AsyncFnMut(),
) -> Result<(Vec<u16>, Vec<bool>), TrainError> {
    let (gate, images) = (&task.config.gate, &task.data.train.images);
    // The mean over all images corrects the labels, not the running mean over batches.
    let labeler = Labeler { prior_correction: false, ..Labeler::new(teacher, task.subject.cells, &task.config) };
    let probabilities = labeler.probabilities(images, device, breathe).await?;
    let (labels, passes) = label_all(probabilities, &allowed(task), task.config.classifier.prior_correction, gate.tau);
    let passes = passes.into_iter().map(|passes| passes || !task.config.label_table.gated).collect();
    Ok((labels, passes))
}

/// What the teacher takes images of the averaged generator for, as many of each latent label.
async fn confusion(
    task: &Task,
    state: &State,
    device: &Device,
    shell: &mut impl Shell,
) -> Result<Confusion, TrainError> {
    let (config, count) = (&task.config, task.subject.label_count);
    let partition = LatentPartition::new(&config.latent, count, config.seed);
    let latents =
        partition.draw_for(Confusion::latent_labels(count), &mut stream(config.seed, Purpose::Confusion, state.step));
    let images = generate(&state.average, &partition, &latents, task.data.train.images.shape, device).await?;
    let labeler = Labeler { prior_correction: false, ..Labeler::new(&state.teacher, task.subject.cells, config) };
    let probabilities = labeler.probabilities(&images, device, async || shell.breathe().await).await?;
    let allowed = vec![None; latents.labels.len()];
    let (found, _) = label_all(probabilities, &allowed, config.classifier.prior_correction, config.gate.tau);
    Ok(Confusion::of(found))
}

/// The labels that the class of each manually labelled image owns; none for other images.
fn allowed(task: &Task) -> Vec<Option<Range<usize>>> {
    let cells = task.subject.cells;
    task.manual.iter().map(|class| Some(cells?.labels_of(usize::from((*class)?)))).collect()
}

/// Groups as labels, except for images with a manual label, which have the first label of their class.
fn by_manual_labels(task: &Task, groups: Vec<u16>) -> (Vec<u16>, Vec<bool>) {
    let label = |(group, allowed): (u16, Option<Range<usize>>)| allowed.map_or(group, |range| range.start as u16);
    let labels: Vec<u16> = groups.into_iter().zip(allowed(task)).map(label).collect();
    let passes = vec![true; labels.len()];
    (labels, passes)
}

/// The table, in which a share of the labels that are not manual is replaced.
fn with_flips(task: &Task, mut labels: Vec<u16>, passes: Vec<bool>) -> LabelTable {
    let (share, count) = (task.config.label_table.flipped, task.subject.label_count);
    let mut draws = stream(task.config.seed, Purpose::LabelFlips, 0);
    for (label, manual) in labels.iter_mut().zip(&task.manual) {
        // Drawn for all images, so that a label budget changes no other image.
        let drawn = flipped(usize::from(*label), share, count, &mut draws) as u16;
        if manual.is_none() || task.config.label_table.source == LabelSource::Truth {
            *label = drawn;
        }
    }
    LabelTable::new(labels, passes, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Mode;

    #[test]
    fn tables_are_due_with_the_first_label_and_at_every_refresh() {
        let mut config = Config::default();
        config.gate.warm_up = 4;
        let due = |config: &Config| -> Vec<u64> {
            let mut has_table = false;
            let mut next = |step| {
                let due = is_due(config, step, has_table);
                has_table |= due;
                due
            };
            (0..14).filter(|&step| next(step)).collect()
        };
        assert_eq!(due(&config), [] as [u64; 0]);
        config.label_table.source = LabelSource::Teacher;
        assert_eq!(due(&config), [4]);
        config.label_table.refresh = 3;
        assert_eq!(due(&config), [4, 7, 10, 13]);
        config.label_table.source = LabelSource::Pixels;
        assert_eq!(due(&config), [0, 3, 6, 9, 12], "groups of pixels wait for no teacher");
        config.mode = Mode::Unconditional;
        assert_eq!(due(&config), [] as [u64; 0]);
    }
}
