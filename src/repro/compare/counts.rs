//! How many items have which verdict.

use serde::{Deserialize, Serialize};

use super::item::Item;
use super::verdict::Verdict;
use crate::repro::progress::Layer;

/// How many items have which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// With the same bits.
    pub identical: usize,
    /// In one report only, because the other cannot have them.
    pub absent: usize,
    /// No further apart than rounding explains.
    pub within: usize,
    /// Further apart after a close decision.
    pub excused: usize,
    /// Further apart than rounding explains.
    pub outside: usize,
}

/// The counts of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerCounts {
    /// The layer.
    pub layer: Layer,
    /// Its counts.
    pub counts: Counts,
}

impl Counts {
    /// The counts of some items.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut counts = Self::default();
        for item in items {
            *match item.verdict {
                Verdict::Identical => &mut counts.identical,
                Verdict::Absent => &mut counts.absent,
                Verdict::Within => &mut counts.within,
                Verdict::Excused => &mut counts.excused,
                Verdict::Outside => &mut counts.outside,
            } += 1;
        }
        counts
    }

    /// The counts of each layer.
    pub fn by_layer(items: &[Item]) -> Vec<LayerCounts> {
        let of = |layer| Self::of(items.iter().filter(|item| item.layer == layer));
        Layer::ALL.into_iter().map(|layer| LayerCounts { layer, counts: of(layer) }).collect()
    }

    /// All items.
    pub fn all(self) -> usize {
        self.identical + self.absent + self.within + self.excused + self.outside
    }

    /// The worst verdict.
    pub fn worst(self) -> Verdict {
        match self {
            Self { outside: 1.., .. } => Verdict::Outside,
            Self { excused: 1.., .. } => Verdict::Excused,
            Self { within: 1.., .. } => Verdict::Within,
            Self { absent: 1.., .. } => Verdict::Absent,
            _ => Verdict::Identical,
        }
    }
}
