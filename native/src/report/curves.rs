//! The curves of a run: which figures share a chart, with notes on how to read them.

use serde::Deserialize;
use serde_json::Value;
use slgan::config::LabelSource;

use super::chart::Chart;
use super::history::{Evaluation, RunHistory, StepRow};
use super::selective;
use super::series::{Axis, Series};
use super::text::{number, percent};

/// All charts that have values.
pub fn render(history: &RunHistory) -> String {
    let charts = [losses(history), self_labels(history), quality(history), generated(history), frechet(history)];
    let charts: String = charts.into_iter().filter_map(Chart::render).chain(selective::chart(history)).collect();
    if charts.is_empty() {
        return String::new();
    }
    format!("<section><h2>Curves</h2>\n<div class=\"charts\">{charts}</div></section>\n")
}

fn losses(history: &RunHistory) -> Chart {
    Chart {
        title: "Losses",
        note: "They balance each other: look for steady levels, not for zero.",
        axis: Axis::Number,
        series: vec![
            over_steps(history, "discriminator", number, |row| row.d_loss),
            over_steps(history, "generator", number, |row| row.g_loss),
            over_steps(history, "classifier", number, |row| row.c_loss),
        ],
        mark: warm_up(history),
    }
}

fn self_labels(history: &RunHistory) -> Chart {
    Chart {
        title: "Self-labels in training",
        note: "Shares of training images that pass the gate, and whose labels are right.",
        axis: Axis::Rate,
        series: vec![
            over_steps(history, "gate coverage", percent, |row| row.gate_coverage),
            over_steps(history, "label agreement", percent, |row| row.label_agreement),
        ],
        mark: warm_up(history),
    }
}

fn quality(history: &RunHistory) -> Chart {
    let accuracy = over_evaluations(history, "accuracy", percent, |evaluation| evaluation.accuracy);
    let clustering =
        over_evaluations(history, "clustering accuracy", percent, |evaluation| evaluation.clustering_accuracy);
    Chart {
        title: "On held-out images",
        note: "The teacher on real images that training never saw.",
        axis: Axis::Rate,
        series: vec![
            if accuracy.last().is_some() { accuracy } else { clustering },
            over_evaluations(history, "NMI", number, |evaluation| evaluation.nmi),
            over_evaluations(history, "gate precision", percent, |evaluation| evaluation.gate_precision),
        ],
        mark: None,
    }
}

fn generated(history: &RunHistory) -> Chart {
    Chart {
        title: "Generated pictures",
        note: "The judge’s view: the share that shows its row’s class, and coverage and recall, as means over classes.",
        axis: Axis::Rate,
        series: vec![
            over_evaluations(history, "agreement", percent, |evaluation| evaluation.generated_agreement),
            over_evaluations(history, "coverage", percent, |evaluation| evaluation.class_coverage),
            over_evaluations(history, "recall", percent, |evaluation| evaluation.class_recall),
        ],
        mark: None,
    }
}

fn frechet(history: &RunHistory) -> Chart {
    Chart {
        title: "Fréchet distance",
        note: "Between generated and real images, in the features of the judge. Lower is better; this is not FID.",
        axis: Axis::Number,
        series: vec![over_evaluations(history, "distance", number, |evaluation| evaluation.frechet_judge)],
        mark: None,
    }
}

fn over_steps(
    history: &RunHistory,
    name: &'static str,
    text: fn(f64) -> String,
    value: fn(&StepRow) -> Option<f64>,
) -> Series {
    Series { name: name.into(), points: history.steps.iter().map(|(&step, row)| (step, value(row))).collect(), text }
}

fn over_evaluations(
    history: &RunHistory,
    name: &'static str,
    text: fn(f64) -> String,
    value: fn(&Evaluation) -> Option<f64>,
) -> Series {
    Series {
        name: name.into(),
        points: history.evaluations.iter().map(|(&step, row)| (step, value(row))).collect(),
        text,
    }
}

/// The step from which pseudo-labels reach the discriminator, if they ever do.
fn warm_up(history: &RunHistory) -> Option<(u64, &'static str)> {
    let mode = history.config("/mode").and_then(Value::as_str)?;
    let source = history.config("/label_table/source").and_then(|source| LabelSource::deserialize(source).ok());
    let warm_up = history.config("/gate/warm_up").and_then(Value::as_u64)?;
    let step = if source.unwrap_or_default().needs_teacher() { warm_up } else { 0 };
    (mode == "self-label").then_some((step, "self-labels reach D"))
}
