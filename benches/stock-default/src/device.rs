//! The device to compute on.

use anyhow::{Context, Result, bail};
use burn::tensor::{Device, DeviceKind};

/// Opens the device that `--device` names.
///
/// # Errors
/// If there is no such device.
pub fn open(choice: &str) -> Result<Device> {
    if choice == "cpu" {
        return Ok(Device::flex());
    }
    let kind = kind(choice)?;
    Device::wgpu_options().device_kind(kind).init().with_context(|| format!("device: {choice} cannot be opened"))
}

fn kind(choice: &str) -> Result<DeviceKind> {
    let (name, index) = choice.split_once(':').unwrap_or((choice, "0"));
    let index = index.parse().with_context(|| format!("device: `{index}` is not a number"))?;
    Ok(match name {
        "default" => DeviceKind::DefaultDevice,
        "software" => DeviceKind::Cpu,
        "discrete" => DeviceKind::DiscreteGpu(index),
        "integrated" => DeviceKind::IntegratedGpu(index),
        "virtual" => DeviceKind::VirtualGpu(index),
        _ => bail!("device: expected default, software, cpu, discrete:N, integrated:N or virtual:N, found `{choice}`"),
    })
}
