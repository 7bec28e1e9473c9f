//! A report in a few lines.

use std::fmt;

use slgan::repro::report::{KernelResult, Parting, Report, TrainingRun};

/// What a report says about its own device.
pub struct Summary<'a>(&'a Report);

impl<'a> Summary<'a> {
    /// The summary of a report.
    pub fn of(report: &'a Report) -> Self {
        Self(report)
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { suite, environment, exact, strict, kernels, training, .. } = self.0;
        writeln!(formatter, "slgan {}, suite {suite}, on {}", environment.version, environment.device.name)?;
        writeln!(formatter, "exact     {} hashes, which must be the same everywhere", exact.len())?;
        writeln!(formatter, "strict    {} hashes of strict arithmetic, which must be as well", strict.len())?;
        let (all, bad) = (kernels.results.len(), self.0.outside().count());
        writeln!(formatter, "kernels   {} of {all} results are within their budgets", all - bad)?;
        for result in self.0.outside() {
            writeln!(formatter, "          outside: {}", named(result))?;
        }
        for run in training {
            writeln!(formatter, "training  {}", described(run))?;
        }
        let verdict = if self.0.is_good() {
            "This device agrees with float64 and with itself."
        } else {
            "This device does not agree with float64 or with itself."
        };
        write!(formatter, "{verdict} Compare the report with another one to see whether they agree.")
    }
}

fn named(result: &KernelResult) -> String {
    let KernelResult { operation, case, plan, result, relative, budget, .. } = result;
    let plan = plan.map(|plan| format!(", kernels for {plan} devices")).unwrap_or_default();
    let error = relative.max.map_or("numbers that are not finite".to_owned(), |error| format!("error {error:.1e}"));
    format!("{operation} {case}{plan}, {result}: {error}, budget {budget:.1e}")
}

fn described(run: &TrainingRun) -> String {
    let repeat = match &run.repeat.parting {
        None => "two runs are the same, bit for bit".to_owned(),
        Some(Parting { step, phase, item }) => {
            let phase = phase.map(|phase| format!(" ({})", phase.name())).unwrap_or_default();
            format!("two runs DIFFER from step {step} on{phase}: {item}")
        }
    };
    let last = run.growth.steps.last().map(|step| step.losses);
    let losses = last.and_then(|losses| Some((losses.device?, losses.tolerance?)));
    let losses = losses.map_or("not finite".to_owned(), |(device, tolerance)| {
        format!("{device:.1e} from those of the CPU (tolerance {tolerance:.1e})")
    });
    format!("{}: {repeat}; last losses {losses}", run.name)
}
