//! Where a report is made, natively.

use rayon::current_num_threads;
use slgan::repro::report::{Backend, DeviceFacts, Environment, Shell};
use slgan::repro::{libraries, shader_hashes};

use super::{adapter, system};
use crate::device::Opened;

/// The environment of an open device.
pub fn of(opened: &Opened) -> Environment {
    let mut libraries = libraries();
    if let Some(compiler) = opened.adapter.as_ref().and_then(|adapter| adapter.shader_compiler) {
        libraries.insert("compiler of shaders".to_owned(), compiler.to_owned());
    }
    Environment {
        version: slgan::VERSION.to_owned(),
        shell: Shell::Native,
        libraries,
        device: facts(opened),
        system: system::facts(current_num_threads()),
        shaders: shader_hashes(),
    }
}

fn facts(opened: &Opened) -> DeviceFacts {
    let backend = if opened.adapter.is_some() { Backend::Wgpu } else { Backend::Cpu };
    let plain = DeviceFacts::new(&opened.name, backend, opened.class);
    match &opened.adapter {
        Some(adapter) => adapter::described(adapter.handle(), plain),
        None => plain,
    }
}
