//! The flags of `slgan train`, and the configuration keys that they set.

use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};
use slgan::config::{Config, ConfigError, Layer, parse_setting};
use slgan::data::catalogue;

use super::checkpoint::CheckpointChoice;

const EXAMPLES: &str = "\
Examples:
  slgan train                                      built-in digits, 1 % labelled; takes minutes
  slgan train --data cifar10:DIR --labels 0.1      CIFAR-10 with a tenth of its labels
  slgan train --data folder:DIR --preset small     your own pictures, one folder per class
  slgan train --set gate.tau=0.8 --set augment.color=true
  slgan train --out runs/a --resume --steps 6000   continue a run

Ctrl-C, SIGTERM and SIGHUP save the run and stop it (exit code 130, 143 or 129); a second Ctrl-C stops at once.
A run folder belongs to one process at a time.";

/// Arguments of `train`.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true, after_help = EXAMPLES)]
pub struct TrainArgs {
    /// Data set, in one of the forms of the catalogue.
    #[arg(long, value_name = "SPEC", help_heading = "Data", help = data_help())]
    pub data: Option<String>,
    /// Manual labels to use: none, all, given (those that the data set has), a fraction such as 0.1, or auto (0.01 for
    /// glyphs, otherwise all that the data set has) [default: auto].
    #[arg(long, value_name = "LABELS", help_heading = "Data")]
    pub labels: Option<String>,
    /// Skip and count pictures that cannot be decoded, instead of failing at the first.
    #[arg(long, help_heading = "Data")]
    pub skip_bad: bool,

    /// Size of the networks: tiny (minutes on a CPU), small (for a small GPU) or cifar (for a large GPU)
    /// [default: tiny].
    #[arg(long, help_heading = "Training")]
    pub preset: Option<String>,
    /// How to use labels: self-label, unconditional (the discriminator sees no labels) or class-conditional (it sees
    /// only labelled images) [default: self-label].
    #[arg(long, help_heading = "Training")]
    pub mode: Option<String>,
    /// Training steps [default: 4000; for cifar 100000].
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub steps: Option<String>,
    /// Real images per step [default: 64].
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub batch: Option<String>,
    /// Seed of every random number [default: 0].
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub seed: Option<String>,
    /// Where to compute: auto (a GPU if there is one), cpu, gpu or gpu:N; `slgan devices` lists them [default: auto].
    #[arg(long, help_heading = "Training")]
    pub device: Option<String>,

    /// Compute the same bits on every device; slower.
    #[arg(long, help_heading = "Training")]
    pub strict: bool,
    /// Devices of a machine, for one process each, such as gpu:0,gpu:1; `mpirun` starts the processes (docs/scale.md)
    /// [default: by number, if there are several processes].
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        conflicts_with = "device",
        help_heading = "Several devices"
    )]
    pub devices: Vec<String>,
    /// Seconds after which a process that does not answer ends the run in all processes.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..=86_400),
        help_heading = "Several devices")]
    pub deadline: u64,

    /// TOML file with the configuration, such as config.toml of a run folder.
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,
    /// Set any key of the configuration, such as gate.tau=0.8; may be repeated; overrides file and flags.
    #[arg(long = "set", value_name = "KEY=VALUE", help_heading = "Configuration")]
    pub settings: Vec<String>,

    /// Run folder to create, or an empty folder [default: runs/<data>-<preset>-<seed>, with a number from the second run
    /// on; a folder of pictures has its own name].
    #[arg(long, value_name = "DIR", help_heading = "Run folder")]
    pub out: Option<PathBuf>,
    /// Continue the run in the folder of --out (without it: the default, without a number); only steps, device, report
    /// settings and the place of the data may change. A run at its last step has its report made again.
    #[arg(long, help_heading = "Run folder")]
    pub resume: bool,
    /// Checkpoint to continue from: last, best or a step; what later steps have saved stays [default: last].
    #[arg(long, value_name = "last|best|STEP", requires = "resume", help_heading = "Run folder")]
    pub checkpoint: Option<CheckpointChoice>,
    /// Checkpoints to keep, 0 for all [default: 3].
    #[arg(long, value_name = "N", help_heading = "Run folder")]
    pub keep: Option<String>,

    /// Measure quality with a judge, a classifier trained on all real labels; it does not affect training.
    #[arg(long, help_heading = "Reports")]
    pub judge: bool,
    /// Keep the checkpoint with the best value of this metric on held-out images.
    #[arg(long, value_name = "METRIC", value_enum, help_heading = "Reports")]
    pub best: Option<BestMetric>,
    /// Write TensorBoard event files.
    #[arg(long, help_heading = "Reports")]
    pub tensorboard: bool,
    /// Print only errors and warnings.
    #[arg(long, short, help_heading = "Reports")]
    pub quiet: bool,
}

