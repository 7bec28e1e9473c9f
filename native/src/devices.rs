//! `slgan devices`: what can compute here.

use anyhow::Result;
use serde_json::json;

use crate::cli::DevicesArgs;
use crate::device::{self, Adapter};
use crate::shaders;

/// Lists the CPU backend and all adapters, and says which one `auto` takes.
///
/// # Errors
/// If the kernels are to be looked at, and one of them is not valid.
pub fn devices(args: &DevicesArgs) -> Result<()> {
    if args.shaders {
        return shaders::print(args.json);
    }
    let adapters = device::adapters();
    let automatic = device::automatic(&adapters);
    if args.json {
        let auto = automatic.map_or("cpu".to_owned(), |adapter| format!("gpu:{}", adapter.index));
        println!("{}", json!({ "adapters": adapters, "auto": auto }));
        return Ok(());
    }
    let mark = |chosen: bool| if chosen { "  <- auto" } else { "" };
    println!("cpu    the CPU backend{}", mark(automatic.is_none()));
    for adapter in &adapters {
        let Adapter { index, name, kind, interface, driver, max_binding_bytes, .. } = adapter;
        let chosen = automatic.is_some_and(|auto| auto.index == *index);
        println!("gpu:{index}  {name} ({kind}, {interface}){}", mark(chosen));
        println!("       driver {driver}; buffers of up to {} MB", max_binding_bytes / 1_000_000);
    }
    if adapters.is_empty() {
        println!("no GPU adapter was found");
    }
    Ok(())
}
