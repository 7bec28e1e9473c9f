//! The verdict on two reports in a sentence.

use super::counts::Counts;
use super::item::Item;
use super::verdict::Verdict;

/// The verdict in a sentence.
pub fn of(reference: &str, other: &str, items: &[Item]) -> String {
    let counts = Counts::of(items);
    let Counts { identical, within, excused, outside, .. } = counts;
    match counts.worst() {
        Verdict::Identical | Verdict::Absent => {
            format!("{other} and {reference} computed the same bits, in all {identical} items that both have.")
        }
        Verdict::Within | Verdict::Excused => {
            let after = match excused {
                0 => String::new(),
                count => format!(", and {count} follow a decision that was too close to call"),
            };
            format!(
                "{other} and {reference} computed the same thing: {identical} of {} items have the same bits, {within} \
                 differ by no more than rounding explains{after}.",
                counts.all()
            )
        }
        Verdict::Outside => {
            let first = items.iter().find(|item| item.verdict == Verdict::Outside).map(Item::place);
            format!(
                "{other} and {reference} did NOT compute the same thing: {outside} of {} items differ by more than \
                 rounding explains, first {}.",
                counts.all(),
                first.unwrap_or_default()
            )
        }
    }
}
