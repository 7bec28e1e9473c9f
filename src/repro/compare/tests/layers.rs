//! The exact layer and the operations.

use crate::kernels::class::DeviceClass;
use crate::repro::compare::samples::{parted, with};
use crate::repro::compare::{Verdict, rows};
use crate::repro::progress::Layer;
use crate::repro::report::Shell;

#[test]
fn equal_reports_are_identical_and_have_no_cause() {
    let pair = with(|_| {});
    assert_eq!((pair.verdict, pair.is_good()), (Verdict::Identical, true));
    assert!(parted(&pair).is_empty() && pair.causes.is_empty() && pair.partings.is_empty());
    assert!(pair.differences.is_empty() && pair.first_outside().is_none());
    let all = pair.items.len();
    assert_eq!(pair.sentence, format!("b.json and a.json computed the same bits, in all {all} items that both have."));
    let found: Vec<Layer> = pair.layers.iter().map(|layer| layer.layer).collect();
    assert_eq!(found, Layer::ALL);
    assert_eq!(pair.layers.iter().map(|layer| layer.counts.all()).sum::<usize>(), all);
    assert!(pair.layers.iter().all(|layer| layer.counts.identical > 0));
}

#[test]
fn a_strict_item_is_equal_or_outside_unless_a_report_is_older_than_the_layer() {
    let pair = with(|report| report.strict[1].sha256 = "0".into());
    let [item] = parted(&pair)[..] else { panic!("{:?}", parted(&pair)) };
    assert_eq!((item.layer, item.verdict), (Layer::Strict, Verdict::Outside));
    let lacking = with(|report| drop(report.strict.remove(0)));
    assert_eq!(lacking.verdict, Verdict::Outside, "an item is missing");
    let older = with(|report| report.strict.clear());
    assert!(older.is_good() && older.causes.is_empty(), "{}", older.sentence);
    assert!(parted(&older).iter().all(|item| (item.layer, item.verdict) == (Layer::Strict, Verdict::Absent)));
}

#[test]
fn an_exact_item_is_equal_or_outside() {
    let pair = with(|report| report.exact[0].sha256 = "0".into());
    let [item] = parted(&pair)[..] else { panic!("{:?}", parted(&pair)) };
    assert_eq!((item.layer, item.name.as_str(), item.verdict), (Layer::Exact, "random words", Verdict::Outside));
    assert!(
        pair.sentence.contains("NOT") && pair.sentence.contains("the exact layer, random words"),
        "{}",
        pair.sentence
    );
    assert!(pair.causes[0].contains("random words") && pair.causes[0].contains("not rounding"), "{:?}", pair.causes);
    let shorter = with(|report| report.exact[0].bytes = 3);
    assert_eq!(parted(&shorter)[0].note, "4 bytes and 3 bytes");
}

#[test]
fn only_a_page_may_lack_pictures() {
    let lacking = |at: usize, shell| {
        with(|report| {
            report.exact.remove(at);
            report.environment.shell = shell;
        })
    };
    let page = lacking(1, Shell::Web);
    assert_eq!((page.verdict, page.is_good()), (Verdict::Absent, true));
    assert!(page.causes.is_empty(), "{:?}", page.causes);
    assert_eq!(lacking(1, Shell::Native).verdict, Verdict::Outside);
    assert_eq!(lacking(0, Shell::Web).verdict, Verdict::Outside);
}

#[test]
fn an_operation_may_round_otherwise_within_its_budget_on_both_sides() {
    let other = |error: Option<f64>| {
        with(|report| {
            let result = &mut report.kernels.results[0];
            (result.sha256, result.relative.max) = ("0".into(), error);
        })
    };
    for (error, verdict) in [(Some(2e-6), Verdict::Within), (Some(2.1e-6), Verdict::Outside), (None, Verdict::Outside)]
    {
        let pair = other(error);
        let [item] = parted(&pair)[..] else { panic!("{:?}", parted(&pair)) };
        assert_eq!((item.group.as_str(), item.name.as_str(), item.verdict), ("tanh", "[2, 3], output", verdict));
        assert_eq!(item.measure.map(|measure| (measure.found, measure.allowed)), Some((error, Some(2e-6))));
        assert_eq!(pair.is_good(), verdict == Verdict::Within);
        assert!(pair.causes[0].contains("tanh"), "{:?}", pair.causes);
    }
    // A report cannot allow itself more than the reference does.
    let generous = with(|report| {
        let result = &mut report.kernels.results[0];
        (result.sha256, result.relative.max, result.budget) = ("0".into(), Some(0.5), 1.0);
    });
    assert_eq!(generous.verdict, Verdict::Outside);
}

#[test]
fn plans_of_an_operation_are_told_apart() {
    let pair = with(|report| {
        let result = &mut report.kernels.results[2];
        assert_eq!(result.plan, Some(DeviceClass::Discrete));
        result.sha256 = "0".into();
    });
    assert_eq!(parted(&pair)[0].name, "[2, 3], discrete, output");
    let row = rows(&pair.items).into_iter().find(|row| row.group == "conv2d").unwrap();
    assert_eq!((row.counts.identical, row.counts.within, row.verdict), (1, 1, Verdict::Within));
    assert_eq!(row.first.as_deref(), Some("[2, 3], discrete, output"));
}

#[test]
fn what_one_report_lacks_is_outside() {
    let operation = with(|report| report.kernels.results.truncate(1));
    assert_eq!(parted(&operation).len(), 2);
    assert!(parted(&operation).iter().all(|item| item.note == "only a.json has it"), "{:?}", parted(&operation));
    let run = with(|report| report.training.truncate(1));
    assert_eq!(parted(&run)[0].place(), "the run all labels, run");
    assert_eq!(run.verdict, Verdict::Outside);
}
