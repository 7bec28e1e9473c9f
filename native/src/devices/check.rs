//! `slgan devices --check`: whether a device computes every operation correctly. Run it first on a new GPU or driver,
//! and before a bug report.

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use slgan::kernels::checks::{self, Outcome};

use crate::device::{self, Opened};

/// Compares every operation of a device with float64, and prints a summary. The exit code is 1 if a result is wrong.
///
/// # Errors
/// If the device does not exist (exit code 2), or cannot be opened.
pub fn check(choice: &str, as_json: bool) -> Result<ExitCode> {
    let opened = device::open(choice)?;
    say!("checking every operation on {} ..", opened.name);
    let summary = Summary::new(described(&opened), device::block_on(checks::run(&opened.device))?);
    if as_json {
        result!("{}", summary.json());
    } else {
        result!("{summary}");
    }
    Ok(ExitCode::from(summary.exit_code()))
}

/// The device's name and driver.
fn described(opened: &Opened) -> String {
    match &opened.driver {
        Some(driver) => format!("{}, driver {driver}", opened.name),
        None => opened.name.clone(),
    }
}

/// The outcomes on one device.
struct Summary {
    device: String,
    operations: Vec<Operation>,
    failures: Vec<Outcome>,
}

/// How many results of an operation are right.
#[derive(Debug, PartialEq)]
struct Operation {
    name: &'static str,
    results: usize,
    right: usize,
    /// The largest error as a share of its budget: above 1, a result is wrong; NaN if a result is not finite.
    worst: f64,
}

impl Summary {
    /// Counts outcomes per operation, in the order of the checks.
    fn new(device: String, outcomes: Vec<Outcome>) -> Self {
        let mut operations: Vec<Operation> = Vec::new();
        for outcome in &outcomes {
            let place = operations.iter().position(|operation| operation.name == outcome.kernel);
            let place = place.unwrap_or_else(|| {
                operations.push(Operation { name: outcome.kernel, results: 0, right: 0, worst: 0.0 });
                operations.len() - 1
            });
            operations[place].add(outcome);
        }
        Self { device, operations, failures: outcomes.into_iter().filter(|outcome| !outcome.passes()).collect() }
    }

    fn results(&self) -> usize {
        self.operations.iter().map(|operation| operation.results).sum()
    }

    fn right(&self) -> usize {
        self.operations.iter().map(|operation| operation.right).sum()
    }

    /// 0 if every result is right. Without results, the check fails.
    fn exit_code(&self) -> u8 {
        u8::from(self.results() == 0 || self.right() < self.results())
    }

    fn json(&self) -> Value {
        let operations = self.operations.iter().map(|operation| {
            let Operation { name, results, right, worst } = operation;
            json!({ "name": name, "results": results, "right": right, "worst": worst })
        });
        let failures = self.failures.iter().map(|outcome| {
            let Outcome { kernel, case, result, error, budget, .. } = outcome;
            json!({ "operation": kernel, "case": case, "result": result, "error": error, "budget": budget })
        });
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "device": self.device,
            "results": self.results(),
            "right": self.right(),
            "operations": operations.collect::<Vec<_>>(),
            "failures": failures.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "slgan {} on {}", env!("CARGO_PKG_VERSION"), self.device)?;
        writeln!(formatter, "\n{:<24}{:>14}{:>26}", "operation", "right", "largest share of budget")?;
        for Operation { name, results, right, worst } in &self.operations {
            let right = format!("{right} of {results}");
            writeln!(formatter, "{name:<24}{right:>14}{:>24.0} %", 100.0 * worst)?;
        }
        writeln!(formatter)?;
        for outcome in &self.failures {
            writeln!(formatter, "wrong: {outcome}")?;
        }
        write!(formatter, "{} of {} results are right", self.right(), self.results())
    }
}

impl Operation {
    fn add(&mut self, outcome: &Outcome) {
        self.results += 1;
        self.right += usize::from(outcome.passes());
        // A budget of 0 means equal bits.
        let share = if outcome.error == 0.0 { 0.0 } else { outcome.error / outcome.budget };
        // `max` would ignore NaN.
        self.worst = if self.worst.is_nan() || share <= self.worst { self.worst } else { share };
    }
}

#[cfg(test)]
mod tests {
    use slgan::kernels::checks::Figures;

    use super::*;

    fn outcome(kernel: &'static str, error: f64) -> Outcome {
        Outcome { kernel, case: format!("of {error}"), result: "y", error, budget: 0.5, figures: Figures::default() }
    }

    fn summary(errors: &[(&'static str, f64)]) -> Summary {
        let outcomes = errors.iter().map(|&(kernel, error)| outcome(kernel, error)).collect();
        Summary::new("a device".into(), outcomes)
    }

    #[test]
    fn all_right_is_a_success() {
        let summary = summary(&[("tanh", 0.0), ("adam", 0.25), ("tanh", 0.5)]);
        let operations = [
            Operation { name: "tanh", results: 2, right: 2, worst: 1.0 },
            Operation { name: "adam", results: 1, right: 1, worst: 0.5 },
        ];
        assert_eq!((&summary.operations[..], summary.exit_code()), (&operations[..], 0));
        let text = summary.to_string();
        assert!(text.starts_with("slgan ") && text.contains(" on a device\n"), "{text}");
        assert!(text.ends_with("\n3 of 3 results are right") && !text.contains("wrong"), "{text}");
    }

    #[test]
    fn one_wrong_result_is_reported_in_full_and_is_a_failure() {
        let summary = summary(&[("tanh", 0.25), ("tanh", 0.75), ("adam", 0.0)]);
        assert_eq!(summary.exit_code(), 1);
        let text = summary.to_string();
        assert!(text.contains("1 of 2") && text.contains("150 %") && text.contains("1 of 1"), "{text}");
        assert!(text.contains(&outcome("tanh", 0.75).to_string()), "{text}");
        assert!(text.ends_with("\n2 of 3 results are right"), "{text}");

        let found = summary.json();
        assert_eq!((&found["results"], &found["right"], &found["device"]), (&3.into(), &2.into(), &"a device".into()));
        let operation = json!({ "name": "tanh", "results": 2, "right": 1, "worst": 1.5 });
        assert_eq!(found["operations"][0], operation);
        let failure = json!({ "operation": "tanh", "case": "of 0.75", "result": "y", "error": 0.75, "budget": 0.5 });
        assert_eq!(found["failures"], json!([failure]));
    }

    #[test]
    fn an_error_that_is_not_finite_stays_the_worst() {
        let summary = summary(&[("tanh", 0.25), ("tanh", f64::NAN), ("tanh", 0.25)]);
        assert!(summary.operations[0].worst.is_nan());
        assert_eq!((summary.exit_code(), summary.failures.len()), (1, 1));
    }

    #[test]
    fn nothing_checked_is_a_failure() {
        assert_eq!(summary(&[]).exit_code(), 1);
    }
}
