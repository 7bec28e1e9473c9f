//! What a comparison says about an item.

use serde::{Deserialize, Serialize};

/// What a comparison says about an item, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The same bits.
    Identical,
    /// Only one report has it, and the other cannot: a page leaves most pictures to its browser.
    Absent,
    /// Other bits, but no further apart than rounding explains.
    Within,
    /// Further apart, after a decision that was too close to call. From there on, two correct runs part for good.
    Excused,
    /// Further apart than rounding explains, or different where nothing may differ.
    Outside,
}

impl Verdict {
    /// All verdicts, from the best to the worst.
    pub const ALL: [Self; 5] = [Self::Identical, Self::Absent, Self::Within, Self::Excused, Self::Outside];

    /// Whether two correct devices may differ so.
    pub fn is_good(self) -> bool {
        self != Self::Outside
    }

    /// The verdict for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Absent => "not in both",
            Self::Within => "within budget",
            Self::Excused => "excused",
            Self::Outside => "outside",
        }
    }
}
