//! ONNX files: their structure, and what a reader that knows only the standard computes with them.

mod evaluator;
mod networks;
mod operators;
mod tensor;

use std::collections::BTreeMap;

use burn::tensor::Device;
use pollster::block_on;
use prost::Message;
use serde_json::{Value, json};
use slgan::data::{ImageShape, Images};
use slgan::labels::{Labeler, LatentPartition, one_hot};
use slgan::nn::Statistics;
use slgan::onnx::proto::{GraphProto, ModelProto, ValueInfoProto};
use slgan::train::checkpoint::Header;
use slgan::train::onnx::{Network, OnnxError, write};
use slgan::train::state::State;

use evaluator::outputs;
use networks::{LABELS, latents, trained};
use tensor::Tensor;

/// Settings and shapes of images that have every operation: all presets, both enlargements, with and without labels.
const CASES: [(&[&str], ImageShape); 4] = [
    (&["generator.enlargement=nearest"], ImageShape { channels: 1, size: 28 }),
    (&["generator.conditional=true"], ImageShape { channels: 3, size: 48 }),
    (&["preset=small", "classifier.prior_correction=false"], ImageShape { channels: 3, size: 64 }),
    (&["preset=cifar", "generator.conditional=true"], ImageShape { channels: 3, size: 32 }),
];

/// Images of a batch.
const BATCH: usize = 2;

fn model(network: Network, state: &State, header: &Header) -> ModelProto {
    let bytes = block_on(write(network, state, header)).expect("a network");
    ModelProto::decode(bytes.as_slice()).expect("a message")
}

fn graph(network: Network, state: &State, header: &Header) -> GraphProto {
    model(network, state, header).graph.expect("a graph")
}

fn metadata(model: &ModelProto) -> BTreeMap<&str, &str> {
    model.metadata_props.iter().map(|entry| (entry.key.as_str(), entry.value.as_str())).collect()
}

/// The name of an input or output, and its shape; the batch has a name.
fn shape(info: &ValueInfoProto) -> (&str, Vec<String>) {
    let tensor = info.r#type.as_ref().and_then(|of| of.tensor_type.as_ref()).expect("a tensor");
    let axes = tensor.shape.iter().flat_map(|shape| &shape.dim);
    let size = |axis: &slgan::onnx::proto::Dimension| match (axis.dim_value, &axis.dim_param) {
        (Some(size), None) => size.to_string(),
        (None, Some(name)) => name.clone(),
        other => panic!("{}: {other:?}", info.name),
    };
    (&info.name, axes.map(size).collect())
}

#[track_caller]
fn agree(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let worst = found.iter().zip(expected).fold(0.0, |worst: f32, (a, b)| worst.max((a - b).abs()));
    assert!(worst <= tolerance, "{what}: differs by {worst}");
    let mean = expected.iter().sum::<f32>() / expected.len() as f32;
    let spread = expected.iter().fold(0.0, |most: f32, x| most.max((x - mean).abs()));
    assert!(spread > 1_000.0 * tolerance, "{what}: all numbers are alike, so the comparison says little");
}

#[test]
fn a_generator_makes_the_same_images() {
    let device = Device::flex();
    for (settings, image) in CASES {
        let (mut state, header) = trained(settings, image);
        let graph = graph(Network::Generator, &state, &header);
        let dim = header.config.latent.dim;
        let vectors = latents(BATCH, dim, 9);
        let labels = one_hot(&[3, 7], LABELS, &device);
        let mut inputs = vec![("latents", Tensor::new(&[BATCH, dim], vectors.clone().into_data().iter().collect()))];
        if header.config.generator.conditional {
            inputs.push(("labels", Tensor::new(&[BATCH, LABELS], labels.clone().into_data().iter().collect())));
        }
        let found = &outputs(&graph, &inputs)["images"];
        let expected = state.average.forward(vectors, &labels, Statistics::Kept);
        assert_eq!(found.dims, expected.dims());
        let expected: Vec<f32> = expected.into_data().iter().collect();
        assert!(expected.iter().filter(|x| x.abs() > 0.99).count() < expected.len() / 2, "too few free pixels");
        agree(&format!("{settings:?} at {image}"), &found.values, &expected, 1e-4);
    }
}

#[test]
fn a_teacher_finds_the_same_probabilities() {
    for (settings, shape) in CASES {
        let (state, header) = trained(settings, shape);
        let graph = graph(Network::Teacher, &state, &header);
        let pixels: Vec<u8> = (0..BATCH * shape.bytes()).map(|place| (place * 7919 % 251) as u8).collect();
        let values = pixels.iter().map(|&byte| f32::from(byte) / 127.5 - 1.0).collect();
        let input = Tensor::new(&[BATCH, shape.channels, shape.size, shape.size], values);
        let found = &outputs(&graph, &[("images", input)])["probabilities"];
        assert_eq!(found.dims, [BATCH, LABELS]);
        let labeler = Labeler::new(&state.teacher, header.subject.cells, &header.config);
        let images = Images { shape, pixels };
        let expected = block_on(labeler.probabilities(&images, &Device::flex(), async || ())).expect("a device");
        let expected: Vec<f32> = expected.into_iter().flatten().map(|x| x as f32).collect();
        agree(&format!("{settings:?} at {shape}"), &found.values, &expected, 1e-5);
    }
}

