//! Lays tables over the defaults of a preset.
//!
//! Files, settings and flags all become a [`Layer`], so a key means the same in each. The defaults are the only list of
//! valid keys.

use toml::{Table, Value};

use super::keys::nearest_key;
use super::reader::{describe, read};
use super::renamed::{RenamedKey, rename_keys};
use super::{Config, ConfigError, Preset};

/// Keys with their values, and their origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Where the keys come from, as errors name it: `slgan.toml`, `--set`, `--labels`.
    pub origin: String,
    /// The keys, in the nesting of a configuration file.
    pub table: Table,
}

impl Layer {
    /// One dotted key, and its value as typed on a command line.
    ///
    /// A value that is not TOML is plain text, so words need no quotes.
    pub fn from_flag(origin: impl Into<String>, key: &str, value: &str) -> Self {
        let value = value.parse().unwrap_or_else(|_| Value::String(value.to_owned()));
        Self { origin: origin.into(), table: nested(key, value) }
    }

    /// The keys that the layer has under their old names, which are still valid.
    pub fn renamed_keys(&self) -> Vec<RenamedKey> {
        rename_keys(&mut self.table.clone())
    }

    /// The layer with the present names of its keys.
    fn with_present_names(&self) -> Self {
        let mut layer = self.clone();
        rename_keys(&mut layer.table);
        layer
    }

    fn sets(&self, key: &str) -> bool {
        lookup(&self.table, key).is_some()
    }
}

/// Reads the text of a configuration file; `origin` is its name.
///
/// # Errors
/// [`ConfigError::Syntax`] if the text is not TOML. [`Config::from_layers`] checks keys and values.
pub fn parse_file(origin: impl Into<String>, text: &str) -> Result<Layer, ConfigError> {
    let origin = origin.into();
    match text.parse() {
        Ok(table) => Ok(Layer { origin, table }),
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(start).filter(|&byte| byte == b'\n').count();
            Err(ConfigError::Syntax { origin, line, message: error.message().replace('\n', ", ") })
        }
    }
}

/// Reads a setting such as `gate.tau=0.8` or `mode=unconditional`.
///
/// # Errors
/// [`ConfigError::NotASetting`] if there is no key or no `=`. [`Config::from_layers`] checks key and value.
pub fn parse_setting(setting: &str) -> Result<Layer, ConfigError> {
    match setting.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok(Layer::from_flag("--set", key.trim(), value.trim())),
        _ => Err(ConfigError::NotASetting { found: setting.to_owned() }),
    }
}

impl Config {
    /// Lays the layers over the defaults of a preset, lowest layer first. The last layer that names a preset decides;
    /// without one, it is the tiny preset.
    ///
    /// # Errors
    /// If a key is unknown, or its final value has the wrong type or fails [`Config::validate`]. The error names the
    /// first such key and its layer.
    pub fn from_layers(layers: &[Layer]) -> Result<Self, ConfigError> {
        let layers: Vec<Layer> = layers.iter().map(Layer::with_present_names).collect();
        let mut table = defaults(preset(&layers));
        for layer in &layers {
            overlay(&mut table, &layer.table, "", &layer.origin)?;
        }
        let checked = read(table).and_then(|config| config.validate().map(|()| config));
        checked.map_err(|error| with_origin(error, &layers))
    }
}

/// The preset of the last layer that names one. [`read`] reports an unknown word.
fn preset(layers: &[Layer]) -> Preset {
    let named = layers.iter().rev().find_map(|layer| layer.table.get("preset"));
    named.and_then(|word| word.clone().try_into().ok()).unwrap_or(Preset::Tiny)
}

fn defaults(preset: Preset) -> Table {
    Table::try_from(Config::for_preset(preset)).expect("every default is a word, a small number or a flag")
}

fn overlay(base: &mut Table, over: &Table, prefix: &str, origin: &str) -> Result<(), ConfigError> {
    for (name, value) in over {
        let key = format!("{prefix}{name}");
        match (base.get_mut(name), value) {
            (None, _) => return Err(unknown_key(first_leaf(key, value), origin)),
            (Some(Value::Table(base)), Value::Table(over)) => overlay(base, over, &format!("{key}."), origin)?,
            (Some(Value::Table(_)), _) => return Err(not_a_table(key, value, origin)),
            (Some(slot), _) => *slot = value.clone(),
        }
    }
    Ok(())
}

fn unknown_key(key: String, origin: &str) -> ConfigError {
    let nearest = nearest_key(&key);
    ConfigError::UnknownKey { origin: origin.to_owned(), key, nearest }
}

fn not_a_table(key: String, value: &Value, origin: &str) -> ConfigError {
    let origin = Some(origin.to_owned());
    ConfigError::Value { origin, key, expected: "a table".into(), found: describe(value), nearest: None }
}

/// The first key below an unknown table: it is a better hint at the intended key than the table's name.
fn first_leaf(key: String, value: &Value) -> String {
    match value.as_table().and_then(|table| table.iter().next()) {
        Some((name, value)) => first_leaf(format!("{key}.{name}"), value),
        None => key,
    }
}

/// Adds the last layer that sets the key of a bad value.
fn with_origin(mut error: ConfigError, layers: &[Layer]) -> ConfigError {
    if let ConfigError::Value { origin, key, .. } = &mut error {
        *origin = layers.iter().rev().find(|layer| layer.sets(key)).map(|layer| layer.origin.clone());
    }
    error
}

fn lookup<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((section, rest)) => lookup(table.get(section)?.as_table()?, rest),
        None => table.get(key),
    }
}

fn nested(key: &str, value: Value) -> Table {
    let (name, value) = match key.split_once('.') {
        Some((section, rest)) => (section, Value::Table(nested(rest, value))),
        None => (key, value),
    };
    Table::from_iter([(name.to_owned(), value)])
}
