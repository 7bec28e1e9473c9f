//! The adapter that tests run on.

use std::io::{self, Write};
use std::thread;

use burn::tensor::{Device, DeviceKind};

/// The first adapter. A test fails if an adapter is required and there is none.
pub fn first() -> Option<Device> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let Some(first) = adapters.first() else {
        assert!(std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_none(), "an adapter is required, but none was found");
        skip("no adapter");
        return None;
    };
    Some(Device::wgpu(match first.get_info().device_type {
        wgpu::DeviceType::Cpu => DeviceKind::Cpu,
        _ => DeviceKind::DefaultDevice,
    }))
}

/// Reports that a test is skipped, and why. The harness hides what a passing test prints with `eprintln!`, but not
/// this.
fn skip(why: &str) {
    let thread = thread::current();
    let line = format!("skipped: {why} ({})\n", thread.name().unwrap_or("a test"));
    io::stderr().write_all(line.as_bytes()).expect("standard error can be written");
}
