//! What `reference/estimate.json` holds: results of scipy.

use serde::Deserialize;
use slgan::metrics::*;

use crate::inputs::assert_close;

#[derive(Deserialize)]
struct Reference {
    quantiles: Vec<Quantile>,
    pairs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Quantile {
    probability: f64,
    degrees: usize,
    t: f64,
}

#[derive(Deserialize)]
struct Pair {
    from: Vec<f64>,
    to: Vec<Option<f64>>,
    first: Expected,
    difference: Expected,
}

#[derive(Deserialize)]
struct Expected {
    count: usize,
    mean: f64,
    deviation: f64,
    low: f64,
    high: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/estimate.json")).expect("the reference file parses")
}

#[test]
fn quantiles_agree_with_scipy() {
    let quantiles = reference().quantiles;
    assert_eq!(quantiles.len(), 52);
    for Quantile { probability, degrees, t } in quantiles {
        let found = two_sided_t(probability, degrees);
        assert_close(found, t, 1e-9, &format!("{probability} at {degrees} degrees of freedom"));
    }
}

#[test]
fn means_and_paired_differences_agree_with_scipy() {
    let pairs = reference().pairs;
    assert_eq!(pairs.len(), 5);
    for Pair { from, to, first, difference } in pairs {
        assert_is(Estimate::of(&from), &first);
        let from: Vec<Option<f64>> = from.into_iter().map(Some).collect();
        assert_is(Estimate::of_differences(&from, &to), &difference);
    }
}

fn assert_is(found: Option<Estimate>, expected: &Expected) {
    let found = found.expect("there are measurements");
    let [low, high] = found.interval().expect("there are several");
    let name = format!("{} values", expected.count);
    assert_eq!(found.count, expected.count);
    assert_close(found.mean, expected.mean, 1e-12, &name);
    assert_close(found.deviation.expect("there are several"), expected.deviation, 1e-12, &name);
    assert_close(low, expected.low, 1e-9, &name);
    assert_close(high, expected.high, 1e-9, &name);
}

#[test]
fn few_values_say_little() {
    assert_eq!(Estimate::of(&[]), None);
    assert_eq!(Estimate::of_differences(&[Some(1.0), None], &[None, Some(1.0)]), None);
    let one = Estimate::of(&[3.0]).expect("a value");
    assert_eq!((one, one.interval()), (Estimate { count: 1, mean: 3.0, deviation: None }, None));
}
