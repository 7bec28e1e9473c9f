//! The images to measure: of a run, of a folder or zip of pictures, or in a NumPy archive.
//!
//! A run's images and those of an archive are read in parts, so that memory does not grow with their number.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result};
use slgan::data::numpy::{ArrayImages, ImageBatch};
use slgan::data::spec::Location;
use slgan::data::{DataError, DataSpec, FileSet, ImageShape, Images, LoadOptions, Split};
use slgan::eval::{Extractor, SubjectFacts, TeacherScores};
use slgan::labels::Latents;
use slgan::train::evaluation::label_quality;
use slgan::train::generation;

use super::real::{self, RealImages};
use crate::cli::EvalArgs;
use crate::device::{self, Opened};
use crate::failure::{Usage, usage};
use crate::model::Model;
use crate::run_folder::RunFolder;
use crate::{cli, dataset};

/// Images that are read at once.
const BATCH: usize = 250;

/// Images of a run that is measured beside statistics, which do not say how many images they are of.
const COUNT_BESIDE_STATISTICS: usize = 10_000;

/// The images to measure.
pub enum Subject {
    /// What a run's generator makes of latents.
    Run { model: Box<Model>, latents: Latents, are_classes: bool },
    /// Pictures, whose labels are numbers of the real classes if all of their folders have such a name.
    Pictures { kind: &'static str, split: Split, are_classes: bool },
    /// An archive of arrays.
    Arrays { images: ArrayImages<BufReader<File>>, are_classes: bool },
}

/// Takes images, with a label or none for each.
pub type Each<'a> = &'a mut dyn FnMut(Images, Vec<Option<usize>>) -> Result<()>;

enum Kind {
    Run,
    Folder,
    Zip,
    Npz,
}

/// Checks a path before anything is read, and that only a run is asked for a number of images.
///
/// # Errors
/// If there is nothing, or something else (exit code 2).
pub fn check(path: &Path, count: Option<usize>) -> Result<()> {
    match kind(path)? {
        Kind::Run => Ok(()),
        _ if count.is_some() => {
            Err(Usage::new(format!("--count is for runs: {} has as many images as there are", path.display())).into())
        }
        _ => Ok(()),
    }
}

fn kind(path: &Path) -> Result<Kind> {
    let has_ending = |ending: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    if path.is_dir() {
        let is_run = RunFolder::at(path).config_path().is_file();
        return Ok(if is_run { Kind::Run } else { Kind::Folder });
    }
    match path.is_file() {
        true if has_ending("npz") => Ok(Kind::Npz),
        true if has_ending("zip") => Ok(Kind::Zip),
        _ => Err(Usage::new(format!(
            "{}: expected a run folder, a folder of pictures, a .zip of pictures or a .npz of arrays",
            path.display()
        ))
        .into()),
    }
}

impl Subject {
    /// Opens the images to measure, which must have the shape that the extractor takes.
    ///
    /// # Errors
    /// If they cannot be read, or have another shape.
    pub fn open(args: &EvalArgs, real: &RealImages, extractor: &Extractor, opened: &Opened) -> Result<Self> {
        let path = &args.subject;
        let shape = real.shape().or(extractor.facts().image);
        let subject = match kind(path)? {
            Kind::Run => Self::run(args, real, opened)?,
            Kind::Folder => {
                Self::pictures("folder", path, shape.unwrap_or(real::folder_shape(args)), real, args.skip_bad)?
            }
            Kind::Zip => Self::pictures("zip", path, shape.unwrap_or(real::folder_shape(args)), real, args.skip_bad)?,
            Kind::Npz => Self::arrays(path, real)?,
        };
        let found = subject.shape();
        match shape.filter(|&shape| shape != found) {
            None => Ok(subject),
            Some(shape) => {
                let message = format!("{}: images of {found} pixels, but the real ones have {shape}", path.display());
                Err(Usage::new(message).into())
            }
        }
    }

    fn run(args: &EvalArgs, real: &RealImages, opened: &Opened) -> Result<Self> {
        let model = Model::open_on(&args.subject, &args.checkpoint, opened)?;
        let count = args.count.or(real.count()).unwrap_or(COUNT_BESIDE_STATISTICS);
        let labels = match model.state.histogram(&model.header.config) {
            Some(table) => table.spread(count),
            None => (0..model.partition.label_count()).collect(),
        };
        let latents = generation::numbered(&model.partition, &labels, count, 1.0, args.seed);
        let subject = &model.header.subject;
        let are_classes = subject.cells.is_some() && subject.class_names == real.class_names();
        Ok(Self::Run { model: Box::new(model), latents, are_classes })
    }

    fn pictures(
        kind: &'static str,
        path: &Path,
        folder_shape: ImageShape,
        real: &RealImages,
        skip_bad: bool,
    ) -> Result<Self> {
        let location = Location::Dir(path.to_string_lossy().into_owned());
        let options = LoadOptions { folder_shape, skip_bad, only_this_size: true, ..LoadOptions::default() };
        let data = dataset::load(&DataSpec::Files { set: FileSet::Folder, location }, &options)?;
        data.notes.iter().filter(|note| !note.contains("held out")).for_each(|note| say!("{}: {note}", path.display()));
        let names = data.class_names.clone();
        let mut split = dataset::part(data, cli::Split::All);
        let class = |name: &String| real.class_names().iter().position(|class| class == name);
        let classes: Option<Vec<usize>> = names.iter().map(class).collect();
        if let Some(classes) = &classes {
            let renamed = |label: Option<u16>| label.map(|label| classes[usize::from(label)] as u16);
            split.labels.iter_mut().for_each(|label| *label = renamed(*label));
        }
        Ok(Self::Pictures { kind, split, are_classes: classes.is_some() })
    }

