//! `slgan export`: writes a trained model to one small file.

use anyhow::{Context, Result};
use slgan::train::bundle;

use crate::atomic;
use crate::cli::{ExportArgs, ModelArgs};
use crate::model::Model;

/// Writes the bundle of a run's checkpoint.
///
/// # Errors
/// If the run cannot be read or the file cannot be written.
pub fn export(args: &ExportArgs) -> Result<()> {
    let model = ModelArgs { run: args.run.clone(), checkpoint: args.checkpoint, device: "cpu".into() };
    let model = Model::open(&model)?;
    let bytes = pollster::block_on(bundle::write(&model.state, &model.header))
        .with_context(|| args.out.display().to_string())?;
    atomic::write_file(&args.out, &bytes)?;
    result!("{}: {} bytes", args.out.display(), bytes.len());
    Ok(())
}
