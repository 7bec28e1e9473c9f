//! Progress of a suite, in lines.

use slgan::repro::{Layer, Progress, SuiteShell};

/// Prints a line whenever something else begins.
#[derive(Debug, Default)]
pub struct Lines {
    last: Option<(Layer, String)>,
}

impl SuiteShell for Lines {
    async fn progress(&mut self, progress: Progress) {
        let Progress { layer, share, what } = progress;
        let (name, what) = match layer {
            Layer::Exact => ("exact", what),
            Layer::Strict => ("strict", what),
            // One line for the layer; its parts are too many.
            Layer::Kernels => ("kernels", "every operation beside float64".to_owned()),
            Layer::Training => ("training", what),
        };
        let now = Some((layer, what));
        if now != self.last {
            if let Some((_, what)) = &now {
                say!("{name:<9}{:>4.0} %  {what}", 100.0 * share);
            }
            self.last = now;
        }
    }
}
