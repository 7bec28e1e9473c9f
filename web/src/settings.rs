//! The page's settings: lines `KEY=VALUE` with the keys of the configuration.

use serde_json::{Map, Value, json};
use slgan::config::{Config, Layer, keys, parse_file};
use slgan::data::{self, DataSpec, Dataset, ImageShape, LoadOptions, glyphs};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::files::Files;
use crate::sentence::sentence;

/// Every key of the configuration with its default, as a JSON object.
#[wasm_bindgen]
pub fn defaults() -> String {
    let value = |text: &str| text.parse::<toml::Value>().map_or(Value::String(text.to_owned()), |value| json!(value));
    let all: Map<String, Value> = keys().into_iter().map(|key| (key.key, value(&key.default))).collect();
    Value::Object(all).to_string()
}

/// The defaults, changed by settings.
pub fn configuration(settings: &str) -> Result<Config, JsError> {
    Config::from_layers(&layers(settings)?).map_err(sentence)
}

/// A configuration, changed by settings.
pub fn changed(config: &Config, settings: &str) -> Result<Config, JsError> {
    let base = parse_file("the run", &config.to_toml().map_err(sentence)?).map_err(sentence)?;
    let all: Vec<Layer> = std::iter::once(base).chain(layers(settings)?).collect();
    Config::from_layers(&all).map_err(sentence)
}

fn layers(settings: &str) -> Result<Vec<Layer>, JsError> {
    let lines = settings.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| match line.split_once('=') {
            Some((key, value)) => Ok(Layer::from_flag("settings", key.trim(), value.trim())),
            None => Err(JsError::new(&format!("settings: expected KEY=VALUE, found `{line}`"))),
        })
        .collect()
}

/// Loads the data of a configuration, from dropped files unless the set is drawn.
pub fn load(config: &Config, files: Option<Files>) -> Result<Dataset, JsError> {
    let set = match config.data.parse::<DataSpec>().map_err(sentence)? {
        DataSpec::Glyphs => return Ok(glyphs::dataset()),
        DataSpec::Files { set, .. } => set,
    };
    let files = files.ok_or_else(|| JsError::new(&format!("data: {} needs files: drop or choose them", set.name())))?;
    let shape = ImageShape { channels: config.images.channels, size: config.images.size };
    let options = LoadOptions { seed: config.seed, folder_shape: shape, skip_bad: config.images.skip_bad };
    data::load(set, &files.into_source(set), &options).map_err(sentence)
}
