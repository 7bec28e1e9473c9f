//! The range of every field, and the few rules between fields.
//!
//! The code that reads the data checks what depends on the data, such as the set's name and whether it has labels.

use std::fmt::{Debug, Display};
use std::ops::{Bound, RangeBounds, RangeInclusive};

use super::error::any_of;
use super::{Config, ConfigError, DeviceClass, LabelBudget, LabelSource, LabelTableConfig, LatentConfig, PseudoLabel};

/// Side lengths, in pixels, that the networks support.
pub const IMAGE_SIZES: [usize; 5] = [28, 32, 48, 64, 96];

/// The largest number of artificial labels.
pub const MAX_LABELS: usize = 10_000;

/// The largest number of dimensions: room for every label, and for noise beside the labels.
const MAX_DIM: usize = MAX_LABELS + 1_000;

type Check = Result<(), ConfigError>;

const MAX_STEPS: u64 = 100_000_000;
/// TOML's integers are signed.
const MAX_SEED: u64 = i64::MAX as u64;

const ABOVE_0: (Bound<f64>, Bound<f64>) = (Bound::Excluded(0.0), Bound::Unbounded);
const ABOVE_0_TO_1: (Bound<f64>, Bound<f64>) = (Bound::Excluded(0.0), Bound::Included(1.0));
const ABOVE_0_BELOW_1: (Bound<f64>, Bound<f64>) = (Bound::Excluded(0.0), Bound::Excluded(1.0));

impl Config {
    /// Checks the range of every field, and the rules between fields.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for the first field that fails, without an origin.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let Self { images, latent, generator, discriminator, classifier, gate, label_table, report, .. } = self;
        let checks = [
            whole("seed", self.seed, 0..=MAX_SEED),
            whole("steps", self.steps, 1..=MAX_STEPS),
            whole("batch", self.batch, 2..=4096),
            shards(self.shards, self.batch, classifier.labelled_batch),
            label_budget(self.label_budget),
            device(&self.device),
            strict(self),
            one_of("images.size", images.size, &IMAGE_SIZES),
            one_of("images.channels", images.channels, &[1, 3]),
            whole("latent.dim", latent.dim, 2..=MAX_DIM),
            artificial_labels(latent),
            number("latent.radius", latent.radius, 0.0..),
            number("generator.learning_rate", generator.learning_rate, ABOVE_0_TO_1),
            number("generator.average_decay", generator.average_decay, 0.0..1.0),
            whole("generator.decay_from", generator.decay_from, 0..=MAX_STEPS),
            whole("generator.decay_until", generator.decay_until, 0..=MAX_STEPS),
            until("generator.decay", generator.decay_until, generator.decay_from),
            number("discriminator.learning_rate", discriminator.learning_rate, ABOVE_0_TO_1),
            whole("discriminator.updates", discriminator.updates, 0..=20),
            one_of("discriminator.kernel", discriminator.kernel, &[3, 4]),
            number("discriminator.r1_weight", discriminator.r1_weight, 0.0..),
            number("discriminator.r1_sigma", discriminator.r1_sigma, ABOVE_0),
            number("classifier.learning_rate", classifier.learning_rate, ABOVE_0_TO_1),
            information(classifier.information_weight, self.shards),
            number("classifier.weight_decay", classifier.weight_decay, 0.0..=1.0),
            number("classifier.dropout", classifier.dropout, 0.0..1.0),
            number("classifier.generator_weight", classifier.generator_weight, 0.0..),
            whole("classifier.generator_weight_from", classifier.generator_weight_from, 0..=MAX_STEPS),
            whole("classifier.generator_weight_until", classifier.generator_weight_until, 0..=MAX_STEPS),
            until("classifier.generator_weight", classifier.generator_weight_until, classifier.generator_weight_from),
            number("classifier.generated_weight", classifier.generated_weight, 0.0..),
            number("classifier.self_weight", classifier.self_weight, 0.0..),
            whole("classifier.few_labels", classifier.few_labels, 0..=100_000_000),
            whole("classifier.labelled_batch", classifier.labelled_batch, 0..=4096),
            number("classifier.teacher_decay", classifier.teacher_decay, 0.0..1.0),
            number("classifier.prior_decay", classifier.prior_decay, 0.0..1.0),
            number("gate.tau", gate.tau, ABOVE_0_TO_1),
            whole("gate.warm_up", gate.warm_up, 0..=MAX_STEPS),
            pseudo_label(gate.pseudo_label, label_table),
            label_file(label_table),
            refresh(label_table),
            confusion(label_table),
            whole("label_table.ramp", label_table.ramp, 0..=MAX_STEPS),
            number("label_table.flipped", label_table.flipped, 0.0..=1.0),
            number("label_table.generated_flipped", label_table.generated_flipped, 0.0..=1.0),
            whole("report.log_every", report.log_every, 0..=MAX_STEPS),
            whole("report.sample_every", report.sample_every, 0..=MAX_STEPS),
            whole("report.evaluate_every", report.evaluate_every, 0..=MAX_STEPS),
            whole("report.checkpoint_every", report.checkpoint_every, 0..=MAX_STEPS),
            whole("report.keep", report.keep, 0..=1_000_000),
        ];
        checks.into_iter().collect()
    }
}

