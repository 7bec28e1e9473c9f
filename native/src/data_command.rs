//! `slgan data`: lists, inspects and downloads data sets.

use std::path::Path;

use anyhow::Result;
use serde_json::json;
use slgan::data::catalogue::{CATALOGUE, Entry};
use slgan::data::{DataSpec, Dataset, LoadOptions, Split};
use slgan::image::Picture;
use slgan::train::generation::shown_labels;

use crate::cli::DataCommand;
use crate::{atomic, dataset, fetch};

/// Images per class in the sample grid.
const GRID_COLUMNS: usize = 10;

/// Runs a subcommand.
///
/// # Errors
/// If a data set is missing or bad, or cannot be downloaded.
pub fn run(command: &DataCommand) -> Result<()> {
    match command {
        DataCommand::List { json } => list(*json),
        DataCommand::Inspect { spec, grid, json, skip_bad } => inspect(spec, grid.as_deref(), *json, *skip_bad),
        DataCommand::Fetch { name, dir, url } => {
            let set = fetch::find(name)?;
            fetch::fetch(set, &dir.join(set.folder()), url.as_deref())
        }
    }
}

fn list(as_json: bool) -> Result<()> {
    let sets = CATALOGUE.map(|entry| (entry.name, place(&entry)));
    if as_json {
        let sets: Vec<_> =
            sets.iter().map(|(name, (place, there))| json!({ "name": name, "place": place, "there": there })).collect();
        result!("{}", json!({ "sets": sets }));
        return Ok(());
    }
    for (name, (place, there)) in sets {
        result!("{name:<14} {} {place}", if there { "ready  " } else { "missing" });
    }
    Ok(())
}

/// Where the program looks for a data set, and whether anything is there.
fn place(entry: &Entry) -> (String, bool) {
    if entry.set.is_none() {
        return ("drawn by the program".to_owned(), true);
    }
    match (entry.folder, dataset::home()) {
        (None, _) => (format!("{}, your own pictures", entry.form()), true),
        (Some(folder), Some(home)) => (home.join(folder).display().to_string(), home.join(folder).is_dir()),
        (Some(folder), None) => (format!("$SLGAN_DATA/{folder}, but SLGAN_DATA is not set"), false),
    }
}

fn inspect(spec: &str, grid: Option<&Path>, as_json: bool, skip_bad: bool) -> Result<()> {
    let parsed: DataSpec = dataset::parse(spec)?;
    let data = dataset::load(&parsed, &LoadOptions { skip_bad, ..LoadOptions::default() })?;
    if let Some(path) = grid {
        let (classes, shown) = (data.class_names.len(), shown_labels(data.class_names.len()));
        atomic::write_file(path, &sample_grid(&data, &shown).png())?;
        if shown.len() < classes {
            say!("note: {} shows {} of {classes} classes", path.display(), shown.len());
        }
    }
    if as_json {
        result!(
            "{}",
            json!({
                "name": data.name,
                "image": data.train.images.shape,
                "class_names": data.class_names,
                "train": counts(&data, &data.train),
                "test": counts(&data, &data.test),
                "notes": data.notes,
            })
        );
        return Ok(());
    }
    let shape = data.train.images.shape;
    result!("{}: {}x{}x{} pixels", data.name, shape.channels, shape.size, shape.size);
    result!("{:<16}{:>9}{:>9}", "", "train", "test");
    let (train, test) = (class_counts(&data, &data.train), class_counts(&data, &data.test));
    for (class, name) in data.class_names.iter().enumerate() {
        result!("{name:<16}{:>9}{:>9}", train[class], test[class]);
    }
    result!("{:<16}{:>9}{:>9}", "unlabelled", unlabelled(&data.train), unlabelled(&data.test));
    result!("{:<16}{:>9}{:>9}", "total", data.train.len(), data.test.len());
    data.notes.iter().for_each(|note| result!("note: {note}"));
    Ok(())
}

fn counts(data: &Dataset, split: &Split) -> serde_json::Value {
    json!({ "images": split.len(), "per_class": class_counts(data, split), "unlabelled": unlabelled(split) })
}

fn class_counts(data: &Dataset, split: &Split) -> Vec<usize> {
    let mut counts = vec![0; data.class_names.len()];
    split.labels.iter().flatten().for_each(|class| counts[usize::from(*class)] += 1);
    counts
}

fn unlabelled(split: &Split) -> usize {
    split.labels.iter().filter(|label| label.is_none()).count()
}

/// One row for each of these classes with its first training images, then one row of unlabelled images.
fn sample_grid(data: &Dataset, classes: &[usize]) -> Picture {
    let shape = data.train.images.shape;
    let classes = classes.iter().map(|&class| Some(class as u16)).chain([None]);
    let mut pixels = Vec::new();
    for class in classes {
        let of_class = data.train.labels.iter().enumerate().filter(|(_, label)| **label == class);
        let row: Vec<usize> = of_class.map(|(index, _)| index).take(GRID_COLUMNS).collect();
        row.iter().for_each(|&index| pixels.extend_from_slice(data.train.images.image(index)));
        // Padding keeps each class in its own row.
        let missing = if row.is_empty() { 0 } else { GRID_COLUMNS - row.len() };
        pixels.extend(std::iter::repeat_n(0, missing * shape.bytes()));
    }
    Picture::grid(&pixels, shape, GRID_COLUMNS, (64 / shape.size).max(1))
}
