//! The real images: read from a data set, or known only by statistics in a file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use slgan::data::{DataSpec, ImageShape, Images, LoadOptions, Split};
use slgan::eval::{DataFacts, Extractor, FeatureSet, Metric, Origin, Real, Statistics, few_images};
use slgan::metrics::GaussianStats;
use slgan::train::task::fingerprint;

use super::real_cache;
use crate::cli::{self, EvalArgs};
use crate::counter::Counter;
use crate::failure::{Usage, usage};
use crate::{atomic, dataset, device, regular_file};

/// Images that are read at once.
const BATCH: usize = 250;

/// The real images.
pub enum RealImages {
    /// Images of a data set.
    Loaded { facts: DataFacts, split: Split, class_names: Vec<String> },
    /// Mean and covariance of their features.
    Known { facts: DataFacts, statistics: Box<Statistics> },
}

impl RealImages {
    /// Loads a part of a data set, whose images must have the shape that the extractor takes.
    ///
    /// # Errors
    /// If it cannot be read, has another shape, or has fewer than two images.
    pub fn load(spec: &DataSpec, args: &EvalArgs, extractor: &Extractor) -> Result<Self> {
        let expected = extractor.facts().image;
        let folder_shape = expected.unwrap_or(folder_shape(args));
        let options = LoadOptions { folder_shape, skip_bad: args.skip_bad, ..LoadOptions::default() };
        let data = dataset::load(spec, &options)?;
        data.notes.iter().for_each(|note| say!("data: {note}"));
        let found = data.train.images.shape;
        if let Some(expected) = expected.filter(|&expected| expected != found) {
            let message = format!("--data {spec}: images of {found} pixels, but the extractor takes {expected}");
            return Err(Usage::new(message).into());
        }
        let (fingerprint, class_names) = (fingerprint(&data), data.class_names.clone());
        let split = dataset::part(data, args.split);
        if split.len() < 2 {
            let (name, count) = (split_name(args.split), split.len());
            return Err(
                Usage::new(format!("--data {spec}: at least 2 real images are needed; {name} has {count}")).into()
            );
        }
        let facts = DataFacts {
            spec: spec.to_string(),
            split: Some(split_name(args.split).to_owned()),
            images: Some(split.len()),
            shape: Some(found),
            fingerprint: Some(fingerprint),
        };
        Ok(Self::Loaded { facts, split, class_names })
    }

    /// Reads statistics, which must be of the extractor's features.
    ///
    /// # Errors
    /// If they cannot be read, or are of another extractor (exit code 2).
    pub fn from_statistics(path: &Path, extractor: &Extractor) -> Result<Self> {
        let named = |error: &dyn std::fmt::Display| usage(format!("--statistics {}: {error}", path.display()));
        let bytes = regular_file::read(path).map_err(|error| named(&error))?;
        let statistics = Statistics::read(&bytes).map_err(|error| named(&error))?;
        statistics.check(&extractor.facts()).map_err(|error| named(&error))?;
        let facts = match &statistics.origin {
            Some(Origin { data, .. }) => data.clone(),
            None => {
                let spec = path.display().to_string();
                DataFacts { spec, split: None, images: None, shape: None, fingerprint: None }
            }
        };
        Ok(Self::Known { facts, statistics: Box::new(statistics) })
    }

    /// How many images there are, if that is known.
    pub fn count(&self) -> Option<usize> {
        let (Self::Loaded { facts, .. } | Self::Known { facts, .. }) = self;
        facts.images
    }

    /// Shape of the images, if that is known.
    pub fn shape(&self) -> Option<ImageShape> {
        let (Self::Loaded { facts, .. } | Self::Known { facts, .. }) = self;
        facts.shape
    }

    /// Names of the classes; none of statistics.
    pub fn class_names(&self) -> &[String] {
        match self {
            Self::Loaded { class_names, .. } => class_names,
            Self::Known { .. } => &[],
        }
    }

    /// The images, if they are at hand.
    pub fn split(&self) -> Option<&Split> {
        match self {
            Self::Loaded { split, .. } => Some(split),
            Self::Known { .. } => None,
        }
    }

