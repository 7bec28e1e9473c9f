//! The figures that a study compares.

use slgan::eval::Scores;

use super::outcome::Outcome;
use crate::report::{Axis, Evaluation, number};

/// A figure of a run.
pub struct Metric {
    /// Its name in events and tables.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub note: &'static str,
    /// What it measures: rates are fractions from 0 to 1.
    pub axis: Axis,
    /// Where it comes from.
    source: Source,
}

enum Source {
    /// Evaluations on held-out images.
    Evaluations(fn(&Evaluation) -> Option<f64>),
    /// The judge of the study.
    Judged(fn(&Scores) -> Option<f64>),
    /// The whole run.
    Run(fn(&Outcome) -> f64),
}

/// All figures, in the order of the tables.
pub const METRICS: [Metric; 15] = [
    rate("accuracy", "The teacher’s accuracy on held-out images.", |seen| seen.accuracy),
    rate("clustering_accuracy", "The same, with labels matched to classes one to one.", |seen| {
        seen.clustering_accuracy
    }),
    rate("nmi", "Normalised mutual information of the teacher’s labels and the classes.", |seen| seen.nmi),
    rate("gate_coverage", "The share of held-out images that pass the gate.", |seen| seen.gate_coverage),
    rate("gate_precision", "The teacher’s accuracy on those that pass.", |seen| seen.gate_precision),
    rate("aurc", "The area under the teacher’s risk-coverage curve; lower is better.", |seen| seen.aurc),
    numeric(
        "frechet_judge",
        "Between generated and real images, in the features of the judge. Lower is better; this is not FID.",
        Source::Evaluations(|seen| seen.frechet_judge),
    ),
    rate("generated_agreement", "The share of pictures that show their row’s class.", |seen| {
        seen.generated_agreement
    }),
    rate("class_coverage", "The share of real images with a generated one near them.", |seen| seen.class_coverage),
    rate("class_recall", "The share of real images among the neighbours of generated ones.", |seen| seen.class_recall),
    numeric(
        "judged_frechet",
        "The same distance in the features of the study’s judge.",
        Source::Judged(|scores| scores.frechet_distance),
    ),
    judged("judged_agreement", "The same judge’s share of pictures that show their row’s class.", |scores| {
        scores.labels.as_ref()?.agreement
    }),
    judged("judged_precision", "The share of generated images that lie among real ones.", |scores| scores.precision),
    judged("judged_recall", "The share of real images that lie among generated ones.", |scores| scores.recall),
    judged("judged_coverage", "The share of real images with a generated one near them.", |scores| scores.coverage),
];

/// Seconds of training. They depend on the machine, and on what else it did.
pub const SECONDS: Metric = numeric("seconds", "Seconds of training.", Source::Run(|outcome| outcome.seconds));

const fn numeric(name: &'static str, note: &'static str, source: Source) -> Metric {
    Metric { name, note, axis: Axis::Number, source }
}

const fn rate(name: &'static str, note: &'static str, of: fn(&Evaluation) -> Option<f64>) -> Metric {
    Metric { name, note, axis: Axis::Rate, source: Source::Evaluations(of) }
}

const fn judged(name: &'static str, note: &'static str, of: fn(&Scores) -> Option<f64>) -> Metric {
    Metric { name, note, axis: Axis::Rate, source: Source::Judged(of) }
}

impl Metric {
    /// Its value at the end of a run; none for a run that is not finished, or did not measure it.
    pub fn of(&self, outcome: &Outcome) -> Option<f64> {
        outcome.is_finished().then_some(())?;
        match self.source {
            Source::Evaluations(of) => outcome.evaluations.last_key_value().and_then(|(_, evaluation)| of(evaluation)),
            Source::Judged(of) => outcome.judged.as_ref().and_then(of),
            Source::Run(of) => Some(of(outcome)),
        }
    }

    /// Its value at a step of a run.
    pub fn at(&self, outcome: &Outcome, step: u64) -> Option<f64> {
        match self.source {
            Source::Evaluations(of) => outcome.evaluations.get(&step).and_then(of),
            Source::Judged(_) | Source::Run(_) => None,
        }
    }

    /// A value as text: rates with three decimals, other numbers with about three digits.
    pub fn text(&self, value: f64) -> String {
        if self.axis == Axis::Rate { format!("{value:.3}") } else { number(value) }
    }

    /// A difference as text, with its sign.
    pub fn change(&self, value: f64) -> String {
        let text = self.text(value);
        if value > 0.0 { format!("+{text}") } else { text }
    }
}
