//! The exact and the strict layer: hashes that must agree.

use super::item::Item;
use super::kind::ItemKind;
use super::named::NamedReport;
use super::paired::{Paired, paired};
use super::verdict::Verdict;
use crate::repro::report::{ExactItem, Report, Shell};

/// How the items of decoded pictures begin. A page leaves all formats but PNG to its browser, and has no items for
/// them.
const PICTURE: &str = "picture ";

/// Compares the exact items.
pub fn items(reference: &NamedReport, other: &NamedReport) -> Vec<Item> {
    hashes(ItemKind::Hash, reference, other, |report| &report.exact)
}

/// Compares the items of the strict layer. Reports that are older than it have none.
pub fn strict_items(reference: &NamedReport, other: &NamedReport) -> Vec<Item> {
    let is_older = |named: &NamedReport| named.report.strict.is_empty();
    let items = hashes(ItemKind::Strict, reference, other, |report| &report.strict);
    if is_older(reference) || is_older(other) { items.into_iter().map(absent).collect() } else { items }
}

fn hashes(
    kind: ItemKind,
    reference: &NamedReport,
    other: &NamedReport,
    of: impl Fn(&Report) -> &[ExactItem],
) -> Vec<Item> {
    let item = |pair| match pair {
        Paired::Both(one, two) => both(kind, one, two),
        Paired::First(one) => lone(kind, one, reference, other),
        Paired::Second(two) => lone(kind, two, other, reference),
    };
    paired(of(&reference.report), of(&other.report), |item| item.name.as_str()).into_iter().map(item).collect()
}

fn both(kind: ItemKind, one: &ExactItem, two: &ExactItem) -> Item {
    let item = Item::new(kind, "", &one.name);
    if one.bytes != two.bytes {
        item.different(format!("{} bytes and {} bytes", one.bytes, two.bytes))
    } else if one.sha256 != two.sha256 {
        item.different(format!("other values among {} bytes", one.bytes))
    } else {
        item
    }
}

fn lone(kind: ItemKind, found: &ExactItem, having: &NamedReport, lacking: &NamedReport) -> Item {
    let item = Item::new(kind, "", &found.name).different(format!("only {} has it", having.name));
    let is_left_out = lacking.report.environment.shell == Shell::Web && found.name.starts_with(PICTURE);
    if is_left_out { absent(item) } else { item }
}

fn absent(item: Item) -> Item {
    Item { verdict: Verdict::Absent, ..item }
}
