//! The inner loop of a kernel, in the text of its machine code.

use std::collections::HashMap;

use anyhow::{Result, ensure};

/// What the instructions of a loop do. All figures are counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct InnerLoop {
    /// Vector instructions that multiply and add.
    pub multiply_adds: usize,
    /// All other vector arithmetic, with conversions, addresses and copies.
    pub other_arithmetic: usize,
    /// Loads of vectors from buffers.
    pub loads: usize,
    /// Loads from workgroup memory.
    pub workgroup_loads: usize,
}

/// Instructions between two labels, and the labels that they jump to.
#[derive(Debug, Default)]
struct Block {
    counts: InnerLoop,
    targets: Vec<String>,
}

impl InnerLoop {
    /// Finds the loop: the smallest one around the block with most multiply-adds, or that block alone if it is in no loop.
    /// The blocks of loops inside of it count once.
    ///
    /// # Errors
    /// If the text has no instructions.
    pub fn of(assembly: &str) -> Result<Self> {
        let (blocks, places) = blocks(assembly);
        ensure!(!blocks.is_empty(), "no instructions in the machine code");
        let busiest = (0..blocks.len()).max_by_key(|&index| (blocks[index].counts.multiply_adds, blocks.len() - index));
        let busiest = busiest.unwrap_or(0);
        let loops = blocks.iter().enumerate().flat_map(|(end, block)| {
            let starts = block.targets.iter().filter_map(|label| places.get(label).copied());
            starts.filter(move |&start| start <= end).map(move |start| start..=end)
        });
        let around = loops.filter(|range| range.contains(&busiest)).min_by_key(|range| range.end() - range.start());
        let range = around.unwrap_or(busiest..=busiest);
        Ok(blocks[range].iter().fold(Self::default(), |sum, block| sum.plus(block.counts)))
    }

    /// The share of multiply-adds among vector arithmetic, 0 to 1; none without arithmetic, as where the driver could not
    /// write the code as text.
    pub fn multiply_add_share(self) -> Option<f64> {
        let all = self.multiply_adds + self.other_arithmetic;
        (all > 0).then(|| self.multiply_adds as f64 / all as f64)
    }

    /// Multiply-adds for each load of vectors from buffers; none if it loads nothing.
    pub fn multiply_adds_per_load(self) -> Option<f64> {
        (self.loads > 0).then(|| self.multiply_adds as f64 / self.loads as f64)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            multiply_adds: self.multiply_adds + other.multiply_adds,
            other_arithmetic: self.other_arithmetic + other.other_arithmetic,
            loads: self.loads + other.loads,
            workgroup_loads: self.workgroup_loads + other.workgroup_loads,
        }
    }

    fn count(&mut self, operation: &str) {
        if operation.starts_with("v_") && ["_fma", "_mac_", "_mad_f"].iter().any(|name| operation.contains(name)) {
            self.multiply_adds += 1;
        } else if operation.starts_with("v_") {
            self.other_arithmetic += 1;
        } else if ["buffer_load", "global_load", "flat_load"].iter().any(|name| operation.starts_with(name)) {
            self.loads += 1;
        } else if ["ds_load", "ds_read"].iter().any(|name| operation.starts_with(name)) {
            self.workgroup_loads += 1;
        }
    }
}

/// The blocks of a text in order, and the place of each label among them.
fn blocks(assembly: &str) -> (Vec<Block>, HashMap<String, usize>) {
    let (mut blocks, mut places) = (Vec::new(), HashMap::new());
    for line in assembly.lines() {
        let code = line.split(';').next().unwrap_or_default();
        if let Some(label) = code.trim().strip_suffix(':').filter(|label| label.starts_with("BB")) {
            places.insert(label.to_owned(), blocks.len());
            blocks.push(Block::default());
        } else if code.starts_with(char::is_whitespace) {
            if blocks.is_empty() {
                blocks.push(Block::default());
            }
            let block = blocks.last_mut().expect("there is a block");
            // Two halves of one instruction stand around `::`.
            for half in code.split("::") {
                let mut words = half.split_whitespace();
                let Some(operation) = words.next() else { continue };
                block.counts.count(operation);
                if operation.contains("branch") {
                    block.targets.extend(words.next().map(str::to_owned));
                }
            }
        }
    }
    (blocks, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOP: &str = "BB0:\n\ts_load_b64 s[0:1], s[2:3], null ; f4\n\tv_mov_b32_e32 v0, 0\nBB1:\n\
        \ts_cbranch_scc1 BB3\nBB2:\n\tbuffer_load_b128 v[4:7], v8, s[4:7], 0 offen ; e0\n\
        \tv_fmac_f32_e32 v0, v4, v5 ; 56\n\tv_fma_f32 v1, v4, v6, v1\n\tds_load_b128 v[9:12], v13\n\
        \tv_add_nc_u32_e32 v8, 16, v8\n\ts_branch BB1\nBB3:\n\tbuffer_store_b32 v0, v1, s[4:7], 0 offen\n\ts_endpgm\n";

    #[test]
    fn the_loop_around_most_multiply_adds_is_counted() {
        let found = InnerLoop::of(LOOP).unwrap();
        assert_eq!(found, InnerLoop { multiply_adds: 2, other_arithmetic: 1, loads: 1, workgroup_loads: 1 });
        assert_eq!(found.multiply_adds_per_load(), Some(2.0));
        assert_eq!(found.multiply_add_share(), Some(2.0 / 3.0));
    }

    #[test]
    fn both_halves_of_a_dual_instruction_count() {
        let found = InnerLoop::of("BB0:\n\tv_dual_fmac_f32 v0, v1, v2 :: v_dual_mov_b32 v3, v4\n").unwrap();
        assert_eq!((found.multiply_adds, found.other_arithmetic), (1, 1));
        assert_eq!(found.multiply_adds_per_load(), None);
    }

    #[test]
    fn a_text_without_instructions_is_an_error() {
        assert!(InnerLoop::of("nothing here").is_err());
    }

    #[test]
    fn code_that_the_driver_cannot_write_as_text_has_no_share() {
        let found = InnerLoop::of("BB0:\n\t(then repeated 3 times)\n").unwrap();
        assert_eq!((found.multiply_add_share(), found.multiply_adds_per_load()), (None, None));
    }
}