    fn arrays(path: &Path, real: &RealImages) -> Result<Self> {
        let named = || path.display().to_string();
        let file = File::open(path).with_context(named)?;
        let images = ArrayImages::open(BufReader::new(file)).map_err(|error| usage(format!("{}: {error}", named())))?;
        let classes = real.class_names().len();
        let are_classes = images.labels().is_some_and(|labels| labels.iter().all(|&label| label < classes));
        Ok(Self::Arrays { images, are_classes })
    }

    fn shape(&self) -> ImageShape {
        match self {
            Self::Run { model, .. } => model.header.subject.image,
            Self::Pictures { split, .. } => split.images.shape,
            Self::Arrays { images, .. } => images.shape(),
        }
    }

    /// What a protocol says of them.
    pub fn facts(&self, path: &Path) -> SubjectFacts {
        let (kind, images, step) = match self {
            Self::Run { model, latents, .. } => ("run", latents.labels.len(), Some(model.header.step)),
            Self::Pictures { kind, split, .. } => (*kind, split.len(), None),
            Self::Arrays { images, .. } => ("npz", images.count(), None),
        };
        let path = path.display().to_string();
        SubjectFacts { kind: kind.to_owned(), path, images, shape: self.shape(), step }
    }

    /// Whether a label is the number of a class.
    pub fn labels_are_classes(&self, args: &EvalArgs) -> bool {
        let (Self::Run { are_classes, .. } | Self::Pictures { are_classes, .. } | Self::Arrays { are_classes, .. }) =
            self;
        *are_classes && !args.arbitrary_labels
    }

    /// Passes all images on, in parts.
    ///
    /// # Errors
    /// If they cannot be read or generated, or `each` fails.
    pub fn for_each(&mut self, each: Each) -> Result<()> {
        match self {
            Self::Run { model, latents, are_classes } => run_images(model, latents, *are_classes, each),
            Self::Pictures { split, .. } => picture_images(split, each),
            Self::Arrays { images, .. } => images
                .for_each(BATCH, |ImageBatch { images, labels }| {
                    let count = images.count();
                    let labels =
                        labels.map_or_else(|| vec![None; count], |labels| labels.into_iter().map(Some).collect());
                    each(images, labels).map_err(ArrayFailure::Other)
                })
                .map_err(ArrayFailure::into_error),
        }
    }

    /// How good the labels of a run's teacher are on the real images; none of other subjects, or if it was not asked for.
    ///
    /// # Errors
    /// If the device cannot be read.
    pub fn teacher(&self, real: &RealImages, args: &EvalArgs) -> Result<Option<TeacherScores>> {
        let (Self::Run { model, .. }, Some(split)) = (self, real.split()) else { return Ok(None) };
        let subject = &model.header.subject;
        if !args.metrics.contains(&slgan::eval::Metric::Labels) || subject.class_names != real.class_names() {
            return Ok(None);
        }
        let labeler = model.labeler();
        let predictions = device::block_on(labeler.label(&split.images, &model.device, async || ()))??;
        Ok(Some(label_quality(subject, &split.labels, model.header.step, &predictions, labeler.tau).into()))
    }
}

/// Why reading an archive stopped.
enum ArrayFailure {
    Data(DataError),
    Other(anyhow::Error),
}

impl From<DataError> for ArrayFailure {
    fn from(error: DataError) -> Self {
        Self::Data(error)
    }
}

impl ArrayFailure {
    fn into_error(self) -> anyhow::Error {
        match self {
            Self::Data(error) => error.into(),
            Self::Other(error) => error,
        }
    }
}

fn run_images(model: &Model, latents: &Latents, are_classes: bool, each: Each) -> Result<()> {
    let (subject, dim) = (&model.header.subject, model.partition.dim());
    let class = |label: &usize| subject.cells.filter(|_| are_classes).map_or(*label, |cells| cells.class_of(*label));
    for (vectors, labels) in latents.vectors.chunks(BATCH * dim).zip(latents.labels.chunks(BATCH)) {
        let part = Latents { vectors: vectors.to_vec(), labels: labels.to_vec() };
        let images = generation::generate(&model.state.average, &model.partition, &part, subject.image, &model.device);
        each(device::block_on(images)??, labels.iter().map(class).map(Some).collect())?;
    }
    Ok(())
}

fn picture_images(split: &Split, each: Each) -> Result<()> {
    let shape = split.images.shape;
    for (pixels, labels) in split.images.pixels.chunks(BATCH * shape.bytes()).zip(split.labels.chunks(BATCH)) {
        let labels = labels.iter().map(|label| label.map(usize::from)).collect();
        each(Images { shape, pixels: pixels.to_vec() }, labels)?;
    }
    Ok(())
}
