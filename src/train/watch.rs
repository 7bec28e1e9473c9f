//! Watches a run for conditions that a person would want to know about before the last step.
//!
//! It looks only at logged figures, remembers a few steps, and never touches training. It reports each condition once.

use std::collections::{BTreeSet, VecDeque};

use super::event::{StepFigures, Warning};
use crate::config::{Config, Mode};
use crate::kernels::class::DeviceClass;

/// Number of logged steps that the conditions average.
const WINDOW: usize = 8;

/// If the discriminator's hinge loss is below this, the generator has nothing to learn from.
const SATURATED_LOSS: f64 = 0.05;

/// The gate counts as closed if less than this share of images passes, and as open if less than this share fails.
const FEW: f64 = 0.01;

/// The gate counts as narrow if less than this share of images passes so many steps after the teacher's first label.
const NARROW: f64 = 0.3;
const NARROW_AFTER: u64 = 1_500;

/// Labels have collapsed if their entropy is below this share of the maximum.
const COLLAPSED_ENTROPY: f64 = 0.6;

/// Whether the labels of a run pass the teacher's gate.
fn is_gated(config: &Config) -> bool {
    let table = &config.label_table;
    config.mode == Mode::SelfLabel && (!table.source.is_table() || table.gated)
}

/// The step from which the teacher decides what the discriminator sees: with labels that begin without it, the first
/// refresh.
fn teacher_from(config: &Config) -> u64 {
    let needs_teacher = config.label_source().needs_teacher();
    config.labels_from() + if needs_teacher { 0 } else { config.label_table.refresh }
}

/// The watch's memory.
#[derive(Debug)]
pub struct Watch {
    tau: f64,
    /// The first step at which the gate matters.
    gate_from: Option<u64>,
    recent: VecDeque<Observation>,
    reported: BTreeSet<&'static str>,
}

#[derive(Debug)]
struct Observation {
    d_loss: f64,
    coverage: Option<f64>,
    histogram: Vec<usize>,
}

impl Watch {
    /// A watch on a run of this configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            tau: config.gate.tau,
            gate_from: is_gated(config).then(|| teacher_from(config)),
            recent: VecDeque::new(),
            reported: BTreeSet::new(),
        }
    }

    /// Takes a logged step and the count of each predicted label on its real images. Returns new warnings.
    pub fn observe(&mut self, figures: &StepFigures, histogram: Vec<usize>) -> Vec<Warning> {
        self.recent.push_back(Observation {
            d_loss: figures.d_loss.unwrap_or(f64::INFINITY),
            coverage: figures.gate_coverage,
            histogram,
        });
        if self.recent.len() > WINDOW {
            self.recent.pop_front();
        }
        if self.recent.len() < WINDOW {
            return Vec::new();
        }
        let found = [self.saturated(), self.collapsed(), self.gate(figures.step)];
        let new = found.into_iter().flatten().filter(|finding| self.reported.insert(finding.kind));
        new.map(|finding| finding.at(figures.step)).collect()
    }

    fn mean(&self, of: impl Fn(&Observation) -> f64) -> f64 {
        self.recent.iter().map(of).sum::<f64>() / self.recent.len() as f64
    }

    fn saturated(&self) -> Option<Finding> {
        let loss = self.mean(|seen| seen.d_loss);
        (loss < SATURATED_LOSS).then(|| Finding {
            kind: "discriminator-saturated",
            seen: format!("the discriminator's loss was {loss:.3} on average over the last {WINDOW} logged steps"),
            meaning: "It always separates generated images from real ones, so the generator gets no gradient; with \
                      few images it has usually learned them by heart.",
            advice: "Turn on DiffAugment (augment.translation, augment.color, augment.cutout), lower \
                     discriminator.learning_rate, or set discriminator.r1_weight to 1.",
        })
    }

    fn collapsed(&self) -> Option<Finding> {
        let labels = self.recent[0].histogram.len();
        let counts: Vec<usize> =
            (0..labels).map(|label| self.recent.iter().map(|seen| seen.histogram[label]).sum()).collect();
        let total = counts.iter().sum::<usize>() as f64;
        let shares = counts.iter().map(|&count| count as f64 / total).filter(|&share| share > 0.0);
        let entropy = shares.map(|share| -share * libm::log(share)).sum::<f64>() / libm::log(labels as f64);
        let in_use = counts.iter().filter(|&&count| count > 0).count();
        (self.gate_from.is_some() && entropy < COLLAPSED_ENTROPY).then(|| Finding {
            kind: "labels-collapsed",
            seen: format!(
                "{in_use} of {labels} pseudo-labels are in use, with {:.0} % of the highest possible entropy",
                100.0 * entropy
            ),
            meaning: "Most real images get the same few labels while generated images are spread over all of them, \
                      so labels no longer say what an image shows.",
            advice: "Keep classifier.prior_correction on, lengthen gate.warm_up, or give a few manual labels.",
        })
    }

    fn gate(&self, step: u64) -> Option<Finding> {
        let steps = self.gate_from.and_then(|from| step.checked_sub(from)).filter(|&steps| steps > 0)?;
        let coverage = self.mean(|seen| seen.coverage.unwrap_or(0.5));
        let seen = format!("{:.1} % of real images reach a confidence of {}", 100.0 * coverage, self.tau);
        if coverage < FEW {
            return Some(Finding {
                kind: "gate-closed",
                seen,
                meaning: "No pseudo-label reaches the discriminator: training is unconditional in all but name. A \
                          partition whose cells touch (voronoi) is the usual cause.",
                advice: "Use latent.partition = \"orthogonal\", raise classifier.generator_weight, or lower gate.tau.",
            });
        }
        if coverage > 1.0 - FEW {
            return Some(Finding {
                kind: "gate-open",
                seen,
                meaning: "The gate holds nothing back, so training trusts wrong labels like right ones. Confidence is \
                          no longer a sign of being right.",
                advice: "Raise gate.tau, or classifier.dropout.",
            });
        }
        (coverage < NARROW && steps > NARROW_AFTER).then_some(Finding {
            kind: "gate-narrow",
            seen,
            meaning: "The discriminator sees the labels of the most typical images only. On CIFAR-10, such a gate made \
                      worse pictures than none, and wider ones did not.",
            advice: "Lower gate.tau in a new run, for example to 0.5.",
        })
    }
}

