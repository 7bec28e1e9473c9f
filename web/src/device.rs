//! The device of this worker: the visitor's GPU through WebGPU, or the CPU.

use std::cell::RefCell;

use burn::cubecl::config::memory::PersistentMemory;
use burn::cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};
use burn::tensor::Device;
use js_sys::{Function, Promise, Reflect};
use serde_json::json;
use slgan::kernels::class::DeviceClass;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::sentence::sentence;

/// A device and its description.
#[derive(Clone)]
pub struct Opened {
    pub device: Device,
    /// `webgpu` or `cpu`.
    pub backend: &'static str,
    pub name: String,
    /// The class that decides its kernels.
    pub class: DeviceClass,
    reason: String,
}

/// WebGPU's adapter.
struct Adapter {
    name: String,
    class: DeviceClass,
}

thread_local! {
    static OPENED: RefCell<Option<Opened>> = const { RefCell::new(None) };
}

/// Opens `gpu`, `cpu`, or with `auto` the GPU if there is one. Called once per worker.
///
/// Resolves to JSON: `backend` (`webgpu` or `cpu`), `name` and `reason`.
///
/// # Errors
/// If the choice is none of these, or the GPU was asked for and there is none.
#[wasm_bindgen]
pub async fn open(choice: &str) -> Result<String, JsError> {
    let opened = match choice {
        "cpu" => cpu("asked for"),
        "gpu" => match adapter().await {
            Ok(adapter) => gpu(adapter, "asked for").await?,
            Err(missing) => return Err(JsError::new(&missing)),
        },
        "auto" => match adapter().await {
            Ok(adapter) => gpu(adapter, "this browser has WebGPU").await?,
            Err(missing) => cpu(&missing),
        },
        _ => return Err(JsError::new(&format!("device: expected auto, gpu or cpu, found `{choice}`"))),
    };
    let Opened { backend, name, reason, .. } = &opened;
    let words = json!({ "backend": backend, "name": name, "reason": reason }).to_string();
    OPENED.set(Some(opened));
    Ok(words)
}

/// The device that was opened.
pub fn opened() -> Result<Opened, JsError> {
    OPENED.with_borrow(Clone::clone).ok_or_else(|| JsError::new("no device is open yet"))
}

fn cpu(reason: &str) -> Opened {
    let name = "the CPU, one thread of WebAssembly".to_owned();
    let reason = reason.to_owned();
    Opened { device: Device::flex(), backend: "cpu", name, class: DeviceClass::Software, reason }
}

async fn gpu(Adapter { name, class }: Adapter, reason: &str) -> Result<Opened, JsError> {
    keep_memory();
    let device = Device::wgpu_options().init_async().await.map_err(sentence)?;
    Ok(Opened { device, backend: "webgpu", name, class, reason: reason.to_owned() })
}

/// Makes the runtime keep every buffer for the next tensor of the same size.
///
/// By default, it drops buffers that were unused for a while and makes new ones later. But a browser frees a dropped
/// buffer only when it collects garbage, which happens when its own memory is short, not the GPU's.
fn keep_memory() {
    let mut config = CubeClRuntimeConfig::default();
    config.memory.persistent_memory = PersistentMemory::Enforced;
    // If it was set before, it was set to this.
    CubeClRuntimeConfig::try_set(config);
}

/// Frees the buffers that the device keeps. For the end of a run, whose tensor sizes may never come again.
///
/// # Errors
/// If no device is open.
#[wasm_bindgen]
pub fn release_memory() -> Result<(), JsError> {
    opened()?.device.memory_cleanup();
    Ok(())
}

/// WebGPU's adapter, or why there is none. Without one, burn would panic.
async fn adapter() -> Result<Adapter, String> {
    let adapter = request_adapter().await?;
    let info = property(&adapter, "info");
    let words: Vec<String> = match text(&info, "description") {
        Some(description) => vec![description],
        None => ["vendor", "architecture"].into_iter().filter_map(|name| text(&info, name)).collect(),
    };
    let name = if words.is_empty() { "a GPU".to_owned() } else { words.join(" ") };
    // A browser does not tell what kind of GPU it is. Chromium's software adapter may not say that it is a fallback.
    let is_fallback = [&info, &adapter].iter().any(|place| property(place, "isFallbackAdapter").is_truthy());
    let is_software = ["description", "architecture", "device"]
        .into_iter()
        .filter_map(|name| text(&info, name))
        .any(|words| words.to_lowercase().contains("swiftshader"));
    let class = if is_fallback || is_software { DeviceClass::Software } else { DeviceClass::Integrated };
    Ok(Adapter { name, class })
}

/// WebGPU's adapter as the browser gives it.
///
/// # Errors
/// If there is none; says why.
pub async fn request_adapter() -> Result<JsValue, String> {
    let gpu = property(&property(&js_sys::global(), "navigator"), "gpu");
    if !gpu.is_object() {
        return Err("this browser has no WebGPU".to_owned());
    }
    let none = || "this browser's WebGPU has no adapter for this machine".to_owned();
    let request: Function = property(&gpu, "requestAdapter").dyn_into().map_err(|_| none())?;
    let promise: Promise = request.call0(&gpu).and_then(JsCast::dyn_into).map_err(|_| none())?;
    let adapter = JsFuture::from(promise).await.map_err(|_| none())?;
    if adapter.is_object() { Ok(adapter) } else { Err(none()) }
}

/// A property, or undefined.
pub fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A property that is text and not empty.
pub fn text(object: &JsValue, name: &str) -> Option<String> {
    property(object, name).as_string().filter(|text| !text.is_empty())
}
