//! A device that does nothing and takes no time: what is left of a step is the work of the host.

use anyhow::{Context, Result};
use burn::tensor::Device;
use burn_wgpu::WgpuSetup;
use slgan::kernels::class::DeviceClass;

/// The class of the device: it stands for a fast GPU.
pub const CLASS: DeviceClass = DeviceClass::Discrete;

/// The largest buffer that the device claims to bind, in bytes.
const LARGEST_BINDING: u64 = 1 << 30;

/// Workgroup memory that the device claims to have, in bytes, as almost all GPUs do. burn's matrix products use it.
const WORKGROUP_MEMORY: u32 = 1 << 15;

/// Invocations that the device claims to run in step, as many GPUs do. burn shapes its own kernels by it.
const SUBGROUP: u32 = 32;

/// Opens wgpu's empty backend. Reads give zeros.
///
/// # Errors
/// If wgpu was built without it.
pub fn open() -> Result<Device> {
    let required_limits = wgpu::Limits {
        max_storage_buffer_binding_size: LARGEST_BINDING,
        max_buffer_size: LARGEST_BINDING,
        max_compute_workgroup_storage_size: WORKGROUP_MEMORY,
        ..wgpu::Limits::default()
    };
    let noop = wgpu::NoopBackendOptions {
        // burn uses every extension that the adapter has, and wgpu's empty one has all.
        features: Some(wgpu::Features::empty()),
        limits: Some(required_limits.clone()),
        subgroup_min_size: Some(SUBGROUP),
        subgroup_max_size: Some(SUBGROUP),
        ..wgpu::NoopBackendOptions::enabled()
    };
    let backend_options = wgpu::BackendOptions { noop, ..wgpu::BackendOptions::default() };
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::NOOP,
        backend_options,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
        .context("wgpu has no empty backend")?;
    let descriptor = wgpu::DeviceDescriptor { required_limits, ..wgpu::DeviceDescriptor::default() };
    let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))?;
    let setup = WgpuSetup { instance, adapter, device, queue, backend: wgpu::Backend::Noop };
    Ok(Device::wgpu_options().setup(setup).init()?)
}
