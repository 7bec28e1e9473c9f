//! Seals: checksums of files that stand in these files.
//!
//! A seal is the SHA-256 of a whole file, computed with zeros in its own place. It protects the bytes as they are
//! stored, so that keys with older names and numbers need not survive a round trip.

use sha2::{Digest, Sha256};

/// Stands in a file for its seal until the rest is complete.
pub const BLANK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A file whose seal does not fit its bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("damaged: its SHA-256 is {found}, but its seal is {expected}")]
pub struct BrokenSeal {
    /// The checksum of the bytes.
    pub found: String,
    /// The seal in the file.
    pub expected: String,
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}

/// Puts the seal of `file` in the place of the last [`BLANK`] in its first `text` bytes.
///
/// # Panics
/// If there is none.
pub fn close(file: &mut [u8], text: usize) {
    let seal = sha256(file);
    let place = last(&file[..text], BLANK).expect("whoever writes a sealed file leaves a place for the seal");
    file[place..place + BLANK.len()].copy_from_slice(seal.as_bytes());
}

/// Seals `file` again after a change, in the place of the last text that is `seal`.
///
/// # Panics
/// If there is none.
pub fn close_again(file: &mut [u8], seal: &str) {
    let place = last(file, seal).expect("it was sealed with this");
    file[place..place + BLANK.len()].copy_from_slice(BLANK.as_bytes());
    close(file, file.len());
}

/// Checks the seal that the first `text` bytes of `file` contain.
///
/// # Errors
/// If the file has changed since it was closed.
pub fn check(file: &[u8], text: usize, seal: &str) -> Result<(), BrokenSeal> {
    let place = if seal.len() == BLANK.len() { last(&file[..text.min(file.len())], seal) } else { None };
    let found = match place {
        Some(place) => {
            hex(Sha256::new_with_prefix(&file[..place]).chain_update(BLANK).chain_update(&file[place + BLANK.len()..]))
        }
        None => sha256(file),
    };
    if found == seal { Ok(()) } else { Err(BrokenSeal { found, expected: seal.to_owned() }) }
}

/// Where `part` begins for the last time.
fn last(text: &[u8], part: &str) -> Option<usize> {
    text.windows(part.len()).rposition(|window| window == part.as_bytes())
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_breaks_a_seal() {
        let text = format!("{{\"name\":\"{BLANK}\",\"seal\":\"{BLANK}\"}}");
        let mut file = [text.as_bytes(), b"binary"].concat();
        close(&mut file, text.len());
        let seal = |file: &[u8]| String::from_utf8_lossy(&file[text.len() - 66..text.len() - 2]).into_owned();
        assert_eq!(check(&file, text.len(), &seal(&file)), Ok(()));
        assert!(
            file.starts_with(format!("{{\"name\":\"{BLANK}\"").as_bytes()),
            "only the last blank is a seal's place"
        );
        for place in 0..file.len() {
            for bit in 0..8 {
                let mut changed = file.clone();
                changed[place] ^= 1 << bit;
                assert!(check(&changed, text.len(), &seal(&changed)).is_err(), "bit {bit} of byte {place}");
            }
        }
    }

    #[test]
    fn a_checksum_outside_the_file_is_no_seal() {
        assert!(check(b"some text", 9, BLANK).is_err());
        assert!(check(b"", 0, "").is_err());
        assert!(check(b"short", 400, "abc").is_err());
    }
}
