//! Every kernel against float64, on the CPU backend and on an adapter.

use burn::tensor::{Device, DeviceKind};
use slgan::kernels::checks;

fn all_pass(device: &Device) {
    let outcomes = pollster::block_on(checks::run(device));
    let failures: Vec<String> = outcomes.iter().filter(|outcome| !outcome.passes()).map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), outcomes.len(), failures.join("\n"));
    assert!(outcomes.len() > 40, "{} results were compared", outcomes.len());
}

#[test]
fn the_cpu_agrees_with_float64() {
    all_pass(&Device::flex());
}

#[test]
fn an_adapter_agrees_with_float64() {
    if let Some(device) = adapter() {
        all_pass(&device);
    }
}

/// The first adapter; where one is required, that there is none is a failure.
fn adapter() -> Option<Device> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let Some(first) = adapters.first() else {
        assert!(std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_none(), "an adapter is required and none was found");
        eprintln!("skipped: no adapter");
        return None;
    };
    Some(Device::wgpu(match first.get_info().device_type {
        wgpu::DeviceType::Cpu => DeviceKind::Cpu,
        _ => DeviceKind::DefaultDevice,
    }))
}
