//! Runs the suite on the open device.

use js_sys::Function;
use serde_json::json;
use slgan::repro::{self, Progress, Suite, SuiteShell};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};

use super::environment;
use crate::device;
use crate::sentence::sentence;
use crate::shell::give_turn;

/// Tells the page how far the suite has come.
struct Listener(Function);

impl SuiteShell for Listener {
    async fn progress(&mut self, progress: Progress) {
        let Progress { layer, share, what } = progress;
        let words = json!({ "layer": layer, "share": share, "what": what }).to_string();
        // A page that cannot take this cannot take the report either, and that is an error.
        let _ = self.0.call1(&JsValue::NULL, &words.into());
        give_turn().await;
    }
}

/// Runs the suite `standard` or `brief` on the open device, and resolves to the bytes of its report. The listener gets
/// JSON: `layer`, the `share` of it that is done, and `what` was done last.
///
/// # Errors
/// If there is no such suite, no device is open, or the device cannot be read.
#[wasm_bindgen]
pub async fn run_suite(name: &str, listener: Function) -> Result<Vec<u8>, JsError> {
    let suite = match name {
        "standard" => Suite::STANDARD,
        "brief" => Suite::BRIEF,
        _ => return Err(JsError::new(&format!("suite: expected standard or brief, found `{name}`"))),
    };
    let opened = device::opened()?;
    let environment = environment::of(&opened).await;
    let report = repro::run(&suite, &opened.device, environment, &mut Listener(listener)).await.map_err(sentence)?;
    Ok(report.to_file())
}
