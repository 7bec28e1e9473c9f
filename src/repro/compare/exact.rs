//! The exact layer: hashes that must agree.

use super::item::Item;
use super::kind::ItemKind;
use super::named::NamedReport;
use super::paired::{Paired, paired};
use super::verdict::Verdict;
use crate::repro::report::{ExactItem, Shell};

/// How the items of decoded pictures begin. A page leaves all formats but PNG to its browser, and has no items for
/// them.
const PICTURE: &str = "picture ";

/// Compares the exact items.
pub fn items(reference: &NamedReport, other: &NamedReport) -> Vec<Item> {
    let pairs = paired(&reference.report.exact, &other.report.exact, |item| item.name.as_str());
    let item = |pair| match pair {
        Paired::Both(one, two) => both(one, two),
        Paired::First(one) => lone(one, reference, other),
        Paired::Second(two) => lone(two, other, reference),
    };
    pairs.into_iter().map(item).collect()
}

fn both(one: &ExactItem, two: &ExactItem) -> Item {
    let item = Item::new(ItemKind::Hash, "", &one.name);
    if one.bytes != two.bytes {
        item.different(format!("{} bytes and {} bytes", one.bytes, two.bytes))
    } else if one.sha256 != two.sha256 {
        item.different(format!("other values among {} bytes", one.bytes))
    } else {
        item
    }
}

fn lone(found: &ExactItem, having: &NamedReport, lacking: &NamedReport) -> Item {
    let item = Item::new(ItemKind::Hash, "", &found.name).different(format!("only {} has it", having.name));
    let is_left_out = lacking.report.environment.shell == Shell::Web && found.name.starts_with(PICTURE);
    if is_left_out { Item { verdict: Verdict::Absent, ..item } } else { item }
}
