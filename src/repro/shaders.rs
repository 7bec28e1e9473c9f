//! Which kernels a program has.

use std::collections::BTreeMap;

use crate::kernels::variants;
use crate::train::seal::sha256;

/// The SHA-256 of the source of every shader, with what it imports, by name, for a report's environment.
pub fn shader_hashes() -> BTreeMap<String, String> {
    variants().iter().map(|shader| (shader.name().to_owned(), sha256(shader.source().as_bytes()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shader_has_a_hash() {
        let hashes = shader_hashes();
        assert!(hashes.contains_key("conv2d_forward") && hashes.len() > 20, "{}", hashes.len());
        assert!(hashes.values().all(|hash| hash.len() == 64));
    }
}
