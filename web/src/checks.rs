//! The kernels' checks and sources, for tests in a browser. The module of the view Compare has them anyway.

use std::collections::BTreeMap;

use burn::tensor::Device;
use serde_json::{Map, Value, json};
use slgan::kernels::class::DeviceClass;
use slgan::kernels::{checks, variants};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device;

/// Checks every kernel on the open device: all cases on the CPU, and on WebGPU those of the reproducibility suite, because
/// compiling the others takes too long on a software adapter. Resolves to JSON: `operations`, the number of compared
/// results by operation, and `failed`, the wrong results.
///
/// # Errors
/// If no device is open.
#[wasm_bindgen]
pub async fn run_checks() -> Result<String, JsError> {
    let device = device::opened()?.device;
    let outcomes = if device == Device::flex() {
        checks::run(&device).await
    } else {
        checks::run_chosen(&device, &DeviceClass::USUAL).await
    };
    let failed: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passes()).map(ToString::to_string).collect();
    let mut operations: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in &outcomes {
        *operations.entry(outcome.kernel).or_default() += 1;
    }
    Ok(json!({ "operations": operations, "failed": failed }).to_string())
}

/// Every variant of every kernel, as JSON: a list of `name`, `constants` and `source`.
#[wasm_bindgen]
pub fn shaders() -> String {
    let described = variants().into_iter().map(|shader| {
        let constants: Map<String, Value> =
            shader.constants().iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
        json!({ "name": shader.name(), "constants": constants, "source": shader.specialized() })
    });
    Value::Array(described.collect()).to_string()
}
