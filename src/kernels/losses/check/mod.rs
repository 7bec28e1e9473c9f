//! Losses and their gradients from the definitions.

mod cases;
mod problem;

use crate::kernels::compare::{Outcome, Target, on_device};
use cases::{bad_arguments, entropies, hinges, sums};
use problem::{Loss, Problem};

/// Checks values and gradients of all losses, alone and with a factor that makes every gradient about 1.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for problem in hinges().into_iter().chain(entropies()).chain(sums()) {
        for factor in [1.0, -1.5 * problem.dims[0] as f64] {
            outcomes.extend(check_gradient(&problem, factor, target).await);
        }
    }
    for problem in bad_arguments() {
        let loss =
            problem.run(on_device(&problem.argument, problem.dims, &target.device), &target.device, target.launch);
        let mut case = problem.case("");
        case.expect("loss", loss, &[problem.solve().0]).await;
        outcomes.extend(case.outcomes());
        // The slope at a score that is not finite is undefined.
        if matches!(problem.loss, Loss::Set { .. } | Loss::Trusted { .. })
            || problem.argument.iter().all(|x| x.is_finite())
        {
            outcomes.extend(check_gradient(&problem, 1.0, target).await);
        }
    }
    outcomes
}

/// The cases of the reproducibility suite: every loss at one ragged or usual size, with a factor that makes every
/// gradient about 1.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let chosen = |problem: &Problem| [[7, 1], [64, 10], [160, 10]].contains(&problem.dims);
    for problem in hinges().into_iter().chain(entropies()).chain(sums()).filter(chosen) {
        outcomes.extend(check_gradient(&problem, -1.5 * problem.dims[0] as f64, target).await);
    }
    outcomes
}

async fn check_gradient(problem: &Problem, factor: f64, target: &Target) -> Vec<Outcome> {
    let device = target.device.clone().autodiff();
    let argument = on_device(&problem.argument, problem.dims, &device).require_grad();
    let loss = problem.run(argument.clone(), &device, target.launch);
    let mut gradients = (loss.clone() * factor).backward();
    let (expected_loss, expected_gradient) = problem.solve();
    let expected_gradient: Vec<f64> = expected_gradient.into_iter().map(|slope| slope * factor).collect();
    let mut case = problem.case(&format!(", times {factor}"));
    case.expect("loss", loss, &[expected_loss]).await;
    let gradient = argument.grad_remove(&mut gradients).expect("the argument is tracked");
    case.expect("gradient of the argument", gradient, &expected_gradient).await;
    case.outcomes()
}
