//! The machine and its operating system.

use std::env::consts::{ARCH, OS};
use std::fs;

use slgan::repro::report::SystemFacts;

/// Facts about this machine, with as many threads on the CPU.
pub fn facts(threads: usize) -> SystemFacts {
    let mut instruction_sets: Vec<String> = instruction_sets().into_iter().map(str::to_owned).collect();
    instruction_sets.sort();
    SystemFacts {
        os: Some(os()),
        architecture: ARCH.to_owned(),
        processor: processor(),
        instruction_sets,
        threads: Some(threads),
        browser: None,
    }
}

/// The operating system's name for itself, if a file has it.
fn os() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = value(&release, "PRETTY_NAME", '=').map(|name| name.trim_matches('"').to_owned());
    name.map_or_else(|| OS.to_owned(), |name| format!("{OS}, {name}"))
}

fn processor() -> Option<String> {
    value(&fs::read_to_string("/proc/cpuinfo").ok()?, "model name", ':').map(str::to_owned)
}

/// The value of the first line `KEY SEPARATOR VALUE`.
fn value<'a>(text: &'a str, key: &str, separator: char) -> Option<&'a str> {
    let pairs = text.lines().filter_map(|line| line.split_once(separator));
    pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// The instruction sets of this processor that decide how wide the program's loops and products of matrices are, and
/// whether they fuse.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn instruction_sets() -> Vec<&'static str> {
    let found = [
        ("sse4.1", std::arch::is_x86_feature_detected!("sse4.1")),
        ("avx", std::arch::is_x86_feature_detected!("avx")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    found.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

/// Every 64-bit ARM has these.
#[cfg(target_arch = "aarch64")]
fn instruction_sets() -> Vec<&'static str> {
    vec!["neon"]
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
fn instruction_sets() -> Vec<&'static str> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_keys() {
        let text = "NAME=\"a\"\nPRETTY_NAME=\"Debian 12\"\nmodel name\t: A processor @ 2 GHz\nmodel name : another\n";
        assert_eq!(value(text, "PRETTY_NAME", '='), Some("\"Debian 12\""));
        assert_eq!(value(text, "model name", ':'), Some("A processor @ 2 GHz"));
        assert_eq!(value(text, "flags", ':'), None);
    }

    #[test]
    fn a_machine_is_described() {
        let facts = facts(3);
        assert_eq!((facts.architecture.as_str(), facts.threads), (ARCH, Some(3)));
        assert!(facts.os.is_some_and(|os| os.starts_with(OS)) && facts.instruction_sets.is_sorted());
    }
}
