//! The layer of kernels: every operation beside float64.

use super::item::{Item, Measure};
use super::kind::ItemKind;
use super::named::NamedReport;
use super::paired::{Paired, paired};
use super::verdict::Verdict;
use crate::repro::report::KernelResult;

/// Compares the results of every operation.
pub fn items(reference: &NamedReport, other: &NamedReport) -> Vec<Item> {
    let pairs = paired(&reference.report.kernels.results, &other.report.kernels.results, |result| {
        (result.operation.as_str(), result.case.as_str(), result.plan, result.result.as_str())
    });
    let item = |pair| match pair {
        Paired::Both(one, two) => both(one, two, [&reference.name, &other.name]),
        Paired::First(one) => named(one).different(format!("only {} has it", reference.name)),
        Paired::Second(two) => named(two).different(format!("only {} has it", other.name)),
    };
    pairs.into_iter().map(item).collect()
}

/// Equal bits outside the budget are outside too: both devices are wrong in the same way.
fn both(one: &KernelResult, two: &KernelResult, names: [&str; 2]) -> Item {
    let found = one.relative.max.zip(two.relative.max).map(|(one, two)| one.max(two));
    let item = named(one).measured(Measure { found, allowed: Some(one.budget.min(two.budget)) });
    if one.count != two.count {
        return Item { measure: None, ..item }.different(format!("{} and {} numbers", one.count, two.count));
    }
    match item.verdict {
        Verdict::Within if one.sha256 == two.sha256 => Item { verdict: Verdict::Identical, ..item },
        Verdict::Within => item,
        _ => item.with_note(format!("error {} in {}, {} in {}", error(one), names[0], error(two), names[1])),
    }
}

fn error(result: &KernelResult) -> String {
    result.relative.max.map_or("not finite".to_owned(), |error| format!("{error:.1e}"))
}

fn named(result: &KernelResult) -> Item {
    let KernelResult { operation, case, plan, result, .. } = result;
    let plan = plan.map(|plan| format!(", {plan}")).unwrap_or_default();
    Item::new(ItemKind::Result, operation, &format!("{case}{plan}, {result}"))
}
