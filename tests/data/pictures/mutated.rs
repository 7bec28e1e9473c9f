//! Damaged bytes give a picture or an error, never a panic. Run with optimizations, it takes some seconds.

use super::*;

/// Numbers of xorshift, which differ from run to run of a loop but not from test to test.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }

    /// Changes, removes, adds or cuts some bytes, half of the time near the start.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        let end = if self.below(2) == 0 { bytes.len().min(120) } else { bytes.len() };
        let at = self.below(end);
        let next = bytes.len().min(at + 1 + self.below(4));
        match self.below(6) {
            0 => bytes[at..next].fill(self.byte()),
            1 => bytes[at..next].fill([0, 0xff][self.below(2)]),
            2 => bytes[at..next].iter_mut().for_each(|byte| *byte ^= 1 << self.below(8)),
            3 => drop(bytes.drain(at..next)),
            4 => bytes.insert(at, self.byte()),
            _ => bytes.truncate(at),
        }
    }
}

#[test]
fn damaged_pictures_never_panic() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut good, mut bad) = (0, 0);
    for (name, whole) in all() {
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..1 + numbers.below(4) {
                numbers.mutate(&mut bytes);
            }
            match decode(&name, &bytes, SHAPE) {
                Ok(pixels) => {
                    assert_eq!(pixels.len(), SHAPE.bytes());
                    good += 1;
                }
                Err(error) => {
                    assert!(error.to_string().starts_with(&name), "{error}");
                    bad += 1;
                }
            }
        }
    }
    assert!(good > 500 && bad > 1500, "{good} {bad}");
}
