//! The libraries that decide results.

use std::collections::BTreeMap;

/// Names and versions, as in Cargo.lock: the tensor stack, its arithmetic on the CPU, shaders, random numbers, and
/// decoders.
const LIBRARIES: [(&str, &str); 12] = [
    ("burn", "0.22.1"),
    ("burn-flex", "0.22.1"),
    ("cubecl", "0.11.3"),
    ("gemm", "0.19.0"),
    ("image", "0.25.10"),
    ("libm", "0.2.16"),
    ("macerator", "0.5.2"),
    ("naga", "30.0.1"),
    ("pulp", "0.22.3"),
    ("rand_chacha", "0.10.0"),
    ("wgpu", "30.0.1"),
    ("zune-jpeg", "0.5.15"),
];

/// The versions of the libraries that decide results, by name, for a report's environment.
pub fn libraries() -> BTreeMap<String, String> {
    LIBRARIES.into_iter().map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This must follow every update of the lock file.
    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
        for (name, version) in libraries() {
            let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(lock.replace('\r', "").contains(&entry), "{name}: Cargo.lock has no version {version}");
        }
    }
}
