//! `slgan export`: writes a trained model to one small file, or one of its networks as ONNX.

use anyhow::{Context, Result};
use slgan::train::bundle;
use slgan::train::onnx::{self, Network, OnnxError};

use crate::atomic;
use crate::cli::{ExportArgs, ModelArgs, OnnxNetwork};
use crate::failure::Usage;
use crate::model::Model;

/// Writes the bundle or a network of a run's checkpoint.
///
/// # Errors
/// If the run cannot be read, does not have the network, or the file cannot be written.
pub fn export(args: &ExportArgs) -> Result<()> {
    let model = ModelArgs { run: args.run.clone(), checkpoint: args.checkpoint, device: "cpu".into() };
    let model = Model::open(&model)?;
    let default = args.run.join(args.onnx.map_or("model.slgan", default_name));
    let out = args.out.as_ref().unwrap_or(&default);
    let bytes = match args.onnx {
        Some(network) => network_of(&model, network, args)?,
        None => {
            pollster::block_on(bundle::write(&model.state, &model.header)).with_context(|| out.display().to_string())?
        }
    };
    atomic::write_file(out, &bytes)?;
    result!("{}: {} bytes", out.display(), bytes.len());
    Ok(())
}

fn network_of(model: &Model, network: OnnxNetwork, args: &ExportArgs) -> Result<Vec<u8>> {
    let run = args.run.display();
    pollster::block_on(onnx::write(network.into(), &model.state, &model.header)).map_err(|error| match error {
        OnnxError::NoTeacher => Usage::new(format!("{run}: {error}")).into(),
        OnnxError::Device(_) => anyhow::Error::from(error).context(run.to_string()),
    })
}

fn default_name(network: OnnxNetwork) -> &'static str {
    match network {
        OnnxNetwork::Generator => "generator.onnx",
        OnnxNetwork::Teacher => "teacher.onnx",
    }
}

impl From<OnnxNetwork> for Network {
    fn from(network: OnnxNetwork) -> Self {
        match network {
            OnnxNetwork::Generator => Self::Generator,
            OnnxNetwork::Teacher => Self::Teacher,
        }
    }
}
