//! Progress of work that is counted: images read, steps done.
//!
//! As for training, one line redraws itself on a terminal, and elsewhere a plain line follows every few seconds.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two plain lines.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// A short bar, so that the line fits 100 columns.
const TEMPLATE: &str = "{prefix} {bar:20.cyan/dim} {pos}/{len} {unit} {msg} {eta} left";

/// Shows how far a counted work is.
pub struct Counter {
    what: String,
    unit: &'static str,
    total: u64,
    bar: Option<ProgressBar>,
    last: Instant,
}

impl Counter {
    /// Progress of `what` through `total` things, called `unit`.
    pub fn new(what: impl Into<String>, unit: &'static str, total: u64) -> Self {
        let what = what.into();
        let bar = stderr().is_terminal().then(|| {
            let template = TEMPLATE.replace("{unit}", unit);
            let style = ProgressStyle::with_template(&template).expect("the template is constant and valid");
            ProgressBar::new(total).with_style(style.progress_chars("█▉▊▋▌▍▎▏ ")).with_prefix(what.clone())
        });
        Self { what, unit, total, bar, last: Instant::now() }
    }

    /// Shows that `done` things are done, with a note on them.
    pub fn update(&mut self, done: u64, note: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(note.to_owned());
        } else if self.last.elapsed() >= PLAIN_INTERVAL {
            self.last = Instant::now();
            say!("{}", line(&self.what, self.unit, [done, self.total], note));
        }
    }
}

impl Drop for Counter {
    /// Removes the line.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn line(what: &str, unit: &str, [done, total]: [u64; 2], note: &str) -> String {
    format!("{what} {done}/{total} {unit} {note}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_says_what_is_counted() {
        assert_eq!(line("real images", "images", [250, 10_000], ""), "real images 250/10000 images");
        assert_eq!(line("judge", "steps", [50, 2_800], "loss 1.20"), "judge 50/2800 steps loss 1.20");
    }
}
