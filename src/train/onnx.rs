//! The trained networks as ONNX files: the averaged generator, and the teacher.
//!
//! An entry of a file's metadata is a text; lists are JSON. `docs/onnx.md` explains all of them.

use burn::tensor::ExecutionError;
use serde_json::json;

use super::checkpoint::Header;
use super::state::State;
use crate::config::Partition;
use crate::data::ImageShape;
use crate::labels::{Labeler, LatentPartition};
use crate::onnx::{Graph, Scope};

/// A network that other programs can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// The averaged generator: `latents` `[n, dim]`, and `labels` `[n, labels]` if it is conditional, to `images`
    /// `[n, channels, size, size]` in -1 to 1.
    Generator,
    /// The teacher: `images` to `probabilities` `[n, labels]`, as [`Labeler::probabilities`] gives them.
    Teacher,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
    /// The classifier has never learned.
    #[error(
        "there is no teacher: the classifier had nothing to learn from (no labels, and classifier.generated_weight \
         is 0)"
    )]
    NoTeacher,
    /// The device could not be read.
    #[error("reading the device failed: {0}")]
    Device(#[from] ExecutionError),
}

/// Texts by key.
type Metadata = Vec<(String, String)>;

/// Writes a network of a state.
///
/// # Errors
/// If the device cannot be read, or the teacher is wanted but its classifier has never learned.
pub async fn write(network: Network, state: &State, header: &Header) -> Result<Vec<u8>, OnnxError> {
    let mut graph = Graph::default();
    let (name, of_network) = match network {
        Network::Generator => ("generator", add_generator(&mut graph, state, header)),
        Network::Teacher => ("teacher", add_teacher(&mut graph, state, header)?),
    };
    let mut metadata = metadata_of_run(name, header);
    metadata.extend(of_network);
    Ok(graph.write(name, metadata).await?)
}

/// What all files say.
fn metadata_of_run(network: &str, header: &Header) -> Metadata {
    let Header { subject, config, step, .. } = header;
    let mut metadata = vec![
        entry("network", network),
        entry("version", crate::VERSION),
        entry("step", step),
        entry("seed", config.seed),
        entry("data", &subject.data),
        entry("class_names", json!(subject.class_names)),
    ];
    if let Some(cells) = subject.cells {
        let classes: Vec<usize> = (0..subject.label_count).map(|label| cells.class_of(label)).collect();
        metadata.push(entry("class_of_label", json!(classes)));
    }
    metadata
}

fn add_generator(graph: &mut Graph, state: &State, header: &Header) -> Metadata {
    let Header { subject, config, .. } = header;
    let (dim, count, image) = (config.latent.dim, subject.label_count, subject.image);
    let latents = graph.input("latents", &[dim]);
    let mut metadata = vec![entry("input.latents", format!("float32 [n, {dim}]"))];
    let labels = config.generator.conditional.then(|| {
        metadata.push(entry("input.labels", format!("float32 [n, {count}]: one-hot, 1 at the artificial label")));
        graph.input("labels", &[count])
    });
    let images = state.average.describe(&latents, labels.as_ref(), &mut Scope::new(graph, "generator"));
    graph.output("images", &images, &dims(image));
    metadata.push(entry("output.images", described(image)));
    metadata.extend(metadata_of_latents(header));
    metadata
}

/// How latents with a label are drawn.
fn metadata_of_latents(header: &Header) -> Metadata {
    let latent = &header.config.latent;
    let partition = LatentPartition::new(latent, header.subject.label_count, header.config.seed);
    let (name, rule) = match latent.partition {
        Partition::Voronoi => ("voronoi", "normal; the label is the anchor with the largest inner product"),
        Partition::Mixture => ("mixture", "latent.radius * anchor of the label + normal noise"),
        Partition::Orthogonal => {
            ("orthogonal", "latent.radius * anchor of the label + normal noise without its components along anchors")
        }
    };
    let anchors = match partition.drawn_anchors() {
        Some(anchors) => json!(anchors.chunks_exact(partition.dim()).collect::<Vec<_>>()),
        None => json!("axes"),
    };
    vec![
        entry("latent.partition", name),
        entry("latent.rule", rule),
        entry("latent.radius", latent.radius),
        entry("latent.anchors", anchors),
    ]
}

fn add_teacher(graph: &mut Graph, state: &State, header: &Header) -> Result<Metadata, OnnxError> {
    let Header { subject, config, updates: [.., classifier_updates], .. } = header;
    if *classifier_updates == 0 {
        return Err(OnnxError::NoTeacher);
    }
    let (count, image) = (subject.label_count, subject.image);
    let images = graph.input("images", &dims(image));
    let labeler = Labeler::new(&state.teacher, subject.cells, config);
    let probabilities = labeler.describe(&images, &mut Scope::new(graph, "teacher"));
    graph.output("probabilities", &probabilities, &[count]);
    Ok(vec![
        entry("input.images", described(image)),
        entry("output.probabilities", format!("float32 [n, {count}]: of the artificial labels, after softmax; sum 1")),
        entry("prior_correction", config.classifier.prior_correction),
        entry("gate.tau", config.gate.tau),
    ])
}

fn dims(ImageShape { channels, size }: ImageShape) -> [usize; 3] {
    [channels, size, size]
}

fn described(ImageShape { channels, size }: ImageShape) -> String {
    let colors = if channels == 1 { "grey" } else { "red, green, blue" };
    format!("float32 [n, {channels}, {size}, {size}]: {colors}; from -1 (dark) to 1 (bright), bytes / 127.5 - 1")
}

fn entry(key: &str, text: impl ToString) -> (String, String) {
    (key.to_owned(), text.to_string())
}
