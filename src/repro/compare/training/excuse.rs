//! What follows a decision that was too close to call.
//!
//! Two correct runs may give an image two labels if its teacher nearly could not tell. From there on they train on
//! different labels, and no tolerance of rounding applies.

use crate::repro::compare::item::Item;
use crate::repro::compare::kind::ItemKind;
use crate::repro::compare::verdict::Verdict;

/// Excuses distances of a run after its first close decision. The items must be in the order of computation. Nothing is
/// excused if the runs had parted further than rounding explains before, and nothing that may not differ at all.
pub fn excuse(items: &mut [Item]) {
    let is_close = |item: &Item| item.verdict == Verdict::Within && item.kind == ItemKind::Decisions;
    let Some(first) = items.iter().position(|item| item.verdict == Verdict::Outside || is_close(item)) else { return };
    let (before, after) = items.split_at_mut(first + 1);
    let decision = &before[first];
    let (Verdict::Within, Some(moment)) = (decision.verdict, decision.moment) else { return };
    let reason = format!("after the close decision at {}: {}", moment.name(), decision.full_name());
    for item in after.iter_mut().filter(|item| item.verdict == Verdict::Outside && item.measure.is_some()) {
        item.verdict = Verdict::Excused;
        item.note = reason.clone();
    }
}
