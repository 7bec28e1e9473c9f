//! The layer of kernels, from the checks of the operations.

mod derivations;

use std::collections::BTreeMap;

use burn::tensor::Device;

use super::report::{Direction, Errors, KernelResult, KernelsLayer, short};
use crate::kernels::checks::{self, Outcome, Section};
use crate::kernels::class::DeviceClass;

/// Runs every operation. `breathe` is awaited after each, with the share that is done.
pub async fn layer(device: &Device, mut breathe: impl AsyncFnMut(f64)) -> KernelsLayer {
    let sections = checks::suite(device, async |done, all| breathe(done as f64 / all as f64).await).await;
    let results = sections
        .into_iter()
        .flat_map(|Section { plan, outcomes }| outcomes.into_iter().map(move |outcome| result(outcome, plan)));
    KernelsLayer { derivations: derivations::all(), results: numbered(results.collect()) }
}

/// Numbers cases that are alike but for their inputs, so that each result has a name of its own.
fn numbered(mut results: Vec<KernelResult>) -> Vec<KernelResult> {
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    for found in &mut results {
        let name = (found.operation.clone(), found.case.clone(), found.plan, found.result.clone());
        let count = seen.entry(name).or_default();
        *count += 1;
        if *count > 1 {
            found.case = format!("{}, number {count}", found.case);
        }
    }
    results
}

fn result(outcome: Outcome, plan: Option<DeviceClass>) -> KernelResult {
    let Outcome { kernel, case, result, error, budget, figures } = outcome;
    // The class stands beside the case, so that cases have the same name in every plan.
    let case = match plan.and_then(|plan| case.strip_suffix(plan.name())) {
        Some(case) => case.trim_end().to_owned(),
        None => case,
    };
    KernelResult {
        operation: kernel.to_owned(),
        case,
        plan,
        result: result.to_owned(),
        direction: if result.starts_with("gradient") { Direction::Backward } else { Direction::Forward },
        count: figures.count as u64,
        sha256: figures.digest,
        relative: Errors { max: short(error), mean: short(figures.mean_error) },
        ulps: Errors { max: short(figures.largest_ulps), mean: short(figures.mean_ulps) },
        budget: short(budget).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::checks::Figures;

    fn outcome(case: &str, result: &'static str, error: f64) -> Outcome {
        let figures = Figures { count: 3, digest: "ab".into(), mean_error: error, largest_ulps: 2.0, mean_ulps: 1.0 };
        Outcome { kernel: "conv2d", case: case.into(), result, error, budget: 1e-5, figures }
    }

    #[test]
    fn a_case_has_the_same_name_in_every_plan() {
        for class in DeviceClass::ALL {
            let found = result(outcome(&format!("[1, 2] {class}"), "gradient of the bias", 0.5), Some(class));
            assert_eq!((found.case.as_str(), found.plan), ("[1, 2]", Some(class)));
            assert_eq!(found.direction, Direction::Backward);
            assert_eq!(found.relative, Errors { max: Some(0.5), mean: Some(0.5) });
        }
        let found = result(outcome("[3]", "output", f64::NAN), None);
        assert_eq!((found.case.as_str(), found.direction), ("[3]", Direction::Forward));
        assert_eq!(found.relative, Errors { max: None, mean: None });
        assert!(!found.within_budget());
    }

    #[test]
    fn every_result_has_a_name_of_its_own() {
        let results = [("a", "output"), ("a", "output"), ("a", "loss"), ("b", "output"), ("a", "output")];
        let results = results.map(|(case, output)| result(outcome(case, output, 0.5), None)).to_vec();
        let cases: Vec<String> = numbered(results).into_iter().map(|result| result.case).collect();
        assert_eq!(cases, ["a", "a, number 2", "a", "b", "a, number 3"]);
    }
}
