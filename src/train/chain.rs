//! Chained seals: a checksum in each line of `events.jsonl`, which covers the line and the seal of the line before.
//!
//! A line that was changed, removed, repeated or moved breaks the chain. A file that ends early does not, because a run
//! may be killed after any line. Lines of older versions have no seal; the first seal after them covers all of them.

use super::seal::sha256;

/// Hexadecimal digits of a seal. It must find accidents; it is no signature.
const DIGITS: usize = 16;

/// What stands before a seal, and after it.
const KEY: &str = ",\"seal\":\"";
const END: &str = "\"}";

/// Why a line is not as it was written, in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// The seal is not that of this line after the line before.
    #[error("its seal does not fit: it has changed, or the line before it is missing or another")]
    Changed,
    /// The lines before have seals.
    #[error("it has no seal, but the lines before it have one")]
    Unsealed,
}

/// The lines of a file up to some line.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// The seal of the last line; a checksum of all lines while none has a seal.
    last: String,
    has_seals: bool,
}

impl Chain {
    /// Completes the next line with its seal. The line is a JSON object with at least one field, without its last brace.
    pub fn close(&mut self, open: &str) -> String {
        self.last = self.checksum(open.as_bytes());
        self.has_seals = true;
        format!("{open}{KEY}{}{END}", self.last)
    }

    /// Goes on to the next line, whole or not. The line after it is compared with the seal that this one has.
    ///
    /// # Errors
    /// If the line is not as it was written, in its place.
    pub fn check(&mut self, line: &[u8]) -> Result<(), BrokenChain> {
        let Some((open, seal)) = split(line) else {
            self.last = self.checksum(line);
            return if self.has_seals { Err(BrokenChain::Unsealed) } else { Ok(()) };
        };
        let fits = self.checksum(open).as_bytes() == seal;
        self.last = String::from_utf8_lossy(seal).into_owned();
        self.has_seals = true;
        if fits { Ok(()) } else { Err(BrokenChain::Changed) }
    }

    fn checksum(&self, line: &[u8]) -> String {
        let mut sum = sha256(&[self.last.as_bytes(), line].concat());
        sum.truncate(DIGITS);
        sum
    }
}

/// A line without its seal, and the seal.
fn split(line: &[u8]) -> Option<(&[u8], &[u8; DIGITS])> {
    let (rest, seal) = line.strip_suffix(END.as_bytes())?.split_last_chunk()?;
    Some((rest.strip_suffix(KEY.as_bytes())?, seal))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of an older version, then lines with seals.
    fn lines(unsealed: usize, sealed: usize) -> Vec<String> {
        let open = |step: usize| format!("{{\"event\":\"step\",\"step\":{step},\"d_loss\":0.25");
        let mut chain = Chain::default();
        let mut lines: Vec<String> = (0..unsealed).map(|step| open(step) + "}").collect();
        assert!(lines.iter().all(|line| chain.check(line.as_bytes()).is_ok()));
        lines.extend((unsealed..unsealed + sealed).map(|step| chain.close(&open(step))));
        lines
    }

    /// The numbers of the lines, from 0, that do not fit.
    fn broken<L: AsRef<[u8]>>(lines: &[L]) -> Vec<usize> {
        let mut chain = Chain::default();
        let checked = lines.iter().map(|line| chain.check(line.as_ref()));
        checked.enumerate().filter_map(|(number, result)| result.err().map(|_| number)).collect()
    }

    #[test]
    fn a_sealed_line_is_json_and_ends_with_its_seal() {
        let mut chain = Chain::default();
        let lines = [chain.close("{\"event\":\"a\""), chain.close("{\"event\":\"a\"")];
        let seals = lines.clone().map(|line| {
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(value["event"], "a");
            value["seal"].as_str().unwrap().to_owned()
        });
        assert!(seals.iter().all(|seal| seal.len() == DIGITS && seal.bytes().all(|byte| byte.is_ascii_hexdigit())));
        assert_ne!(seals[0], seals[1], "equal lines in other places have other seals");
        // As `printf '{"event":"a"' | sha256sum` prints.
        assert_eq!(seals[0], "563805edf3149b4e");
    }

    #[test]
    fn every_changed_bit_is_found() {
        for unsealed in [0, 2] {
            let whole = lines(unsealed, 3);
            assert_eq!(broken(&whole), [] as [usize; 0]);
            for (number, line) in whole.iter().enumerate() {
                for place in 0..8 * line.len() {
                    let mut changed: Vec<Vec<u8>> = whole.iter().map(|line| line.clone().into_bytes()).collect();
                    changed[number][place / 8] ^= 1 << (place % 8);
                    let found = broken(&changed);
                    let first = number.max(unsealed);
                    assert!(
                        found.first().is_some_and(|found| [first, first + 1].contains(found)),
                        "bit {place} of line {number} of {unsealed} + 3: {found:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_change_breaks_only_its_own_line() {
        let mut changed = lines(0, 5);
        changed[2] = changed[2].replace("0.25", "0.75");
        assert_eq!(broken(&changed), [2]);
    }

    #[test]
    fn lines_that_are_missing_repeated_or_moved_are_found() {
        for unsealed in [0, 1, 3] {
            let whole = lines(unsealed, 5);
            let last = whole.len() - 1;
            for place in 0..last {
                let mut removed = whole.clone();
                removed.remove(place);
                assert_eq!(broken(&removed), [place.max(unsealed.saturating_sub(1))], "without line {place}");
                let mut repeated = whole.clone();
                repeated.insert(place, whole[place].clone());
                assert!(!broken(&repeated).is_empty(), "line {place} twice");
                let mut swapped = whole.clone();
                swapped.swap(place, place + 1);
                assert!(!broken(&swapped).is_empty(), "lines {place} and {} swapped", place + 1);
            }
        }
    }

    #[test]
    fn a_file_may_end_after_any_line_and_go_on() {
        let whole = lines(2, 4);
        for end in 0..=whole.len() {
            let mut kept = whole[..end].to_vec();
            let mut chain = Chain::default();
            assert!(kept.iter().all(|line| chain.check(line.as_bytes()).is_ok()));
            kept.push(chain.close("{\"event\":\"started\""));
            assert_eq!(broken(&kept), [] as [usize; 0], "after {end} lines");
        }
    }

    #[test]
    fn a_line_without_a_seal_follows_none_with_one() {
        let mut mixed = lines(1, 1);
        mixed.extend(lines(1, 0));
        let mut chain = Chain::default();
        let results: Vec<_> = mixed.iter().map(|line| chain.check(line.as_bytes())).collect();
        assert_eq!(results, [Ok(()), Ok(()), Err(BrokenChain::Unsealed)]);
    }
}
