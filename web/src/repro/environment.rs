//! Where a report is made, in a browser: what the browser says about its adapter, its system and itself.

use std::collections::BTreeMap;
use std::env::consts::ARCH;

use js_sys::Array;
use slgan::repro::report::{Backend, DeviceFacts, Environment, Shell, SystemFacts};
use slgan::repro::{libraries, shader_hashes};
use wasm_bindgen::JsValue;

use crate::device::{self, Opened, property, text};

/// The limits that compute kernels meet: those of the program's reports.
const LIMITS: [&str; 15] = [
    "maxBindGroups",
    "maxBindingsPerBindGroup",
    "maxBufferSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
    "maxComputeWorkgroupSizeY",
    "maxComputeWorkgroupSizeZ",
    "maxComputeWorkgroupStorageSize",
    "maxComputeWorkgroupsPerDimension",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxUniformBufferBindingSize",
    "maxUniformBuffersPerShaderStage",
    "minStorageBufferOffsetAlignment",
    "minUniformBufferOffsetAlignment",
];

/// The environment of an open device.
pub async fn of(opened: &Opened) -> Environment {
    Environment {
        version: slgan::VERSION.to_owned(),
        shell: Shell::Web,
        libraries: libraries(),
        device: facts(opened).await,
        system: system(),
        shaders: shader_hashes(),
    }
}

async fn facts(opened: &Opened) -> DeviceFacts {
    if opened.backend == "cpu" {
        return DeviceFacts::new(&opened.name, Backend::Cpu, opened.class);
    }
    let plain = DeviceFacts::new(&opened.name, Backend::Wgpu, opened.class);
    match device::request_adapter().await {
        Ok(adapter) => described(&adapter, plain),
        Err(_) => plain,
    }
}

/// `plain` with what the adapter says about itself. WebGPU names no driver.
fn described(adapter: &JsValue, plain: DeviceFacts) -> DeviceFacts {
    let info = property(adapter, "info");
    let mut features: Vec<String> =
        Array::from(&property(adapter, "features")).iter().filter_map(|feature| feature.as_string()).collect();
    features.sort();
    DeviceFacts {
        interface: Some("webgpu".to_owned()),
        vendor: text(&info, "vendor"),
        architecture: text(&info, "architecture"),
        limits: limits(&property(adapter, "limits")),
        features,
        ..plain
    }
}

/// WebGPU's limits are whole numbers below 2^53.
fn limits(limits: &JsValue) -> BTreeMap<String, u64> {
    let known = |name: &str| Some((name.to_owned(), property(limits, name).as_f64()? as u64));
    LIMITS.into_iter().filter_map(known).collect()
}

fn system() -> SystemFacts {
    let navigator = property(&js_sys::global(), "navigator");
    let platform = text(&property(&navigator, "userAgentData"), "platform");
    let instruction_sets = if cfg!(target_feature = "simd128") { vec!["simd128".to_owned()] } else { Vec::new() };
    SystemFacts {
        os: platform.or_else(|| text(&navigator, "platform")),
        architecture: ARCH.to_owned(),
        processor: None,
        instruction_sets,
        threads: Some(1),
        browser: text(&navigator, "userAgent").map(|agent| products(&agent).to_owned()),
    }
}

/// The end of a user agent, which names the browser: `Gecko/20100101 Firefox/145.0`. The rest repeats the system.
fn products(agent: &str) -> &str {
    let end = agent.rsplit(')').next().unwrap_or_default().trim();
    if end.is_empty() { agent } else { end }
}