struct Finding {
    kind: &'static str,
    seen: String,
    meaning: &'static str,
    advice: &'static str,
}

impl Finding {
    fn at(self, step: u64) -> Warning {
        Warning {
            step,
            kind: self.kind.into(),
            seen: self.seen,
            meaning: self.meaning.into(),
            advice: self.advice.into(),
        }
    }
}

/// The warning of a run that goes on with the kernels of another class than those of its checkpoint.
pub fn other_class(step: u64, before: Option<DeviceClass>, now: DeviceClass) -> Option<Warning> {
    let before = before.filter(|&before| before != now)?;
    Some(Warning {
        step,
        kind: "other-device-class".into(),
        seen: format!(
            "the checkpoint was computed with the kernels for {before} devices; those for {now} devices go on from it"
        ),
        meaning: "The results differ by rounding, so a run that had not changed would have other bits from here on."
            .into(),
        advice: format!("To keep the bits, resume with device_class set to {before}."),
    })
}

/// The warning before the end of a run whose loss is not finite.
pub fn non_finite(figures: &StepFigures, last_checkpoint: Option<u64>) -> Warning {
    let show = |loss: Option<f64>| loss.map_or("-".to_owned(), |loss| loss.to_string());
    let resume = match last_checkpoint {
        Some(step) => format!("The last good checkpoint is step {step}: go on from it with --resume"),
        None => "No checkpoint was saved yet: start again".to_owned(),
    };
    Warning {
        step: figures.step,
        kind: "loss-not-finite".into(),
        seen: format!(
            "losses: discriminator {}, generator {}, classifier {}",
            show(figures.d_loss),
            show(figures.g_loss),
            show(figures.c_loss)
        ),
        meaning: "A weight has overflowed; nothing that follows would mean anything, so the run stops.".into(),
        advice: format!(
            "{resume}; if it happens again, in a new run, lower generator.learning_rate and \
             discriminator.learning_rate."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(step: u64, d_loss: f64, coverage: f64) -> StepFigures {
        StepFigures {
            step,
            d_loss: Some(d_loss),
            g_loss: Some(0.0),
            c_loss: Some(0.0),
            gate_coverage: Some(coverage),
            label_agreement: None,
        }
    }

    fn kinds(config: &Config, d_loss: f64, coverage: f64, histogram: &[usize]) -> Vec<String> {
        let mut watch = Watch::new(config);
        (1..40)
            .flat_map(|i| watch.observe(&figures(i * 50, d_loss, coverage), histogram.to_vec()))
            .map(|warning| warning.kind)
            .collect()
    }

    #[test]
    fn a_healthy_run_is_left_alone() {
        assert_eq!(kinds(&Config::default(), 1.2, 0.5, &[6; 10]), Vec::<String>::new());
    }

    #[test]
    fn each_condition_is_reported_once() {
        let config = Config::default();
        assert_eq!(kinds(&config, 0.01, 0.5, &[6; 10]), ["discriminator-saturated"]);
        assert_eq!(kinds(&config, 1.2, 0.0, &[6; 10]), ["gate-closed"]);
        assert_eq!(kinds(&config, 1.2, 1.0, &[6; 10]), ["gate-open"]);
        assert_eq!(kinds(&config, 1.2, 0.2, &[6; 10]), ["gate-narrow"]);
        assert_eq!(kinds(&config, 1.2, 0.5, &[60, 4, 0, 0, 0, 0, 0, 0, 0, 0]), ["labels-collapsed"]);
    }

    #[test]
    fn kernels_of_another_class_are_reported() {
        let [software, _, discrete] = DeviceClass::FOUND;
        assert_eq!(other_class(5, None, discrete), None);
        assert_eq!(other_class(5, Some(discrete), discrete), None);
        let warning = other_class(5, Some(software), discrete).expect("another class");
        assert_eq!((warning.step, warning.kind.as_str()), (5, "other-device-class"));
        assert!(warning.seen.contains("software") && warning.advice.ends_with("device_class set to software."));
    }

    #[test]
    fn the_gate_is_not_judged_before_it_matters() {
        let mut config = Config::default();
        config.gate.warm_up = 100_000;
        assert_eq!(kinds(&config, 1.2, 0.0, &[6; 10]), Vec::<String>::new());
        config.gate.warm_up = 0;
        config.label_table = config.label_table.resolved(true);
        assert_eq!(config.labels_from(), 0);
        config.label_table.refresh = 100_000;
        assert_eq!(kinds(&config, 1.2, 0.0, &[6; 10]), Vec::<String>::new(), "groups of pixels pass without a teacher");
        config.label_table.refresh = 1;
        assert_eq!(kinds(&config, 1.2, 0.0, &[6; 10]), ["gate-closed"], "the teacher's labels do not");
        config.label_table.refresh = 500;
        assert_eq!(kinds(&config, 1.2, 0.2, &[6; 10]), Vec::<String>::new(), "a teacher needs time to be sure");
        config.mode = Mode::Unconditional;
        assert_eq!(kinds(&config, 1.2, 0.0, &[6; 10]), Vec::<String>::new());
    }
}
