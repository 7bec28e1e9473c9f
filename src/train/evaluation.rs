//! Quality on held-out real images. Nothing here changes the state of training.

use burn::tensor::Device;

use super::error::TrainError;
use super::event::Evaluated;
use super::generation::generate;
use super::judge::{ClassFigures, Judge, JudgeFigures};
use super::shell::Shell;
use super::state::State;
use super::task::{Subject, Task};
use crate::labels::{Labeler, LatentPartition, Prediction};
use crate::metrics::{
    ContingencyTable, adjusted_rand_index, clustering_accuracy, gate_coverage, gate_precision,
    normalized_mutual_information, share,
};
use crate::rng::{Purpose, stream};

/// Largest number of cells of the table of labels against classes. A larger one takes much memory, and matching its
/// rows to its columns takes a time that grows with the cube of their number.
const TABLE_CELLS_MAX: usize = 1 << 20;

/// Largest number of cells of a table that stands in an event, where people and pages read it.
const EVENT_CELLS_MAX: usize = 1 << 16;

/// Evaluates the teacher and, with a judge, the averaged generator. Calls [`Shell::breathe`] after each labelled batch.
///
/// # Errors
/// If the device cannot be read.
pub async fn evaluate(
    task: &Task,
    state: &State,
    partition: &LatentPartition,
    judge: Option<&Judge>,
    device: &Device,
    shell: &mut impl Shell,
) -> Result<Evaluated, TrainError> {
    let predictions =
        labeler(task, state).label(&task.data.test.images, device, async || shell.breathe().await).await?;
    let figures = match judge {
        Some(judge) => judge_generated(task, state, partition, judge, device).await?,
        None => JudgeFigures::default(),
    };
    let mean = |figure: fn(&ClassFigures) -> Option<f64>| figures.generated.as_ref()?.mean(figure);
    Ok(Evaluated {
        frechet_judge: figures.frechet,
        judge_accuracy: judge.map(|judge| judge.accuracy),
        generated_agreement: figures.agreement,
        class_frechet: mean(|class| class.frechet),
        class_coverage: mean(|class| class.coverage),
        class_recall: mean(|class| class.recall),
        generated: figures.generated,
        ..label_quality(&task.subject, &task.data.test.labels, state.step, &predictions)
    })
}

/// The judge's figures of as many generated images as are held out. Their latents are the same in every evaluation.
async fn judge_generated(
    task: &Task,
    state: &State,
    partition: &LatentPartition,
    judge: &Judge,
    device: &Device,
) -> Result<JudgeFigures, TrainError> {
    let mut draws = stream(task.config.seed, Purpose::Evaluation, 0);
    let latents = partition.draw(task.data.test.images.count(), &mut draws);
    let images = generate(&state.average, partition, &latents, task.subject.image, device).await?;
    Ok(judge.figures(&images, &latents.labels, task.subject.cells, device).await?)
}

/// The labeler of a task and a state.
pub fn labeler<'a>(task: &Task, state: &'a State) -> Labeler<'a> {
    Labeler::new(&state.teacher, task.subject.cells, &task.config)
}

/// Compares predictions with the true labels of the subject's classes, as far as these are known. With too many labels and classes for a table,
/// the figures that need it are none.
pub fn label_quality(subject: &Subject, truth: &[Option<u16>], step: u64, predictions: &[Prediction]) -> Evaluated {
    let judged =
        || predictions.iter().zip(truth).filter_map(|(prediction, truth)| Some((prediction, usize::from((*truth)?))));
    let (assigned, classes): (Vec<usize>, Vec<usize>) =
        judged().map(|(prediction, truth)| (prediction.label, truth)).unzip();
    let [rows, columns] = [subject.label_count, subject.class_names.len()];
    let has_table = !classes.is_empty() && rows * columns <= TABLE_CELLS_MAX;
    let table = has_table.then(|| ContingencyTable::with_shape(&assigned, &classes, rows, columns));
    let right: Option<Vec<bool>> =
        subject.cells.map(|_| judged().map(|(prediction, truth)| prediction.class == Some(truth)).collect());
    let passed: Vec<bool> = predictions.iter().map(|prediction| prediction.passes_gate).collect();
    let judged_passed: Vec<bool> = judged().map(|(prediction, _)| prediction.passes_gate).collect();
    Evaluated {
        step,
        accuracy: right.as_ref().and_then(|right| share(right)),
        clustering_accuracy: table.as_ref().and_then(clustering_accuracy),
        nmi: table.as_ref().and_then(normalized_mutual_information),
        ari: table.as_ref().and_then(adjusted_rand_index),
        gate_coverage: gate_coverage(&passed),
        gate_precision: right.as_ref().and_then(|right| gate_precision(&judged_passed, right)),
        frechet_judge: None,
        judge_accuracy: None,
        generated_agreement: None,
        class_frechet: None,
        class_coverage: None,
        class_recall: None,
        confusion: table.filter(|_| rows * columns <= EVENT_CELLS_MAX),
        generated: None,
    }
}
