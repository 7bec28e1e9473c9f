//! The state before the first step: initial weights, and the bytes of its checkpoint.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;
use serde::Deserialize;

use super::item::{of_bytes, of_numbers};
use crate::data::Dataset;
use crate::nn::parameters;
use crate::repro::error::SuiteError;
use crate::repro::report::ExactItem;
use crate::repro::settings::compared;
use crate::repro::tasks::PLANS;
use crate::train::state::State;
use crate::train::{checkpoint, seal};

pub async fn items(data: &Arc<Dataset>) -> Result<Vec<ExactItem>, SuiteError> {
    let task = PLANS[1].task(data, 1);
    let state = State::new(&task.config, &task.architecture(), &Device::flex());
    let files = checkpoint::write(&state, &task.config, &task.subject).await?;
    let about = "The initial weights of this network, sorted by name.";
    Ok(vec![
        of_numbers("initial weights, generator", about, weights(&state.generator.network).await?),
        of_numbers("initial weights, discriminator", about, weights(&state.discriminator.network).await?),
        of_numbers("initial weights, classifier", about, weights(&state.classifier.network).await?),
        of_bytes("checkpoint, tensors", "The checkpoint of the state before the first step.", &files.tensors),
        of_bytes(
            "checkpoint, header",
            "Its header, which names the version of the program.",
            &comparable(&files.header),
        ),
    ])
}

/// The header as the first reports have it: without later keys of the configuration, and sealed again.
fn comparable(header: &[u8]) -> Vec<u8> {
    let sealed: Sealed = serde_json::from_slice(header).expect("we have just written it");
    let mut header = compared(header);
    seal::close_again(&mut header, &sealed.seal);
    header
}

/// The part of a header that fits only the whole.
#[derive(Deserialize)]
struct Sealed {
    seal: String,
}

async fn weights<M: Module>(network: &M) -> Result<Vec<f32>, SuiteError> {
    let mut weights = Vec::new();
    for tensor in parameters::values(network).into_values() {
        weights.extend(tensor.into_data_async().await?.iter::<f32>());
    }
    Ok(weights)
}
