//! The data of a report. Every figure may be missing, because reports must also show unfinished runs and runs of other
//! versions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use slgan::metrics::AccuracyCoverage;

/// Everything that a report shows. If a resumed run repeats a step, the later values replace the earlier ones.
#[derive(Debug, Default)]
pub struct RunHistory {
    /// The name of the run folder.
    pub name: String,
    /// The last start of the run.
    pub started: Option<Started>,
    /// Figures of the logged steps, by step.
    pub steps: BTreeMap<u64, StepRow>,
    /// Evaluations on held-out images, by step.
    pub evaluations: BTreeMap<u64, Evaluation>,
    /// At most 24 sample grids in the order of their steps, with the first and the last of the run.
    pub samples: Vec<SampleGrid>,
    /// Sample grids that cannot be shown.
    pub left_out: Vec<LeftOut>,
    /// Events that cannot be read.
    pub damage: Vec<Damage>,
    /// Warnings by step and kind.
    pub warnings: BTreeMap<(u64, String), Warning>,
    /// Whether the run has reached its last step.
    pub finished: bool,
    /// Seconds of training, over all sessions.
    pub seconds: f64,
    /// The text of `config.toml`.
    pub config_toml: String,
}

/// The start of a run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Started {
    /// The library's version.
    pub version: String,
    /// The seed of every random number.
    pub seed: Option<u64>,
    /// The name of the device.
    pub device: String,
    /// The class that decided the kernels.
    pub device_class: Option<String>,
    /// The resolved configuration.
    pub config: Value,
    /// Names of the classes, in their order, if there are classes.
    pub class_names: Option<Vec<String>>,
}

/// The figures of a logged step; rates are fractions from 0 to 1.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StepRow {
    /// The discriminator's loss.
    pub d_loss: Option<f64>,
    /// The generator's loss.
    pub g_loss: Option<f64>,
    /// The classifier's loss.
    pub c_loss: Option<f64>,
    /// Share of real images that pass the gate.
    pub gate_coverage: Option<f64>,
    /// Share of real images whose predicted class is right.
    pub label_agreement: Option<f64>,
    /// Real images per second.
    pub images_per_second: Option<f64>,
}

/// Quality on held-out images; rates are fractions from 0 to 1.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Evaluation {
    /// The teacher's accuracy, if artificial labels belong to classes.
    pub accuracy: Option<f64>,
    /// Accuracy under the best one-to-one assignment.
    pub clustering_accuracy: Option<f64>,
    /// Normalised mutual information.
    pub nmi: Option<f64>,
    /// Share of images that pass the gate.
    pub gate_coverage: Option<f64>,
    /// Accuracy among the images that pass the gate.
    pub gate_precision: Option<f64>,
    /// Area above the accuracy-coverage curve.
    pub aurc: Option<f64>,
    /// Frechet distance in the judge's features.
    pub frechet_judge: Option<f64>,
    /// The judge's own accuracy.
    pub judge_accuracy: Option<f64>,
    /// Share of generated images that the judge takes for the class of their row.
    pub generated_agreement: Option<f64>,
    /// Mean over classes of the share of held-out images with a generated one near them.
    pub class_coverage: Option<f64>,
    /// Mean over classes of the share of held-out images among the neighbours of generated ones.
    pub class_recall: Option<f64>,
    /// The judge's figures by artificial label and by class.
    pub generated: Option<Generated>,
    /// Accuracy among the most confident images against their share.
    pub accuracy_coverage: Option<AccuracyCoverage>,
    /// Artificial labels against classes.
    pub confusion: Option<Confusion>,
}

/// The judge's figures of generated images.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Generated {
    /// The agreement of each artificial label.
    pub rows: Vec<Option<f64>>,
    /// The figures of each class; empty if there are very many.
    pub classes: Vec<ClassFigures>,
}

/// The judge's figures of a class.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct ClassFigures {
    /// The Frechet distance.
    pub frechet: Option<f64>,
    /// Share of held-out images with a generated one near them.
    pub coverage: Option<f64>,
    /// Share of held-out images among the neighbours of generated ones.
    pub recall: Option<f64>,
}

/// Counts of images: one row per artificial label, one column per class.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Confusion {
    /// The counts, `[label][class]`.
    pub counts: Vec<Vec<u64>>,
}

/// A sample grid of the run.
#[derive(Debug)]
pub struct SampleGrid {
    /// The step.
    pub step: u64,
    /// The artificial labels of its rows, if they are a choice; else empty.
    pub labels: Vec<usize>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The picture as a PNG file.
    pub png: Vec<u8>,
}

/// A sample grid that cannot be shown.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The step.
    pub step: u64,
    /// The path that the events give.
    pub path: String,
    /// Why it cannot be shown.
    pub why: &'static str,
}

/// An event that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number of its line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// A warning about the run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Warning {
    /// What happened.
    pub seen: String,
    /// What it usually means.
    pub meaning: String,
    /// What to try.
    pub advice: String,
}

impl RunHistory {
    /// The last step that any event reports.
    pub fn last_step(&self) -> u64 {
        let left_out = self.left_out.iter().map(|grid| grid.step).max();
        let grid = self.samples.last().map(|grid| grid.step).max(left_out);
        let figures = self.steps.keys().last().max(self.evaluations.keys().last()).copied();
        figures.max(grid).unwrap_or(0)
    }

    /// The last evaluation and its step.
    pub fn last_evaluation(&self) -> Option<(u64, &Evaluation)> {
        self.evaluations.last_key_value().map(|(&step, evaluation)| (step, evaluation))
    }

    /// A value of the configuration by its JSON pointer, for example `/gate/tau`.
    pub fn config(&self, pointer: &str) -> Option<&Value> {
        self.started.as_ref()?.config.pointer(pointer)
    }

    /// Names of the classes, in their order; empty if there are none.
    pub fn class_names(&self) -> &[String] {
        self.started.as_ref().and_then(|started| started.class_names.as_deref()).unwrap_or_default()
    }

    /// The number of artificial labels.
    pub fn label_count(&self) -> Option<usize> {
        let evaluated = self.last_evaluation().and_then(|(_, evaluation)| evaluation.confusion.as_ref());
        let configured = || self.config("/latent/artificial_labels").and_then(Value::as_u64).filter(|&count| count > 0);
        evaluated.map(|table| table.counts.len()).or_else(|| configured().map(|count| count as usize))
    }

    /// The class of artificial label `label`, or else the most frequent class of held-out images with that label.
    pub fn class_of(&self, label: usize) -> Option<&str> {
        let (_, evaluation) = self.last_evaluation()?;
        let names = self.class_names();
        let class = if evaluation.accuracy.is_some() {
            label * names.len() / self.label_count()?.max(1)
        } else {
            let row = evaluation.confusion.as_ref()?.counts.get(label)?;
            let most = *row.iter().max().filter(|&&most| most > 0)?;
            row.iter().position(|&count| count == most)?
        };
        names.get(class).map(String::as_str)
    }
}
