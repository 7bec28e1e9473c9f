//! Devices: the adapters of this machine, the choice among them, and what happens when one fails.

mod dx12;
mod fault;
mod several;
#[cfg(test)]
mod tests;

use anyhow::{Context, Result};
use burn::tensor::Device;
use burn_wgpu::WgpuSetup;
use serde::Serialize;
use slgan::kernels::class::DeviceClass;

use crate::failure::Usage;

pub use dx12::about as about_compiler;
pub use fault::{Fault, block_on, caught, fault, listen, plain, prepare};
pub use several::of_process;

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
    /// What compiles DX12's shaders: `DXC` or `FXC`; none for other interfaces.
    pub shader_compiler: Option<&'static str>,
    /// The largest storage buffer that a kernel can bind, in bytes.
    pub max_binding_bytes: u64,
    #[serde(skip)]
    instance: wgpu::Instance,
    #[serde(skip)]
    adapter: wgpu::Adapter,
}

impl Adapter {
    fn is_software(&self) -> bool {
        self.class == DeviceClass::Software
    }

    /// The adapter as wgpu knows it.
    pub fn handle(&self) -> &wgpu::Adapter {
        &self.adapter
    }

    /// The driver and what compiles for it.
    fn toolchain(&self) -> String {
        match self.shader_compiler {
            Some(compiler) => format!("{}, {compiler}", self.driver),
            None => self.driver.clone(),
        }
    }
}

/// An open device and its description.
#[derive(Debug)]
pub struct Opened {
    /// The device.
    pub device: Device,
    /// The adapter; none for the CPU.
    pub adapter: Option<Adapter>,
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
    let ((instance, found), compiler) = dx12::list(list, |(_, found)| found.iter().any(is_dx12));
    let describe = |(index, adapter)| describe(index, adapter, &instance, compiler);
    found.into_iter().enumerate().map(describe).collect()
}

fn list(dx12_compiler: wgpu::Dx12Compiler) -> (wgpu::Instance, Vec<wgpu::Adapter>) {
    let dx12 = wgpu::Dx12BackendOptions { shader_compiler: dx12_compiler, ..wgpu::Dx12BackendOptions::default() };
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        backend_options: wgpu::BackendOptions { dx12, ..wgpu::BackendOptions::default() },
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    (instance, found)
}

fn is_dx12(adapter: &wgpu::Adapter) -> bool {
    adapter.get_info().backend == wgpu::Backend::Dx12
}

fn describe(index: usize, adapter: wgpu::Adapter, instance: &wgpu::Instance, compiler: &'static str) -> Adapter {
    let info = adapter.get_info();
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete GPU",
        wgpu::DeviceType::IntegratedGpu => "integrated GPU",
        wgpu::DeviceType::VirtualGpu => "virtual GPU",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => OTHER,
    };
    Adapter {
        index,
        name: info.name,
        kind,
        class: class(info.device_type),
        interface: info.backend.to_string(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        shader_compiler: is_dx12(&adapter).then_some(compiler),
        max_binding_bytes: adapter.limits().max_storage_buffer_binding_size,
        instance: instance.clone(),
        adapter,
    }
}

/// The kind of an adapter that does not say what it is; only a user can choose it.
const OTHER: &str = "other";

fn class(kind: wgpu::DeviceType) -> DeviceClass {
    match kind {
        wgpu::DeviceType::Cpu => DeviceClass::Software,
        wgpu::DeviceType::IntegratedGpu => DeviceClass::Integrated,
        wgpu::DeviceType::DiscreteGpu | wgpu::DeviceType::VirtualGpu | wgpu::DeviceType::Other => DeviceClass::Discrete,
    }
}

/// The adapter that `auto` uses: the first real GPU. Software adapters are slower than the CPU backend.
pub fn automatic(adapters: &[Adapter]) -> Option<&Adapter> {
    adapters.iter().find(|adapter| !adapter.is_software() && adapter.kind != OTHER)
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
        adapter: None,
        name: format!("CPU ({threads} thread{})", if threads == 1 { "" } else { "s" }),
        class: DeviceClass::Software,
        driver: None,
        reason: reason.to_owned(),
        max_binding_bytes: None,
    }
}

fn open_adapter(adapter: &Adapter, reason: &str) -> Result<Opened> {
    let setup = setup(adapter)?;
    let device = Device::wgpu_options()
        .setup(setup)
        .init()
        .with_context(|| format!("device: {} cannot be opened", adapter.name))?;
    let name = format!("{} ({}, {})", adapter.name, adapter.kind, adapter.interface);
    Ok(Opened {
        device,
        adapter: Some(adapter.clone()),
        name,
        class: adapter.class,
        driver: Some(adapter.toolchain()),
        reason: reason.to_owned(),
        max_binding_bytes: Some(adapter.max_binding_bytes),
    })
}

/// The adapter itself, with all that it can do, as burn would open it. burn finds an adapter by its place among those
/// of one interface, so it could not open this very one, and it would choose DX12's compiler itself.
fn setup(Adapter { name, instance, adapter, .. }: &Adapter) -> Result<WgpuSetup> {
    let unwanted = wgpu::Features::MAPPABLE_PRIMARY_BUFFERS | wgpu::Features::all_experimental_mask();
    let request = adapter.request_device(&wgpu::DeviceDescriptor {
        required_features: adapter.features().difference(unwanted),
        required_limits: adapter.limits(),
        // burn allocates large blocks itself.
        memory_hints: wgpu::MemoryHints::MemoryUsage,
        ..wgpu::DeviceDescriptor::default()
    });
    let (device, queue) = pollster::block_on(request).with_context(|| format!("device: {name} cannot be opened"))?;
    let (instance, adapter, backend) = (instance.clone(), adapter.clone(), adapter.get_info().backend);
    Ok(WgpuSetup { instance, adapter, device, queue, backend })
}
