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
    AccuracyCoverage, ContingencyTable, adjusted_rand_index, aurc, gate_coverage, gate_precision, matched,
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
        ..label_quality(&task.subject, &task.data.test.labels, state.step, &predictions, task.config.gate.tau)
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
    let count = task.data.test.images.count();
    let latents = match state.histogram(&task.config) {
        // As frequent as in training.
        Some(table) => partition.draw_for(table.spread(count), &mut draws),
        None => partition.draw(count, &mut draws),
    };
    let images = generate(&state.average, partition, &latents, task.subject.image, device).await?;
    Ok(judge.figures(&images, &latents.labels, task.subject.cells, device).await?)
}

/// The labeler of a task and a state.
pub fn labeler<'a>(task: &Task, state: &'a State) -> Labeler<'a> {
    Labeler::new(&state.teacher, task.subject.cells, &task.config)
}

/// Compares predictions with the true labels of the subject's classes, as far as these are known. `tau` is the gate's
/// threshold. With too many labels and classes for a table, the figures that need it are none.
pub fn label_quality(
    subject: &Subject,
    truth: &[Option<u16>],
    step: u64,
    predictions: &[Prediction],
    tau: f64,
) -> Evaluated {
    let judged =
        || predictions.iter().zip(truth).filter_map(|(prediction, truth)| Some((prediction, usize::from((*truth)?))));
    let (assigned, classes): (Vec<usize>, Vec<usize>) =
        judged().map(|(prediction, truth)| (prediction.label, truth)).unzip();
    let [rows, columns] = [subject.label_count, subject.class_names.len()];
    let has_table = !classes.is_empty() && rows * columns <= TABLE_CELLS_MAX;
    let table = has_table.then(|| ContingencyTable::with_shape(&assigned, &classes, rows, columns));
    let matched = table.as_ref().map(|table| matched(table, &assigned, &classes));
    let right: Option<Vec<bool>> =
        subject.cells.map(|_| judged().map(|(prediction, truth)| prediction.class == Some(truth)).collect());
    let passed: Vec<bool> = predictions.iter().map(|prediction| prediction.passes_gate).collect();
    let judged_passed: Vec<bool> = judged().map(|(prediction, _)| prediction.passes_gate).collect();
    let confidences: Vec<f64> = judged().map(|(prediction, _)| prediction.confidence).collect();
    let verdicts = right.as_ref().or(matched.as_ref());
    Evaluated {
        step,
        accuracy: right.as_ref().and_then(|right| share(right)),
        clustering_accuracy: matched.as_ref().and_then(|matched| share(matched)),
        nmi: table.as_ref().and_then(normalized_mutual_information),
        ari: table.as_ref().and_then(adjusted_rand_index),
        gate_coverage: gate_coverage(&passed),
        gate_precision: right.as_ref().and_then(|right| gate_precision(&judged_passed, right)),
        aurc: verdicts.and_then(|verdicts| aurc(&confidences, verdicts)),
        frechet_judge: None,
        judge_accuracy: None,
        generated_agreement: None,
        class_frechet: None,
        class_coverage: None,
        class_recall: None,
        confusion: table.filter(|_| rows * columns <= EVENT_CELLS_MAX),
        accuracy_coverage: verdicts.and_then(|verdicts| AccuracyCoverage::new(&confidences, verdicts, tau)),
        generated: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ImageShape;
    use crate::labels::Cells;

    /// Four images of two classes, and one of an unknown class.
    const TRUTH: [Option<u16>; 5] = [Some(1), Some(1), None, Some(0), Some(1)];

    fn found(cells: Option<Cells>) -> Evaluated {
        let subject = Subject {
            data: "folder".into(),
            image: ImageShape { channels: 1, size: 28 },
            train_images: 4,
            fingerprint: String::new(),
            class_names: vec!["a".into(), "b".into()],
            label_count: 2,
            cells,
        };
        let predictions = [(0, 0.95), (0, 0.6), (0, 0.99), (1, 0.9), (1, 0.7)].map(|(label, confidence)| Prediction {
            label,
            class: cells.map(|cells| cells.class_of(label)),
            confidence,
            passes_gate: confidence >= 0.9,
        });
        label_quality(&subject, &TRUTH, 3, &predictions, 0.9)
    }

    /// The gate's coverage and accuracy, and those of all images.
    fn ends(evaluated: &Evaluated) -> Option<[[f64; 2]; 2]> {
        let curve = evaluated.accuracy_coverage.as_ref()?;
        Some([curve.gate?, *curve.points.last()?].map(|point| [point.coverage, point.accuracy]))
    }

    #[test]
    fn labels_without_classes_are_right_as_clustering_accuracy_matches_them() {
        let evaluated = found(None);
        assert_eq!((evaluated.accuracy, evaluated.clustering_accuracy), (None, Some(0.75)));
        assert_eq!(ends(&evaluated), Some([[0.5, 1.0], [1.0, 0.75]]));
        // By falling confidence: right, right, wrong, right.
        assert!(evaluated.aurc.is_some_and(|area| (area - (1.0 / 3.0 + 0.25) / 4.0).abs() < 1e-15));
    }

    #[test]
    fn labels_of_classes_are_right_where_these_are() {
        let evaluated = found(Some(Cells::new(2, 2).expect("a label for each class")));
        assert_eq!((evaluated.accuracy, evaluated.gate_precision), (Some(0.25), Some(0.0)));
        assert_eq!(ends(&evaluated), Some([[0.5, 0.0], [1.0, 0.25]]));
    }
}
