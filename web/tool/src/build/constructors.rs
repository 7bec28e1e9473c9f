//! Keeps the module from running its static constructors at every call.
//!
//! If nothing in a module calls `__wasm_call_ctors`, the linker treats it as a command and wraps every export in a
//! function that first runs all constructors. A training step then takes eighty times as long, and nothing looks wrong.
//! A wrapper has the export's name; only its own name, in the module's name section, ends in `.command_export`.

use anyhow::{Result, bail, ensure};
use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload};

const WRAPPER: &str = ".command_export";

/// Looks for wrappers in the linker's module.
///
/// # Errors
/// If there is one, or if the module has no names of functions.
pub fn check(module: &[u8]) -> Result<()> {
    let names = function_names(module)?;
    ensure!(!names.is_empty(), "no function has a name, so we cannot see whether constructors run at every call");
    if let Some(wrapper) = names.iter().find(|name| name.ends_with(WRAPPER)) {
        let export = wrapper.trim_end_matches(WRAPPER);
        bail!(
            "the export {export} runs all static constructors at every call: call __wasm_call_ctors once, at the start"
        )
    }
    Ok(())
}

fn function_names(module: &[u8]) -> Result<Vec<&str>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload?
            && let KnownCustom::Name(reader) = section.as_known()
        {
            read_names(reader, &mut names)?;
        }
    }
    Ok(names)
}

fn read_names<'a>(reader: NameSectionReader<'a>, names: &mut Vec<&'a str>) -> Result<()> {
    for subsection in reader {
        if let Name::Function(functions) = subsection? {
            for naming in functions {
                names.push(naming?.name);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that contains only the names of functions 0, 1 and so on.
    fn named(names: &[&str]) -> Vec<u8> {
        let mut list = vec![names.len() as u8];
        for (index, name) in names.iter().enumerate() {
            list.extend([index as u8, name.len() as u8]);
            list.extend(name.as_bytes());
        }
        let functions = [&[1, list.len() as u8], &list[..]].concat();
        let section = [&[4], &b"name"[..], &functions].concat();
        [&b"\0asm\x01\0\0\0"[..], &[0, section.len() as u8], &section].concat()
    }

    #[test]
    fn a_wrapped_export_is_refused_by_its_name() {
        let error = check(&named(&["run_step", "open.command_export"])).unwrap_err();
        assert!(error.to_string().contains("the export open runs"), "{error}");
    }

    #[test]
    fn a_module_without_wrappers_passes() {
        check(&named(&["run_step", "__wasm_call_ctors", "command_export"])).unwrap();
    }

    #[test]
    fn a_module_that_hides_its_names_is_refused() {
        assert!(check(&named(&[])).is_err());
        assert!(check(b"\0asm\x01\0\0\0").is_err());
        assert!(check(b"\0asm").is_err());
    }
}
