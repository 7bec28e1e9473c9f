//! The dotted keys of a configuration, read from its serialised form: lists, comparisons and suggestions.

use serde_json::Value;
use strsim::jaro_winkler;

use super::{Config, ConfigError};

/// A key of the configuration with its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDefault {
    /// The dotted key: `gate.tau`.
    pub key: String,
    /// Its default in the tiny preset, in TOML: `0.9`, `"auto"`.
    pub default: String,
}

/// Lists every key with its default, sorted by key.
pub fn keys() -> Vec<KeyDefault> {
    let leaves = leaves(&Config::default()).into_iter();
    leaves.map(|(key, default)| KeyDefault { key, default: default.to_string() }).collect()
}

/// Names the keys that differ between two configurations and that a resumed run may not change.
///
/// It may change `steps`, `device`, `device_class` and `report.*`, which do not alter the states of training by more
/// than rounding.
pub fn resume_differences(saved: &Config, requested: &Config) -> Vec<String> {
    differences(saved, requested).into_iter().filter(|key| !is_operational(key)).collect()
}

/// Names the keys that differ between two configurations and that a run in progress may not change: they define the
/// networks, the data and the latent space. All other keys may change between two steps.
pub fn live_differences(current: &Config, requested: &Config) -> Vec<String> {
    differences(current, requested).into_iter().filter(|key| is_structural(key)).collect()
}

fn differences(one: &Config, other: &Config) -> Vec<String> {
    let pairs = leaves(one).into_iter().zip(leaves(other));
    pairs.filter(|(one, other)| one != other).map(|((key, _), _)| key).collect()
}

fn is_structural(key: &str) -> bool {
    let shapes_networks = matches!(key, "generator.conditional" | "generator.enlargement" | "discriminator.kernel");
    let is_fixed = matches!(key, "data" | "preset" | "seed" | "device" | "device_class" | "strict");
    let is_read = key == "label_table.file";
    is_fixed
        || shapes_networks
        || is_read
        || key.starts_with("images.") && key != "images.flip"
        || key.starts_with("latent.")
}

fn is_operational(key: &str) -> bool {
    matches!(key, "steps" | "device" | "device_class") || key.starts_with("report.")
}

/// Lists every key of a configuration with its value as JSON, sorted by key.
pub fn entries(config: &Config) -> Vec<(String, Value)> {
    leaves(config)
}

impl Config {
    /// Writes the configuration as TOML. [`Config::from_layers`] reads the same configuration back.
    ///
    /// # Errors
    /// Those of [`Config::validate`], because an invalid configuration could not be read back.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        self.validate()?;
        let text = toml::to_string(self).expect("a valid configuration has no integer above TOML's");
        Ok(format!(
            "# The resolved configuration of a run: what was asked for, over the defaults of the preset.\n\
             # `slgan train --config FILE` trains with it again.\n\n{text}"
        ))
    }
}

/// The valid key that is most similar to an invalid one.
///
/// The comparison includes last names, so it finds a key without its table or in the wrong table. The whole key breaks
/// ties. Jaro-Winkler similarity favours a common prefix, such as `decay` in `decay_from`.
pub(super) fn nearest_key(key: &str) -> String {
    let likeness = |valid: &str| {
        let whole = jaro_winkler(key, valid);
        (whole.max(jaro_winkler(last_name(key), last_name(valid))), whole)
    };
    let rated = keys().into_iter().map(|valid| (likeness(&valid.key), valid.key));
    let nearest = rated.max_by(|((a, a_whole), _), ((b, b_whole), _)| a.total_cmp(b).then(a_whole.total_cmp(b_whole)));
    nearest.expect("a configuration has keys").1
}

fn last_name(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// Every key with its value, in JSON: TOML lacks the upper half of `u64`.
fn leaves(config: &Config) -> Vec<(String, Value)> {
    let value = serde_json::to_value(config).expect("a configuration is a tree of words, numbers and flags");
    let mut leaves = Vec::new();
    collect_leaves(String::new(), value, &mut leaves);
    leaves
}

fn collect_leaves(key: String, value: Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                let key = if key.is_empty() { name } else { format!("{key}.{name}") };
                collect_leaves(key, value, leaves);
            }
        }
        value => leaves.push((key, value)),
    }
}
