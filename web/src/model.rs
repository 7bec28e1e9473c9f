//! A model to look at: the averaged generator and the teacher, from a bundle or from a run in progress.

use std::rc::Rc;

use burn::module::Module;
use burn::tensor::Device;
use serde_json::json;
use slgan::config::Config;
use slgan::data::{ImageShape, Images, picture};
use slgan::image::Picture;
use slgan::kernels::class::DeviceClass;
use slgan::labels::{Labeler, LatentPartition, Latents, Plane, Teacher};
use slgan::nn::{Generator, parameters};
use slgan::train::bundle;
use slgan::train::generation::{between, generate, rows, shown_labels};
use slgan::train::state::State;
use slgan::train::task::{Subject, Task};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device;
use crate::pixels::rgba;
use crate::sentence::sentence;

/// Bundles up to this size run on the CPU: a small network answers sooner without compiling or copying, and leaves the
/// GPU to training.
const SMALL_BUNDLE_BYTES: usize = 1 << 20;

/// What all snapshots of a run share.
pub struct About {
    device: Device,
    config: Config,
    subject: Subject,
    partition: LatentPartition,
}

impl About {
    /// For the run of a task on a device.
    pub fn task(task: &Task, device: &Device) -> Rc<Self> {
        Self::new(task.config.clone(), task.subject.clone(), device.clone())
    }

    fn new(config: Config, subject: Subject, device: Device) -> Rc<Self> {
        let partition = LatentPartition::new(&config.latent, subject.label_count, config.seed);
        Rc::new(Self { device, config, subject, partition })
    }
}

/// The averaged networks after a step. They share their tensors with the state.
pub struct Snapshot {
    about: Rc<About>,
    step: u64,
    generator: Generator,
    teacher: Teacher,
}

impl Snapshot {
    /// The averages of a state.
    pub fn new(state: &State, about: Rc<About>) -> Self {
        Self { about, step: state.step, generator: state.average.clone(), teacher: state.teacher.clone() }
    }

    /// The same in memory of its own: the steps that a GPU repeats overwrite the state's.
    pub fn apart(&self) -> Self {
        Self {
            about: Rc::clone(&self.about),
            step: self.step,
            generator: apart(&self.generator),
            teacher: apart(&self.teacher),
        }
    }

    /// Steps done.
    pub fn step(&self) -> u64 {
        self.step
    }
}

fn apart<M: Module>(network: &M) -> M {
    let values = parameters::values(network).into_iter().map(|(name, value)| (name, value * 1.0));
    parameters::with_values(network.clone(), &mut values.collect())
}

/// A model that makes pictures and labels. Pictures are RGBA bytes, `size * size * 4` each, one after the other.
#[wasm_bindgen]
pub struct Model(Rc<Snapshot>);

impl Model {
    pub fn new(snapshot: Rc<Snapshot>) -> Self {
        Self(snapshot)
    }
}

#[wasm_bindgen]
impl Model {
    /// The model of a bundle, as `slgan export` writes it.
    ///
    /// # Errors
    /// If the bytes are damaged, or not a bundle.
    pub fn load(bytes: &[u8]) -> Result<Self, JsError> {
        let is_small = bytes.len() <= SMALL_BUNDLE_BYTES;
        let (device, class) = if is_small {
            (Device::flex(), DeviceClass::Software)
        } else {
            let opened = device::opened()?;
            (opened.device, opened.class)
        };
        let bundle = bundle::read_for(class, bytes, &device)
            .map_err(|error| JsError::new(&format!("not a usable .slgan file: {error}")))?;
        let about = About::new(bundle.header.config, bundle.header.subject, device);
        let (generator, teacher) = (bundle.generator, bundle.teacher);
        Ok(Self::new(Rc::new(Snapshot { about, step: bundle.header.step, generator, teacher })))
    }

    /// Facts about the model, as JSON.
    pub fn facts(&self) -> String {
        let About { config, subject, .. } = &*self.0.about;
        let classes: Vec<Option<usize>> =
            (0..subject.label_count).map(|label| subject.cells.map(|cells| cells.class_of(label))).collect();
        let facts = json!({
            "step": self.0.step,
            "data": subject.data,
            "labels": subject.label_count,
            "shown": shown_labels(subject.label_count),
            "class_names": subject.class_names,
            "classes": classes,
            "image": subject.image,
            "tau": config.gate.tau,
            "partition": config.latent.partition,
            "radius": config.latent.radius,
            "dim": config.latent.dim,
        });
        facts.to_string()
    }

