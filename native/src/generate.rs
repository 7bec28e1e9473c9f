//! `slgan generate`: pictures from a trained generator.

use std::path::Path;

use anyhow::{Context, Result};
use slgan::data::Images;
use slgan::image::Picture;
use slgan::labels::Latents;
use slgan::train::generation;

use crate::cli::{GenerateArgs, GenerateOutput};
use crate::failure::Usage;
use crate::model::Model;
use crate::{atomic, device, npz};

/// Default number of images in a row of a grid or strip.
const DEFAULT_ROW: usize = 10;

/// Largest number of images in a row: wider pictures are too large to view.
const MAX_ROW: usize = 200;

/// Default number of images for other tools.
const DEFAULT_COUNT: usize = 1_000;

/// Generates images and writes them.
///
/// # Errors
/// If the model cannot be read, a label is not one of its labels, or the output cannot be written.
pub fn generate(args: &GenerateArgs) -> Result<()> {
    let model = Model::open(&args.model)?;
    let labels = chosen_labels(args, model.partition.label_count())?;
    let truncation = args.truncation as f32;
    match args.output() {
        GenerateOutput::Grid(path) => {
            let columns = columns(args)?;
            write_picture(
                &model,
                &generation::rows(&model.partition, &labels, columns, truncation, args.seed),
                columns,
                path,
            )
        }
        GenerateOutput::Interpolate(path) => {
            let columns = columns(args)?.max(2);
            write_picture(
                &model,
                &generation::strips(&model.partition, &labels, columns, truncation, args.seed),
                columns,
                path,
            )
        }
        GenerateOutput::Images(folder) => {
            let (images, latents) = samples(args, &model, &labels)?;
            write_images(&images, &latents, folder)
        }
        GenerateOutput::Npz(path) => {
            let (images, latents) = samples(args, &model, &labels)?;
            atomic::write_file(path, &npz::archive(&images, &latents)?)?;
            result!("{}: {} images", path.display(), images.count());
            Ok(())
        }
    }
}

fn columns(args: &GenerateArgs) -> Result<usize> {
    match args.count.unwrap_or(DEFAULT_ROW) {
        count if count > MAX_ROW => {
            Err(Usage::new(format!("--count {count}: a row of a picture holds at most {MAX_ROW} images")).into())
        }
        count => Ok(count),
    }
}

/// The labels to draw. If the call names none, these are all; a picture with very many labels shows a choice of them.
fn chosen_labels(args: &GenerateArgs, count: usize) -> Result<Vec<usize>> {
    if let Some(label) = args.labels.iter().find(|&&label| label >= count) {
        return Err(Usage::new(format!("--label {label}: the model's labels are 0 to {}", count - 1)).into());
    }
    if !args.labels.is_empty() {
        return Ok(args.labels.clone());
    }
    match args.output() {
        GenerateOutput::Images(_) | GenerateOutput::Npz(_) => Ok((0..count).collect()),
        GenerateOutput::Grid(_) | GenerateOutput::Interpolate(_) => {
            let shown = generation::shown_labels(count);
            if shown.len() < count {
                say!("note: the picture shows {} of {count} labels; choose with --label", shown.len());
            }
            Ok(shown)
        }
    }
}

/// Images for other tools; they take the chosen labels in turn.
fn samples(args: &GenerateArgs, model: &Model, labels: &[usize]) -> Result<(Images, Latents)> {
    let count = args.count.unwrap_or(DEFAULT_COUNT);
    let latents = generation::numbered(&model.partition, labels, count, args.truncation as f32, args.seed);
    Ok((images(model, &latents)?, latents))
}

fn images(model: &Model, latents: &Latents) -> Result<Images> {
    let shape = model.header.subject.image;
    let images = generation::generate(&model.state.average, &model.partition, latents, shape, &model.device);
    Ok(device::block_on(images)??)
}

fn write_picture(model: &Model, latents: &Latents, columns: usize, path: &Path) -> Result<()> {
    atomic::write_file(path, &generation::picture(&images(model, latents)?, columns).png())?;
    result!("{}", path.display());
    Ok(())
}

/// `00000-label-3.png` and so on.
fn write_images(images: &Images, latents: &Latents, folder: &Path) -> Result<()> {
    atomic::write_directory(folder, |staging| {
        for (index, label) in latents.labels.iter().enumerate() {
            let path = staging.join(format!("{index:05}-label-{label}.png"));
            let png = Picture::single(images.image(index), images.shape).png();
            std::fs::write(&path, png).with_context(|| path.display().to_string())?;
        }
        Ok(())
    })?;
    result!("{}: {} images", folder.display(), images.count());
    Ok(())
}
