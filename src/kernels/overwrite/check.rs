//! Tensors that lie alone, side by side, and side by side in another order than their values.

use burn::tensor::Tensor;

use crate::kernels::compare::{Case, Outcome, Target, numbers, on_device};
use crate::kernels::overwrite::overwrite_with;
use crate::kernels::pack::{Places, pack_with, unpack};

/// Elements of each tensor: one alone, exact multiples of an invocation's share and of the alignment, and ragged ones.
const CASES: [&[usize]; 4] = [&[1], &[257], &[64, 256, 1], &[257, 3, 65, 128, 1, 999]];

/// Copies are exact.
const BUDGET: f64 = 0.0;

/// Checks the tensors of one buffer, and of two.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for counts in CASES {
        let values: Vec<Vec<f64>> = counts.iter().zip(0..).map(|(&count, number)| numbers(number, count)).collect();
        outcomes.extend(check_case(&values, "", target).await);
        let mut values = values;
        values[0][0] = f64::NAN;
        outcomes.extend(check_case(&values, " with NaN", target).await);
    }
    outcomes
}

async fn check_case(values: &[Vec<f64>], note: &str, target: &Target) -> Vec<Outcome> {
    let counts: Vec<usize> = values.iter().map(Vec::len).collect();
    let mut case = Case::new("overwrite", format!("{counts:?}{note}"), BUDGET);
    let alone = |values: &[Vec<f64>]| -> Vec<Tensor<1>> {
        values.iter().map(|values| on_device(values, [values.len()], &target.device)).collect()
    };
    let places = Places::new(&counts);
    let packed = |values: &[Vec<f64>]| unpack(pack_with(alone(values), &places, target.launch), &places);
    let others: Vec<Vec<f64>> = counts.iter().zip(100..).map(|(&count, number)| numbers(number, count)).collect();
    let forms = [
        ("alone", alone(&others), alone(values)),
        ("side by side", packed(&others), packed(values)),
        ("values side by side", alone(&others), packed(values)),
        ("targets side by side", packed(&others), alone(values)),
    ];
    for (form, targets, new) in forms {
        for (found, values) in overwrite_with(targets, new, target.launch).into_iter().zip(values) {
            case.expect(form, found, values).await;
        }
    }
    let reversed: Vec<Vec<f64>> = values.iter().rev().cloned().collect();
    let (targets, new) = (packed(&others).into_iter().rev().collect(), packed(values).into_iter().rev().collect());
    for (found, values) in overwrite_with(targets, new, target.launch).into_iter().zip(&reversed) {
        case.expect("in the opposite order", found, values).await;
    }
    let both = packed(values);
    for (found, values) in overwrite_with(both.clone(), both, target.launch).into_iter().zip(values) {
        case.expect("in their places", found, values).await;
    }
    case.outcomes()
}
