//! A folder of pictures, laid out as people lay them out.
//!
//! A class is a folder, or a number in StyleGAN's `dataset.json`. Pictures beside the class folders, or in
//! `unlabeled/`, have no label. Folders around the classes are gone through. `train/` and `val/` or `test/`, with many
//! other usual names, are splits: around the classes, or in each of them. What systems and tools leave behind is no
//! class and no picture. The notes say how all was read.

mod classes;
mod contents;
mod layout;
mod loader;
mod reading;
mod shelf;
mod split_names;
mod stylegan;

use super::dataset::{LoadOptions, Parts};
use super::error::DataError;
use super::leftovers::leftover_part;
use super::source::Files;
use classes::Classes;
use contents::{Contents, OTHER};
use layout::Layout;
use loader::Loader;
use stylegan::Labels;

/// Loads the folder: its splits, or everything as training pictures if there are none.
///
/// Classes are sorted over all splits.
pub(super) fn load(files: &Files, options: &LoadOptions) -> Result<Parts, DataError> {
    let labels = Labels::read(files, |path| leftover_part(path).is_some())?;
    let mut contents = Contents::of(files)?;
    if let Some(others) = contents.left_out.get_mut(OTHER) {
        others.retain(|path| !labels.are_in(path.strip_suffix(stylegan::FILE).unwrap_or("/")));
    }
    let layout = Layout::of(&contents.pictures, |folder| labels.are_in(folder))?;
    let classes = Classes::of(&layout, &labels)?;
    let absent = labels.without_picture(&contents.pictures);
    if let Some((file, picture)) = absent.first().filter(|_| !options.skip_bad) {
        let found = format!("an entry for {picture}, which is not there");
        return Err(DataError::content(file, "entries for pictures that are there", found));
    }
    let mut loader = Loader::new(files, options);
    let mut splits = [loader.load(&layout.splits[0], &classes)?, loader.load(&layout.splits[1], &classes)?];
    if splits[0].is_empty() {
        let nothing = DataError::NoPictures { present: files.names.clone() };
        return Err(loader.first_bad().cloned().unwrap_or(nothing));
    }
    let class_names = classes.names(&mut splits);
    let are_in_files = classes.are_in_files();
    let mut notes = vec![reading::summary(&contents, &layout, &class_names, are_in_files)];
    notes.extend(reading::unused(&contents, &layout));
    if !are_in_files {
        notes.extend(reading::doubtful(&layout));
        notes.extend(reading::empty_folders(&contents, &layout));
        notes.extend(reading::lost(&layout, &class_names));
    }
    notes.extend(reading::untrained(&splits[0], &class_names));
    let bare = labels.without_entry(layout.splits.iter().flatten().map(|found| found.path));
    notes.extend((bare > 0).then(|| format!("pictures without an entry in dataset.json, so without a label: {bare}")));
    notes.extend(absent.first().map(|(_, first)| {
        format!("entries of dataset.json without a picture, skipped: {}, the first {first}", absent.len())
    }));
    notes.extend(loader.note());
    let [train, test] = splits;
    Ok(Parts { class_names, train, test: Some(test).filter(|test| !test.is_empty()), notes })
}
