//! `slgan devices`: lists and checks the devices of this machine.

mod check;

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use crate::cli::DevicesArgs;
use crate::device::{self, Adapter};
use crate::shaders;

/// Lists the devices, examines the kernels or checks a device.
///
/// # Errors
/// If a kernel is invalid, or the device to check cannot be opened.
pub fn devices(args: &DevicesArgs) -> Result<ExitCode> {
    if args.check {
        return check::check(&args.device, args.json);
    }
    if args.shaders {
        shaders::print(args.json)?;
        if let Some(folder) = &args.spirv {
            shaders::write_spirv(folder)?;
        }
    } else {
        list(args.json);
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists the CPU backend and all adapters, and marks the one that `auto` uses.
fn list(as_json: bool) {
    let adapters = device::adapters();
    let automatic = device::automatic(&adapters);
    if as_json {
        let auto = automatic.map_or("cpu".to_owned(), |adapter| format!("gpu:{}", adapter.index));
        result!("{}", json!({ "adapters": adapters, "auto": auto }));
        return;
    }
    let mark = |chosen: bool| if chosen { "  <- auto" } else { "" };
    result!("cpu    the CPU backend{}", mark(automatic.is_none()));
    for adapter in &adapters {
        let Adapter { index, name, kind, interface, driver, shader_compiler, max_binding_bytes, .. } = adapter;
        let chosen = automatic.is_some_and(|auto| auto.index == *index);
        result!("gpu:{index}  {name} ({kind}, {interface}){}", mark(chosen));
        result!("       driver {driver}; buffers of up to {} MB", max_binding_bytes / 1_000_000);
        if let Some(compiler) = shader_compiler {
            result!("       {}", device::about_compiler(compiler));
        }
    }
    if adapters.is_empty() {
        result!("no GPU adapter was found");
    }
}
