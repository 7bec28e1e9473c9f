//! Small trained-looking networks: fresh ones with other numbers wherever a fresh network has zeros and ones.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use slgan::config::{Config, parse_setting};
use slgan::data::ImageShape;
use slgan::labels::{Cells, one_hot};
use slgan::nn::architecture::TrunkKind;
use slgan::nn::{Architecture, Statistics, parameters};
use slgan::rng::{Purpose, Stream, stream};
use slgan::train::checkpoint::Header;
use slgan::train::state::State;
use slgan::train::task::Subject;

/// Artificial labels of all networks here.
pub const LABELS: usize = 10;

/// A state as a checkpoint would have it, and its header.
pub fn trained(settings: &[&str], image: ImageShape) -> (State, Header) {
    let layers: Vec<_> = settings.iter().map(|setting| parse_setting(setting).expect("a setting")).collect();
    let config = Config::from_layers(&layers).expect("a configuration");
    let architecture = Architecture::new(&config, image, LABELS);
    let mut state = State::new(&config, &architecture, &Device::flex());
    let mut draws = stream(1, Purpose::Test, 0);
    let residual = architecture.trunk == TrunkKind::Residual;
    state.average = changed(state.average, |name, value| alter(name, value, residual, &mut draws));
    state.teacher = changed(state.teacher, |name, value| alter(name, value, residual, &mut draws));
    // Statistics as a step leaves them.
    let labels: Vec<usize> = (0..2 * LABELS).map(|index| index % LABELS).collect();
    let batch = latents(labels.len(), config.latent.dim, 1);
    state.average.forward(batch, &one_hot(&labels, LABELS, &Device::flex()), Statistics::Batch);
    (state, header(config, image))
}

fn alter(name: &str, value: f32, residual: bool, draws: &mut Stream) -> f32 {
    match name.rsplit('.').next() {
        Some("scale" | "shift" | "bias") => value + 0.3 * draws.normal(),
        // Some are below the least that a prior counts for.
        Some("prior") => value * draws.between(-0.5, 2.0).max(1e-3),
        // A sum over positions is large, and a softmax of large numbers hides differences.
        Some("weight") if residual && name == "classifier.output.weight" => 0.01 * value,
        _ => value,
    }
}

fn changed<M: Module>(network: M, mut of: impl FnMut(&str, f32) -> f32) -> M {
    let mut values = parameters::values(&network);
    for (name, value) in &mut values {
        let numbers: Vec<f32> = value.clone().into_data().iter::<f32>().map(|x| of(name, x)).collect();
        let length = numbers.len();
        *value = Tensor::from_data(TensorData::new(numbers, [length]), &Device::flex());
    }
    parameters::with_values(network, &mut values)
}

fn header(config: Config, image: ImageShape) -> Header {
    let subject = Subject {
        data: "folder:pictures".into(),
        image,
        train_images: 100,
        fingerprint: "0123456789ab".into(),
        class_names: vec!["cat".into(), "the \"dog\"".into()],
        label_count: LABELS,
        cells: Some(Cells::new(LABELS, 2).expect("five labels for each class")),
    };
    Header {
        format: 2,
        version: slgan::VERSION.into(),
        step: 7,
        updates: [7; 3],
        sha256: String::new(),
        subject,
        config,
        device_class: Default::default(),
    }
}

/// Normal latents `[count, dim]`.
pub fn latents(count: usize, dim: usize, step: u64) -> Tensor<2> {
    let numbers = stream(2, Purpose::Test, step).normals(count * dim);
    Tensor::from_data(TensorData::new(numbers, [count, dim]), &Device::flex())
}
