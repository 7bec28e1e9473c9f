//! The page's settings: pairs of a key of the configuration and a value, as JSON.

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

/// Each pair is one key and one value, whatever characters they have: a value cannot set a second key.
fn layers(settings: &str) -> Result<Vec<Layer>, JsError> {
    let pairs: Vec<(String, String)> = serde_json::from_str(settings)
        .map_err(|error| JsError::new(&format!("settings: expected a list of pairs: {error}")))?;
    Ok(pairs.iter().map(|(key, value)| Layer::from_flag("settings", key, value)).collect())
}

/// Loads the data of a configuration, from dropped files unless the set is drawn.
pub fn load(config: &Config, files: Option<Files>) -> Result<Dataset, JsError> {
    let set = match config.data.parse::<DataSpec>().map_err(sentence)? {
        DataSpec::Glyphs => return Ok(glyphs::dataset()),
        DataSpec::Files { set, .. } => set,
    };
    let files = files.ok_or_else(|| JsError::new(&format!("data: {} needs files: drop or choose them", set.name())))?;
    let shape = ImageShape { channels: config.images.channels, size: config.images.size };
    // Of a visitor's pictures, the browser may be unable to decode some. The notes count them.
    let options = LoadOptions { seed: config.seed, folder_shape: shape, skip_bad: true, ..LoadOptions::default() };
    data::load(set, &files, &options).map_err(sentence)
}