    /// What a reader of scores by these metrics should know about them.
    pub fn notes(&self, extractor: &Extractor, metrics: &[Metric]) -> Vec<String> {
        let facts = extractor.facts();
        match self {
            Self::Loaded { class_names, .. } if extractor.class_names().is_some_and(|own| own != class_names) => {
                let trained_on = facts.trained_on.unwrap_or_default();
                vec![format!("the judge was trained on {trained_on}, which has other classes than the real images")]
            }
            Self::Loaded { .. } => Vec::new(),
            Self::Known { statistics, facts: data } => {
                let unknown = "the statistics do not say which network and images they are of";
                let count = data.images.filter(|_| metrics.contains(&Metric::Fid));
                let few = count.and_then(|count| few_images("real images", count, facts.features));
                statistics.origin.is_none().then(|| unknown.to_owned()).into_iter().chain(few).collect()
            }
        }
    }
}

/// Shape of the images that a folder of pictures becomes if nothing else decides it.
pub fn folder_shape(args: &EvalArgs) -> ImageShape {
    ImageShape { channels: 3, size: usize::from(args.size) }
}

/// What scores need of the real images, and what a protocol says of them. Writes their statistics if a flag asks for it.
///
/// # Errors
/// If the device cannot be read, or the file cannot be written.
pub fn known(real: &RealImages, args: &EvalArgs, extractor: &Extractor, device: &Device) -> Result<(DataFacts, Real)> {
    let (facts, split, class_names) = match real {
        RealImages::Known { facts, statistics } => {
            let gaussian = statistics.gaussian.clone();
            return Ok((facts.clone(), Real { gaussian, set: None, class_names: Vec::new() }));
        }
        RealImages::Loaded { facts, split, class_names } => (facts, split, class_names),
    };
    let origin = Origin { extractor: extractor.facts(), data: facts.clone() };
    let statistics = match real_cache::find(&origin) {
        // The images may be elsewhere now.
        Some(statistics) => Statistics { origin: Some(origin), ..statistics },
        None => {
            let statistics = measured(split, extractor, origin.clone(), device)?;
            real_cache::keep(&origin, &statistics);
            statistics
        }
    };
    if let Some(path) = &args.save_statistics {
        let file = Statistics { features: None, ..statistics.clone() };
        atomic::write_file(path, &file.write()?)?;
        say!("the statistics of the real images are in {}", path.display());
    }
    let Statistics { gaussian, features: Some(features), .. } = statistics else {
        bail!("statistics of images at hand have their features");
    };
    let mut set = FeatureSet::new(gaussian.dim(), 0);
    set.labels = split.labels.iter().map(|label| label.map(usize::from)).collect();
    set.features = features;
    Ok((facts.clone(), Real { gaussian, set: Some(set), class_names: class_names.clone() }))
}

fn measured(split: &Split, extractor: &Extractor, origin: Origin, device: &Device) -> Result<Statistics> {
    let shape = split.images.shape;
    let dim = extractor.facts().features;
    let mut features = Vec::with_capacity(split.len() * dim);
    let mut counter = Counter::new("real images:", "images", split.len() as u64);
    for pixels in split.images.pixels.chunks(BATCH * shape.bytes()) {
        let images = Images { shape, pixels: pixels.to_vec() };
        features.extend(device::block_on(extractor.read(&images, device))??.features);
        counter.update((features.len() / dim) as u64, "");
    }
    let gaussian = GaussianStats::from_features(&features, dim).context("real images")?;
    Ok(Statistics { gaussian, origin: Some(origin), features: Some(features) })
}

fn split_name(split: cli::Split) -> &'static str {
    match split {
        cli::Split::Train => "train",
        cli::Split::Test => "test",
        cli::Split::All => "all",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inception takes images of any shape, so only the statistics know that of theirs.
    #[test]
    fn statistics_know_the_shape_of_their_images() {
        let shape = Some(ImageShape { channels: 3, size: 64 });
        let facts =
            DataFacts { spec: "folder:x".into(), split: None, images: Some(9), shape, fingerprint: Some("0".into()) };
        let gaussian = GaussianStats::from_parts(vec![0.0], vec![1.0]).unwrap();
        let statistics = Box::new(Statistics { gaussian, origin: None, features: None });
        assert_eq!(RealImages::Known { facts, statistics }.shape(), shape);
    }
}