#[test]
fn inputs_and_outputs_have_the_sizes_of_the_run() {
    let (state, header) = trained(CASES[1].0, CASES[1].1);
    let generator = graph(Network::Generator, &state, &header);
    let teacher = graph(Network::Teacher, &state, &header);
    let sizes = |list: &[&str]| list.iter().map(|&size| size.to_owned()).collect::<Vec<_>>();
    let of = |list: &[ValueInfoProto]| {
        list.iter().map(shape).map(|(name, sizes)| (name.to_owned(), sizes)).collect::<Vec<_>>()
    };
    let images = ("images".to_owned(), sizes(&["n", "3", "48", "48"]));
    let of_latents = ("latents".to_owned(), sizes(&["n", "64"]));
    assert_eq!(of(&generator.input), [of_latents.clone(), ("labels".to_owned(), sizes(&["n", "10"]))]);
    assert_eq!(of(&generator.output), std::slice::from_ref(&images));
    assert_eq!(of(&teacher.input), [images]);
    assert_eq!(of(&teacher.output), [("probabilities".to_owned(), sizes(&["n", "10"]))]);

    let (state, header) = trained(CASES[0].0, CASES[0].1);
    assert_eq!(of(&graph(Network::Generator, &state, &header).input), [of_latents]);
}

#[test]
fn the_metadata_say_what_the_numbers_mean() {
    let (state, mut header) = trained(CASES[0].0, CASES[0].1);
    let generator = model(Network::Generator, &state, &header);
    assert_eq!((generator.producer_name.as_str(), generator.producer_version.as_str()), ("slgan", slgan::VERSION));
    let versions: Vec<_> = generator.opset_import.iter().map(|set| (set.domain.as_deref(), set.version)).collect();
    assert_eq!((generator.ir_version, versions), (8, vec![(Some(""), 17)]));

    let of_generator = metadata(&generator);
    let parsed = |key: &str| serde_json::from_str::<Value>(of_generator[key]).expect("JSON");
    assert_eq!((of_generator["network"], of_generator["version"]), ("generator", slgan::VERSION));
    assert_eq!((of_generator["step"], of_generator["data"]), ("7", "folder:pictures"));
    assert_eq!(parsed("class_names"), json!(["cat", "the \"dog\""]));
    assert_eq!(parsed("class_of_label"), json!([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]));
    assert!(of_generator["output.images"].contains("[n, 1, 28, 28]") && of_generator["output.images"].contains("-1"));
    assert_eq!((of_generator["latent.partition"], of_generator["latent.radius"]), ("orthogonal", "1.5"));
    let anchors: Vec<Vec<f32>> = serde_json::from_str(of_generator["latent.anchors"]).expect("rows of numbers");
    let partition = LatentPartition::new(&header.config.latent, LABELS, header.config.seed);
    assert_eq!(anchors.len(), LABELS);
    assert!(anchors.iter().enumerate().all(|(label, anchor)| *anchor == *partition.anchor(label)));

    header.subject.cells = None;
    let teacher = model(Network::Teacher, &state, &header);
    let of_teacher = metadata(&teacher);
    assert_eq!((of_teacher["network"], of_teacher["gate.tau"]), ("teacher", "0.9"));
    assert!(of_teacher["output.probabilities"].contains("softmax"));
    assert!(!of_teacher.contains_key("class_of_label"), "labels belong to no class");
}

#[test]
fn a_classifier_that_never_learned_is_no_teacher() {
    let (state, mut header) = trained(CASES[0].0, CASES[0].1);
    header.updates[2] = 0;
    let error = block_on(write(Network::Teacher, &state, &header)).expect_err("no teacher");
    assert!(matches!(error, OnnxError::NoTeacher) && error.to_string().contains("classifier.generated_weight"));
    assert!(block_on(write(Network::Generator, &state, &header)).is_ok());
}

/// A file of ONNX's own library, which `tests/fixtures/make_onnx.py` made.
const SMALL: &[u8] = include_bytes!("../fixtures/small.onnx");

#[test]
fn messages_are_those_of_onnx() {
    let model = ModelProto::decode(SMALL).expect("a message");
    assert_eq!(model.encode_to_vec(), SMALL, "no field is lost or has another number");
    let graph = model.graph.as_ref().expect("a graph");
    assert_eq!((graph.name.as_str(), graph.node.len(), graph.initializer.len()), ("small", 4, 2));
    assert_eq!(shape(&graph.output[0]), ("y", vec!["n".to_owned(), "3".to_owned()]));
    assert_eq!(metadata(&model), BTreeMap::from([("key", "value")]));
}

/// ONNX Runtime 1.32 gave these sums.
#[test]
fn the_evaluator_reads_a_file_like_onnx_runtime() {
    let graph = ModelProto::decode(SMALL).expect("a message").graph.expect("a graph");
    let x = Tensor::new(&[1, 3, 4, 4], (0..48).map(|x| (x - 20) as f32).collect());
    let found = &outputs(&graph, &[("x", x)])["y"];
    assert_eq!(*found, Tensor::new(&[1, 3], vec![-50.0, 62.375, 312.0]));
}
