//! Where a report was made. A shell fills it in: the library cannot know its surroundings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernels::class::DeviceClass;

/// Where a report was made. Nothing here is compared for a verdict; it explains differences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Version of the program.
    pub version: String,
    /// Which of the programs it was.
    pub shell: Shell,
    /// Versions of the libraries that decide results, by name, such as `burn` and `wgpu`.
    pub libraries: BTreeMap<String, String>,
    /// What computed.
    pub device: DeviceFacts,
    /// The machine, the operating system and the browser.
    pub system: SystemFacts,
    /// SHA-256 of the source of every shader, with what it imports, by name, from
    /// [`shader_hashes`](crate::repro::shader_hashes).
    pub shaders: BTreeMap<String, String>,
}

/// The program around the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// The program `slgan`.
    Native,
    /// The page.
    Web,
}

/// What executes the operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The CPU backend, natively or in WebAssembly.
    Cpu,
    /// Kernels in WGSL, through wgpu.
    Wgpu,
}

/// The device that computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceFacts {
    /// Its name for people.
    pub name: String,
    /// What executes the operations.
    pub backend: Backend,
    /// Its class, which decides the kernels of the training layer (the plan).
    pub class: DeviceClass,
    /// The graphics interface, such as `vulkan` or `webgpu`; none for the CPU.
    pub interface: Option<String>,
    /// Who made the adapter, as far as the interface says.
    pub vendor: Option<String>,
    /// The adapter's architecture, as far as the interface says.
    pub architecture: Option<String>,
    /// The name of the driver.
    pub driver: Option<String>,
    /// The version of the driver.
    pub driver_version: Option<String>,
    /// The adapter's limits, by the names of WebGPU.
    pub limits: BTreeMap<String, u64>,
    /// The adapter's features, sorted.
    pub features: Vec<String>,
}

impl DeviceFacts {
    /// A device of which no more is known; nothing else is to be known of the CPU.
    pub fn new(name: impl Into<String>, backend: Backend, class: DeviceClass) -> Self {
        Self {
            name: name.into(),
            backend,
            class,
            interface: None,
            vendor: None,
            architecture: None,
            driver: None,
            driver_version: None,
            limits: BTreeMap::new(),
            features: Vec::new(),
        }
    }
}

/// The machine and what runs on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemFacts {
    /// The operating system and its version, as far as known.
    pub os: Option<String>,
    /// The architecture that the program was built for, such as `x86_64` or `wasm32`.
    pub architecture: String,
    /// The name of the processor, as far as known.
    pub processor: Option<String>,
    /// Instruction sets that the program may use on the CPU, sorted, such as `avx2` and `fma`.
    pub instruction_sets: Vec<String>,
    /// Threads of the CPU backend.
    pub threads: Option<usize>,
    /// The browser and its version, as it names itself.
    pub browser: Option<String>,
}
