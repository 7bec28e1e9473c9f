//! The cases of `slgan bench kernels`: each kernel at the shapes of a preset's step, and its equivalent in stock burn.
//!
//! A case times the call that launches its kernel. Kernels that are only a part of an operation are launched alone on a
//! GPU (`parts`); the CPU does not have them. Cases of gradients time the backward pass of the operation, with only the
//! tensors of that gradient tracked.

mod batch_norm;
mod bench;
mod conv2d;
mod elementwise;
mod images;
mod labels;
mod optimizer;
mod parts;
mod projection;

pub use bench::Case;

use anyhow::Result;
use slgan::config::{Config, Layer};

use crate::device::Opened;
use bench::Bench;

/// All cases of a preset, on images of 3x32x32.
///
/// # Errors
/// If there is no such preset.
pub fn of_preset(preset: &str, opened: &Opened) -> Result<Vec<Case>> {
    let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
    Ok(all(&Bench::new(preset, &config, opened)))
}

fn all(bench: &Bench) -> Vec<Case> {
    let mut cases = bench.convolutions();
    cases.extend(bench.linear_layers());
    cases.extend(bench.normalization());
    cases.extend(bench.optimizer());
    cases.extend(bench.spectral());
    cases.extend(bench.elementwise());
    cases.extend(bench.images());
    cases.extend(bench.labels());
    cases.extend(bench.projections());
    if bench.is_gpu {
        cases.extend(bench.parts());
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::adapter::gpu;
    use crate::bench::implementation::Implementation;
    use crate::device::open;

    /// Runs each case once, on few images.
    fn run_all(opened: &Opened, implementations: &[Implementation]) {
        let config = Config { batch: 2, ..Config::default() };
        let cases = all(&Bench::new("tiny", &config, opened));
        assert!(cases.len() > 40, "{}: only {} cases", opened.name, cases.len());
        for case in cases {
            for implementation in implementations {
                case.prepare(*implementation)();
                opened.device.sync().unwrap_or_else(|error| panic!("{} {}: {error}", case.name, case.shape));
            }
        }
    }

    #[test]
    fn every_case_runs_on_the_cpu() {
        run_all(&open("cpu").unwrap(), &[Implementation::Ours, Implementation::Stock]);
    }

    /// Stock operations only with `SLGAN_EXHAUSTIVE=1`: burn compiles several kernels for each and takes the fastest.
    #[test]
    fn every_case_runs_on_a_gpu() {
        let is_exhaustive = std::env::var_os("SLGAN_EXHAUSTIVE").is_some();
        let both = [Implementation::Ours, Implementation::Stock];
        if let Some(gpu) = gpu() {
            run_all(&gpu, if is_exhaustive { &both } else { &both[..1] });
        }
    }
}
