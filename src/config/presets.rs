//! The defaults: one [`Config`] per [`Preset`]. No other place has defaults.

use super::{
    AugmentConfig, ClassifierConfig, Config, DeviceClass, DiscriminatorConfig, Enlargement, GateConfig,
    GeneratorConfig, ImageConfig, LabelBudget, LabelSource, LabelTableConfig, LatentConfig, Mode, Partition, Preset,
    PseudoLabel, ReportConfig, Unlabeled,
};

impl Config {
    /// The defaults of a preset.
    pub fn for_preset(preset: Preset) -> Self {
        let cifar = preset == Preset::Cifar;
        Self {
            data: "glyphs".into(),
            preset,
            mode: Mode::SelfLabel,
            label_budget: LabelBudget::Auto,
            seed: 0,
            steps: if cifar { 100_000 } else { 4_000 },
            batch: 64,
            shards: 1,
            device: "auto".into(),
            device_class: DeviceClass::Auto,
            strict: false,
            images: ImageConfig { size: 32, channels: 3, skip_bad: false, flip: false },
            latent: LatentConfig {
                dim: if cifar { 128 } else { 64 },
                partition: Partition::Orthogonal,
                artificial_labels: 0,
                radius: 1.5,
            },
            generator: GeneratorConfig {
                learning_rate: if cifar { 2e-4 } else { 1e-3 },
                conditional: false,
                enlargement: Enlargement::Bilinear,
                average_decay: if cifar { 0.9999 } else { 0.998 },
                decay_from: 0,
                decay_until: if cifar { 100_000 } else { 0 },
            },
            discriminator: DiscriminatorConfig {
                learning_rate: if cifar { 2e-4 } else { 2e-3 },
                updates: if cifar { 5 } else { 1 },
                kernel: 4,
                r1_weight: 0.0,
                r1_sigma: 0.01,
            },
            classifier: ClassifierConfig {
                learning_rate: 5e-4,
                weight_decay: 0.0,
                dropout: 0.2,
                generator_weight: 0.2,
                generator_weight_from: 0,
                generator_weight_until: 0,
                generated_weight: 0.1,
                augment_generated: false,
                information_weight: 0.0,
                self_weight: 1.0,
                labelled_batch: 32,
                few_labels: 1_000,
                teacher_decay: 0.99,
                prior_correction: true,
                prior_decay: 0.99,
            },
            gate: GateConfig {
                tau: 0.9,
                unlabeled: Unlabeled::Unconditional,
                pseudo_label: PseudoLabel::Hard,
                match_manual: true,
                warm_up: 400,
            },
            label_table: LabelTableConfig { source: LabelSource::Auto, ..LabelTableConfig::default() },
            augment: AugmentConfig { color: false, translation: false, cutout: false },
            report: ReportConfig {
                log_every: 50,
                sample_every: 500,
                evaluate_every: 500,
                checkpoint_every: 500,
                keep: 3,
                judge: false,
            },
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::for_preset(Preset::Tiny)
    }
}
