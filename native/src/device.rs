//! Devices: the adapters of this machine, and the choice among them.

use anyhow::{Context, Result};
use burn::tensor::{Device, DeviceKind};
use serde::Serialize;
use slgan::kernels::class::DeviceClass;

use crate::failure::Usage;

/// A GPU, or software that emulates one.
#[derive(Debug, Clone, Serialize)]
pub struct Adapter {
    /// The `N` of `gpu:N`.
    pub index: usize,
    /// The adapter's name.
    pub name: String,
    /// `discrete GPU`, `integrated GPU`, `virtual GPU`, `software` or `other`.
    pub kind: &'static str,
    /// The class that decides its kernels.
    pub class: DeviceClass,
    /// The graphics interface: `vulkan`, `metal` or `dx12`.
    pub interface: String,
    /// The driver and its version.
    pub driver: String,
    /// The largest storage buffer that a kernel can bind, in bytes.
    pub max_binding_bytes: u64,
    #[serde(skip)]
    selector: Option<DeviceKind>,
}

impl Adapter {
    fn is_software(&self) -> bool {
        self.class == DeviceClass::Software
    }
}

/// An open device and its description.
#[derive(Debug)]
pub struct Opened {
    /// The device.
    pub device: Device,
    /// Its name and interface.
    pub name: String,
    /// The class that decides its kernels, unless the configuration names one.
    pub class: DeviceClass,
    /// The adapter's driver and its version; none for the CPU.
    pub driver: Option<String>,
    /// Why this device was chosen.
    pub reason: String,
    /// The largest buffer that a kernel can bind, in bytes; none for the CPU.
    pub max_binding_bytes: Option<u64>,
}

/// All adapters of this machine.
pub fn adapters() -> Vec<Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let mut seen = [0; 3];
    found.iter().enumerate().map(|(index, adapter)| describe(index, adapter, &mut seen)).collect()
}

/// `seen` counts adapters per kind, because burn selects an adapter by its position among those of its kind.
fn describe(index: usize, adapter: &wgpu::Adapter, seen: &mut [usize; 3]) -> Adapter {
    let info = adapter.get_info();
    let mut next = |kind: usize| {
        seen[kind] += 1;
        seen[kind] - 1
    };
    let (kind, selector) = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => ("discrete GPU", Some(DeviceKind::DiscreteGpu(next(0)))),
        wgpu::DeviceType::IntegratedGpu => ("integrated GPU", Some(DeviceKind::IntegratedGpu(next(1)))),
        wgpu::DeviceType::VirtualGpu => ("virtual GPU", Some(DeviceKind::VirtualGpu(next(2)))),
        wgpu::DeviceType::Cpu => ("software", Some(DeviceKind::Cpu)),
        wgpu::DeviceType::Other => ("other", None),
    };
    Adapter {
        index,
        name: info.name,
        kind,
        class: class(info.device_type),
        interface: info.backend.to_string(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        max_binding_bytes: adapter.limits().max_storage_buffer_binding_size,
        selector,
    }
}

fn class(kind: wgpu::DeviceType) -> DeviceClass {
    match kind {
        wgpu::DeviceType::Cpu => DeviceClass::Software,
        wgpu::DeviceType::IntegratedGpu => DeviceClass::Integrated,
        wgpu::DeviceType::DiscreteGpu | wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => DeviceClass::Discrete,
    }
}

/// The adapter that `auto` uses: the first real GPU. Software adapters are slower than the CPU backend.
pub fn automatic(adapters: &[Adapter]) -> Option<&Adapter> {
    adapters.iter().find(|adapter| !adapter.is_software() && adapter.selector.is_some())
}

/// Opens `auto`, `cpu`, `gpu` or `gpu:N`.
///
/// # Errors
/// If the adapter does not exist (exit code 2), or cannot be opened.
pub fn open(choice: &str) -> Result<Opened> {
    match choice {
        "cpu" => Ok(cpu("requested")),
        "auto" => match automatic(&adapters()) {
            Some(adapter) => open_adapter(adapter, "the first GPU"),
            None => Ok(cpu("there is no GPU; software adapters are slower, and need --device gpu")),
        },
        "gpu" => {
            let adapters = adapters();
            match automatic(&adapters).or(adapters.first()) {
                Some(adapter) => open_adapter(adapter, "requested"),
                None => Err(Usage::new("device: there is no GPU adapter here (see `slgan devices`)").into()),
            }
        }
        _ => open_numbered(choice),
    }
}

fn open_numbered(choice: &str) -> Result<Opened> {
    let adapters = adapters();
    let index: Option<usize> = choice.strip_prefix("gpu:").and_then(|number| number.parse().ok());
    match index.and_then(|index| adapters.get(index)) {
        Some(adapter) => open_adapter(adapter, "requested"),
        None => Err(Usage::new(format!(
            "device: `{choice}` was not found; expected auto, cpu, gpu or gpu:N with N below {} (see `slgan devices`)",
            adapters.len()
        ))
        .into()),
    }
}

fn cpu(reason: &str) -> Opened {
    let threads = rayon::current_num_threads();
    Opened {
        device: Device::flex(),
        name: format!("CPU ({threads} thread{})", if threads == 1 { "" } else { "s" }),
        class: DeviceClass::Software,
        driver: None,
        reason: reason.to_owned(),
        max_binding_bytes: None,
    }
}

fn open_adapter(adapter: &Adapter, reason: &str) -> Result<Opened> {
    let selector = adapter
        .selector
        .clone()
        .with_context(|| format!("device: {} is of an unknown kind and cannot be selected", adapter.name))?;
    let device = Device::wgpu_options()
        .device_kind(selector)
        .init()
        .with_context(|| format!("device: {} cannot be opened", adapter.name))?;
    let name = format!("{} ({}, {})", adapter.name, adapter.kind, adapter.interface);
    Ok(Opened {
        device,
        name,
        class: adapter.class,
        driver: Some(adapter.driver.clone()),
        reason: reason.to_owned(),
        max_binding_bytes: Some(adapter.max_binding_bytes),
    })
}
