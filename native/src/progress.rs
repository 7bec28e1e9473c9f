//! Shows the progress of training on standard error.
//!
//! On a terminal, one line redraws itself. Elsewhere (a log, a pipe), a plain line follows every few seconds, so that a
//! log stays readable.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use slgan::train::event::StepFigures;

use crate::compiling::Compiling;
use crate::output::printable;

/// Time between two plain lines.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);
/// Time between two counts of compiled kernels on a terminal.
const REDRAW: Duration = Duration::from_millis(250);
/// A short bar, so that the line fits 100 columns.
const TEMPLATE: &str = "{bar:6.cyan/dim} {msg}";

/// Shows users how training progresses.
pub struct Progress {
    total_steps: u64,
    start_step: u64,
    started: Instant,
    display: Display,
}

/// Where the lines go.
enum Display {
    Bar(ProgressBar),
    Plain { last: Option<Instant> },
    Quiet,
}

impl Progress {
    /// Progress from `start_step` (0 unless resumed) to `total_steps`. If `quiet`, it shows only warnings.
    pub fn new(total_steps: u64, start_step: u64, quiet: bool) -> Self {
        let display = match (quiet, stderr().is_terminal()) {
            (true, _) => Display::Quiet,
            (false, false) => Display::Plain { last: None },
            (false, true) => {
                let style = ProgressStyle::with_template(TEMPLATE).expect("the template is constant and valid");
                let bar = ProgressBar::new(total_steps).with_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
                Display::Bar(bar.with_position(start_step))
            }
        };
        Self { total_steps, start_step, started: Instant::now(), display }
    }

    /// Shows the figures of a step, and the number of real images per second.
    pub fn update(&mut self, figures: &StepFigures, images_per_second: f64) {
        let text = format_line(figures, images_per_second, self.total_steps, self.time_left(figures.step));
        match &mut self.display {
            Display::Bar(bar) => {
                bar.set_position(figures.step);
                bar.set_message(text);
            }
            Display::Plain { last } => {
                let is_due = last.is_none_or(|last| last.elapsed() >= PLAIN_INTERVAL);
                if is_due || figures.step == self.total_steps {
                    *last = Some(Instant::now());
                    say!("{text}");
                }
            }
            Display::Quiet => {}
        }
    }

    /// Shows how kernels are compiled before there are figures; none if the run is quiet.
    pub fn compiling(&self) -> Option<Compiling> {
        match &self.display {
            Display::Bar(bar) => {
                let bar = bar.clone();
                Some(Compiling::watch(REDRAW, move |text| bar.set_message(text)))
            }
            Display::Plain { .. } => Some(Compiling::watch(PLAIN_INTERVAL, |text| say!("{text}"))),
            Display::Quiet => None,
        }
    }

    /// Shows a line that stays, such as an evaluation, unless the run is quiet.
    pub fn note(&self, text: &str) {
        if !matches!(self.display, Display::Quiet) {
            self.warn(text);
        }
    }

    /// Shows a line that stays, even in a quiet run.
    pub fn warn(&self, text: &str) {
        match &self.display {
            Display::Bar(bar) => bar.println(printable(text)),
            Display::Plain { .. } | Display::Quiet => say!("{text}"),
        }
    }

    /// Removes the progress line.
    pub fn clear(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }

    /// The time that the remaining steps take at the average speed of this process.
    fn time_left(&self, step: u64) -> Option<Duration> {
        let done = step.checked_sub(self.start_step).filter(|&done| done > 0)?;
        let ratio = self.total_steps.saturating_sub(step) as f64 / done as f64;
        Duration::try_from_secs_f64(self.started.elapsed().as_secs_f64() * ratio).ok()
    }
}

/// The line of a step, in at most 93 columns for runs of up to 999,999 steps.
fn format_line(figures: &StepFigures, images_per_second: f64, total_steps: u64, left: Option<Duration>) -> String {
    let [d, g, c] = [figures.d_loss, figures.g_loss, figures.c_loss].map(loss);
    let [gate, labels] = [figures.gate_coverage, figures.label_agreement].map(percent);
    let left = left.filter(|_| figures.step < total_steps).map(|left| format!("  {} left", coarse(left)));
    format!(
        "step {}/{total_steps}  d {d}  g {g}  c {c}  gate {gate}  labels {labels}  {:.0} img/s{}",
        figures.step,
        images_per_second,
        left.unwrap_or_default()
    )
}

fn loss(value: Option<f64>) -> String {
    let Some(value) = value else { return "-".into() };
    match value.abs() {
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0e}"),
    }
}

fn percent(fraction: Option<f64>) -> String {
    fraction.map_or_else(|| "-".into(), |fraction| format!("{:.0}%", fraction * 100.0))
}

/// An estimated time in one unit.
fn coarse(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 90.0 => format!("{seconds:.0} s"),
        seconds if seconds < 90.0 * 60.0 => format!("{:.0} min", seconds / 60.0),
        seconds if seconds < 48.0 * 3600.0 => format!("{:.0} h", seconds / 3600.0),
        seconds => format!("{:.0} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: StepFigures = StepFigures {
        step: 500,
        d_loss: Some(1.02),
        g_loss: Some(0.31),
        c_loss: Some(0.44),
        gate_coverage: Some(0.58),
        label_agreement: Some(0.814),
    };

    #[test]
    fn a_step_reads_as_one_line() {
        let line = format_line(&LINE, 1250.4, 3000, Some(Duration::from_secs(118)));
        let expected = "step 500/3000  d 1.02  g 0.31  c 0.44  gate 58%  labels 81%  1250 img/s  2 min left";
        assert_eq!(line, expected);
    }

    #[test]
    fn unknown_rates_and_the_last_step() {
        let line = StepFigures {
            step: 9,
            d_loss: Some(f64::NAN),
            g_loss: Some(-2.5e8),
            c_loss: None,
            gate_coverage: None,
            label_agreement: None,
        };
        let line = format_line(&line, 1250.4, 9, Some(Duration::ZERO));
        assert_eq!(line, "step 9/9  d NaN  g -2e8  c -  gate -  labels -  1250 img/s");
    }

    #[test]
    fn the_widest_line_fits_beside_the_bar() {
        let widest = StepFigures {
            step: 999_998,
            d_loss: Some(99.94),
            g_loss: Some(-99.94),
            c_loss: Some(99.94),
            gate_coverage: Some(1.0),
            label_agreement: Some(1.0),
        };
        let line = format_line(&widest, 99_999.0, 999_999, Some(Duration::from_secs(89 * 60)));
        assert!(line.len() + 7 <= 100, "{}: {line}", line.len() + 7);
    }

    #[test]
    fn times_are_coarse() {
        let texts = [0.2, 89.0, 119.0, 5_000.0, 7_300.0, 500_000.0].map(|s| coarse(Duration::from_secs_f64(s)));
        assert_eq!(texts, ["0 s", "89 s", "2 min", "83 min", "2 h", "6 days"]);
    }
}