    /// `columns` pictures of each label that `facts` lists as `shown`, one label per row.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn rows(&self, columns: usize, truncation: f32, seed: u32) -> Result<Vec<u8>, JsError> {
        let labels = shown_labels(self.0.about.subject.label_count);
        self.pictures(rows(self.partition(), &labels, columns, truncation, seed.into())).await
    }

    /// The labels of the plane of two anchors, `resolution * resolution`, from the highest `y` down.
    ///
    /// # Errors
    /// If there are no such anchors.
    pub fn map(
        &self,
        first: usize,
        second: usize,
        truncation: f32,
        seed: u32,
        resolution: usize,
        extent: f32,
    ) -> Result<Vec<u16>, JsError> {
        let labels = self.plane(first, second, truncation, seed)?.map(extent, resolution);
        let narrow = |label| u16::try_from(label).map_err(|_| JsError::new("expected at most 65,536 labels"));
        labels.into_iter().map(narrow).collect()
    }

    /// The picture of a point in that plane.
    ///
    /// # Errors
    /// If there are no such anchors, or the device fails.
    pub async fn at(
        &self,
        first: usize,
        second: usize,
        x: f32,
        y: f32,
        truncation: f32,
        seed: u32,
    ) -> Result<Vec<u8>, JsError> {
        let latent = self.plane(first, second, truncation, seed)?.at(x, y);
        self.pictures(latent).await
    }

    /// The label of a point in that plane.
    ///
    /// # Errors
    /// If there are no such anchors.
    pub fn label_at(
        &self,
        first: usize,
        second: usize,
        x: f32,
        y: f32,
        truncation: f32,
        seed: u32,
    ) -> Result<usize, JsError> {
        Ok(self.plane(first, second, truncation, seed)?.at(x, y).labels[0])
    }

    /// `columns` pictures on the straight line from a latent of one label to a latent of another.
    ///
    /// # Errors
    /// If there are no such labels, or the device fails.
    pub async fn between(
        &self,
        from: usize,
        to: usize,
        columns: usize,
        truncation: f32,
        seed: u32,
    ) -> Result<Vec<u8>, JsError> {
        let labels = self.0.about.subject.label_count;
        if from >= labels || to >= labels || columns < 2 {
            return Err(JsError::new(&format!("expected two labels below {labels} and at least 2 columns")));
        }
        self.pictures(between(self.partition(), [from, to], columns, truncation, seed.into())).await
    }

    /// The teacher's prediction for a picture (a PNG file of any size), as JSON.
    ///
    /// # Errors
    /// If it cannot be decoded, or the device fails.
    pub async fn label(&self, png: Vec<u8>, name: String) -> Result<String, JsError> {
        let About { config, subject, .. } = &*self.0.about;
        let images = Images { shape: subject.image, pixels: self.decode(&png, &name)? };
        let labeler = Labeler::new(&self.0.teacher, subject.cells, config);
        let mut found = labeler.probabilities(&images, &self.0.about.device, async || ()).await.map_err(sentence)?;
        let probabilities = found.pop().unwrap_or_default();
        let prediction = labeler.predict(&probabilities);
        let answer = json!({
            "label": prediction.label,
            "class": prediction.class,
            "class_name": prediction.class.map(|class| &subject.class_names[class]),
            "confidence": prediction.confidence,
            "passes_gate": prediction.passes_gate,
            "probabilities": probabilities,
            "tau": config.gate.tau,
        });
        Ok(answer.to_string())
    }

    /// A picture (a PNG file of any size) as the networks see it.
    ///
    /// # Errors
    /// If it cannot be decoded.
    pub fn preview(&self, png: &[u8], name: &str) -> Result<Vec<u8>, JsError> {
        Ok(rgba(&Picture::single(&self.decode(png, name)?, self.shape())))
    }

    fn decode(&self, png: &[u8], name: &str) -> Result<Vec<u8>, JsError> {
        picture::decode(name, png, self.shape()).map_err(sentence)
    }

    fn shape(&self) -> ImageShape {
        self.0.about.subject.image
    }

    fn partition(&self) -> &LatentPartition {
        &self.0.about.partition
    }

    fn plane(&self, first: usize, second: usize, truncation: f32, seed: u32) -> Result<Plane<'_>, JsError> {
        let labels = self.0.about.subject.label_count;
        if first == second || first >= labels || second >= labels {
            return Err(JsError::new(&format!(
                "expected two different labels below {labels}, found {first}, {second}"
            )));
        }
        Ok(Plane::new(self.partition(), [first, second], truncation, seed.into()))
    }

    async fn pictures(&self, latents: Latents) -> Result<Vec<u8>, JsError> {
        let Snapshot { about, generator, .. } = &*self.0;
        let made = generate(generator, &about.partition, &latents, self.shape(), &about.device).await;
        let images = made.map_err(sentence)?;
        let pixels = images.pixels.chunks_exact(images.shape.bytes());
        Ok(pixels.flat_map(|image| rgba(&Picture::single(image, images.shape))).collect())
    }
}
