//! The figures of a step, read from the device when they are logged.

use burn::tensor::{ExecutionError, Tensor};

use super::evaluation::labeler;
use super::event::StepFigures;
use super::state::State;
use super::step::StepResult;
use super::task::Task;
use crate::metrics::share;

/// The figures of the last step, and how often the teacher gave each label to its real images.
///
/// # Errors
/// If the device cannot be read.
pub async fn figures(
    task: &Task,
    state: &State,
    result: StepResult,
) -> Result<(StepFigures, Vec<usize>), ExecutionError> {
    let predictions = labeler(task, state).predictions(result.label_logits()).await?;
    let truth = result.real_indices.iter().map(|&index| task.data.train.labels[index as usize]);
    let agreements: Vec<bool> = predictions
        .iter()
        .zip(truth)
        .filter_map(|(prediction, truth)| Some(prediction.class? == usize::from(truth?)))
        .collect();
    let passed: Vec<bool> = predictions.iter().map(|prediction| prediction.passes_gate).collect();
    let mut histogram = vec![0; task.subject.label_count];
    predictions.iter().for_each(|prediction| histogram[prediction.label] += 1);
    let figures = StepFigures {
        step: state.step,
        d_loss: read(result.d_loss).await?,
        g_loss: read(result.g_loss).await?,
        c_loss: read(result.c_loss).await?,
        gate_coverage: share(&passed),
        label_agreement: share(&agreements),
    };
    Ok((figures, histogram))
}

async fn read(loss: Option<Tensor<1>>) -> Result<Option<f64>, ExecutionError> {
    match loss {
        None => Ok(None),
        Some(loss) => {
            let data = loss.into_data_async().await?;
            Ok(data.iter::<f64>().next())
        }
    }
}