fn data_help() -> String {
    let default = Config::default().data;
    format!("Data set: {}. Without :DIR, the program looks in $SLGAN_DATA [default: {default}]", catalogue::forms())
}

/// The metric that chooses the best checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum BestMetric {
    /// The teacher's accuracy.
    Accuracy,
    /// Accuracy under the best one-to-one assignment of artificial labels to classes.
    ClusteringAccuracy,
    /// Normalised mutual information between artificial labels and classes.
    Nmi,
    /// Adjusted Rand index between artificial labels and classes.
    Ari,
    /// The teacher's accuracy on images that pass the gate.
    GatePrecision,
    /// Frechet distance on the judge's features; lower is better.
    FrechetJudge,
    /// Share of generated images that the judge takes for the class of their row.
    GeneratedAgreement,
    /// Mean over classes of the Frechet distance on the judge's features; lower is better.
    ClassFrechet,
    /// Mean over classes of the share of held-out images that have a generated one near them.
    ClassCoverage,
    /// Mean over classes of the share of held-out images among the neighbours of generated ones.
    ClassRecall,
}

impl BestMetric {
    /// Whether only a judge measures it.
    pub fn needs_judge(self) -> bool {
        match self {
            Self::Accuracy | Self::ClusteringAccuracy | Self::Nmi | Self::Ari | Self::GatePrecision => false,
            Self::FrechetJudge
            | Self::GeneratedAgreement
            | Self::ClassFrechet
            | Self::ClassCoverage
            | Self::ClassRecall => true,
        }
    }
}

impl TrainArgs {
    /// Whether flags name the data, so that no file does.
    pub fn names_data(&self) -> bool {
        let sets_data = |setting: &String| setting.split('=').next().is_some_and(|key| key.trim() == "data");
        self.data.is_some() || self.settings.iter().any(sets_data)
    }

    /// The given flags, then the settings. Both override the file that `--config` names.
    ///
    /// # Errors
    /// If a setting is not `KEY=VALUE`.
    pub fn layers(&self) -> Result<Vec<Layer>, ConfigError> {
        let values = [
            ("--data", "data", &self.data),
            ("--labels", "labels", &self.labels),
            ("--preset", "preset", &self.preset),
            ("--mode", "mode", &self.mode),
            ("--steps", "steps", &self.steps),
            ("--batch", "batch", &self.batch),
            ("--seed", "seed", &self.seed),
            ("--device", "device", &self.device),
            ("--keep", "report.keep", &self.keep),
        ];
        let switches = [
            ("--skip-bad", "images.skip_bad", self.skip_bad),
            ("--strict", "strict", self.strict),
            ("--judge", "report.judge", self.judge),
        ];
        let given_values = values.iter().filter_map(|(flag, key, value)| Some((flag, key, value.as_deref()?)));
        let given_switches = switches.iter().filter(|(.., on)| *on).map(|(flag, key, _)| (flag, key, "true"));
        let flags =
            given_values.chain(given_switches).map(|(flag, key, value)| Ok(Layer::from_flag(*flag, key, value)));
        flags.chain(self.settings.iter().map(|setting| parse_setting(setting))).collect()
    }
}