fn check(key: &str, holds: bool, expected: impl Display, found: impl Debug) -> Check {
    if holds {
        return Ok(());
    }
    let (expected, found) = (expected.to_string(), format!("{found:?}"));
    Err(ConfigError::Value { origin: None, key: key.to_owned(), expected, found, nearest: None })
}

fn whole<T: PartialOrd + Display + Debug>(key: &str, found: T, range: RangeInclusive<T>) -> Check {
    let expected = format!("a whole number from {} to {}", range.start(), range.end());
    check(key, range.contains(&found), expected, found)
}

fn one_of(key: &str, found: usize, choices: &[usize]) -> Check {
    check(key, choices.contains(&found), any_of(choices), found)
}

fn number(key: &str, found: f64, range: impl RangeBounds<f64>) -> Check {
    let lower = match range.start_bound() {
        Bound::Included(bound) => format!("of at least {bound}"),
        Bound::Excluded(bound) => format!("above {bound}"),
        Bound::Unbounded => String::new(),
    };
    let upper = match range.end_bound() {
        Bound::Included(bound) => format!(" and at most {bound}"),
        Bound::Excluded(bound) => format!(" and below {bound}"),
        Bound::Unbounded => ", and finite".into(),
    };
    check(key, found.is_finite() && range.contains(&found), format!("a number {lower}{upper}"), found)
}

fn label_budget(budget: LabelBudget) -> Check {
    match budget {
        LabelBudget::Fraction(fraction) => number("labels", fraction, ABOVE_0_BELOW_1),
        LabelBudget::Auto | LabelBudget::None | LabelBudget::All | LabelBudget::Given => Ok(()),
    }
}

fn device(device: &str) -> Check {
    let is_index = |index: &str| index.parse::<u8>().is_ok_and(|number| number.to_string() == index);
    let holds = matches!(device, "auto" | "cpu" | "gpu") || device.strip_prefix("gpu:").is_some_and(is_index);
    check("device", holds, r#""auto", "cpu", "gpu" or "gpu:N" with N from 0 to 255"#, device)
}

fn shards(found: usize, batch: usize, labelled_batch: usize) -> Check {
    let divides = |count: usize| found > 0 && count.is_multiple_of(found);
    let expected =
        format!("a divisor of batch, which is {batch}, and of classifier.labelled_batch, which is {labelled_batch}");
    check("shards", divides(batch) && divides(labelled_batch), expected, found)
}

/// Strict arithmetic has kernels of its own, and none for the penalty.
fn strict(config: &Config) -> Check {
    let expected = "false, because device_class chooses other kernels";
    check("strict", !config.strict || config.device_class == DeviceClass::Auto, expected, config.strict)?;
    let expected = "false, because the penalty (discriminator.r1_weight) has no strict kernels";
    check("strict", !config.strict || config.discriminator.r1_weight == 0.0, expected, config.strict)?;
    let expected = "false, because classifier.information_weight has no strict kernels";
    check("strict", !config.strict || config.classifier.information_weight == 0.0, expected, config.strict)
}

/// The information of a whole batch is no sum over shards.
fn information(found: f64, shards: usize) -> Check {
    number("classifier.information_weight", found, 0.0..=1e3)?;
    check("classifier.information_weight", found == 0.0 || shards == 1, "0, unless shards is 1", found)
}

fn artificial_labels(latent: &LatentConfig) -> Check {
    let (key, found, most) = ("latent.artificial_labels", latent.artificial_labels, latent.most_labels());
    let expected = format!("0 or a whole number from 2 to {MAX_LABELS}");
    check(key, found == 0 || (2..=MAX_LABELS).contains(&found), expected, found)?;
    let expected = format!("at most {most}, because latent.dim is {}", latent.dim);
    check(key, found <= most, expected, found)
}

/// The end of the fall of `what`, which begins after `from`.
fn until(what: &str, found: u64, from: u64) -> Check {
    let expected = format!("0, or a step after {what}_from, which is {from}");
    check(&format!("{what}_until"), found == 0 || found > from, expected, found)
}

fn pseudo_label(found: PseudoLabel, table: &LabelTableConfig) -> Check {
    let holds = found == PseudoLabel::Hard || !table.source.is_table();
    check("gate.pseudo_label", holds, "\"hard\", the form of the labels of label_table", "soft")
}

fn label_file(LabelTableConfig { source, file, .. }: &LabelTableConfig) -> Check {
    match source {
        LabelSource::File => check("label_table.file", !file.is_empty(), "a table of labels or a run folder", file),
        _ => check("label_table.file", file.is_empty(), "none, unless label_table.source is \"file\"", file),
    }
}

fn confusion(LabelTableConfig { source, refresh, confusion, .. }: &LabelTableConfig) -> Check {
    let has_teacher = *source == LabelSource::Teacher || *refresh > 0 && *source != LabelSource::Auto;
    let expected = "false, unless the teacher makes tables: label_table.source \"teacher\", or label_table.refresh";
    check("label_table.confusion", !confusion || has_teacher, expected, confusion)
}

fn refresh(LabelTableConfig { source, refresh, .. }: &LabelTableConfig) -> Check {
    whole("label_table.refresh", *refresh, 0..=MAX_STEPS)?;
    let has_teacher = !matches!(source, LabelSource::None | LabelSource::Truth);
    let expected = "0, unless label_table.source is \"auto\", \"teacher\", \"pixels\" or \"file\"";
    check("label_table.refresh", *refresh == 0 || has_teacher, expected, refresh)
}
