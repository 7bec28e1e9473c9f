//! A folder of pictures: one folder per class, and pictures without a label beside these folders or in `unlabeled/`.

use std::collections::BTreeSet;

use super::dataset::{LoadOptions, Parts, Split};
use super::error::DataError;
use super::picture;
use super::picture_names::is_picture;
use super::source::Files;

/// Most classes of a data set. Networks have some weights for each; and a label has 16 bits.
pub const MAX_CLASSES: usize = 10_000;

const UNLABELED: &str = "unlabeled";

/// Loads the folder. If `train/` and `test/` both contain pictures, they are its splits.
///
/// The first folder of a picture's path is its class; classes are sorted over both splits. Hidden files are ignored,
/// and files that are not pictures are counted.
pub(super) fn load(files: &Files, options: &LoadOptions) -> Result<Parts, DataError> {
    let visible = files.names.iter().map(String::as_str).filter(|path| !is_hidden(path));
    let (pictures, others): (Vec<&str>, Vec<&str>) = visible.partition(|path| is_picture(path));
    let [train, test] = splits(&pictures);
    let class_names: BTreeSet<&str> = [&train, &test].into_iter().flatten().filter_map(|found| found.class).collect();
    if class_names.len() > MAX_CLASSES {
        return Err(DataError::TooManyClasses { found: class_names.len() });
    }
    let mut loader = Loader { files, options, classes: class_names.into_iter().collect(), bad: Vec::new() };
    let train_split = loader.split(&train)?;
    let test_split = loader.split(&test)?;
    let Loader { classes, bad, .. } = loader;
    if train_split.is_empty() {
        let nothing = DataError::NoPictures { present: files.names.clone() };
        return Err(bad.into_iter().next().unwrap_or(nothing));
    }
    let mut notes = Vec::new();
    let unused = pictures.len() - train.len() - test.len();
    notes.extend((unused > 0).then(|| format!("pictures outside of train/ and test/, not used: {unused}")));
    notes.extend(
        others.first().map(|first| format!("files that are not pictures: {}, the first {first}", others.len())),
    );
    notes.extend(bad.first().map(|first| format!("corrupt pictures skipped: {}, the first {first}", bad.len())));
    Ok(Parts {
        class_names: classes.into_iter().map(String::from).collect(),
        train: train_split,
        test: Some(test_split).filter(|test| !test.is_empty()),
        notes,
    })
}

/// A picture to load.
struct Found<'a> {
    path: &'a str,
    class: Option<&'a str>,
}

/// The pictures of both splits; the second is empty if the folder has no splits.
fn splits<'a>(pictures: &[&'a str]) -> [Vec<Found<'a>>; 2] {
    let below = |folder: &str| -> Vec<Found<'a>> {
        let found = |&path: &&'a str| Some(Found { path, class: class_of(path.strip_prefix(folder)?) });
        pictures.iter().filter_map(found).collect()
    };
    match [below("train/"), below("test/")] {
        [train, test] if !train.is_empty() && !test.is_empty() => [train, test],
        _ => [below(""), Vec::new()],
    }
}

fn class_of(path: &str) -> Option<&str> {
    path.split_once('/').map(|(folder, _)| folder).filter(|&folder| folder != UNLABELED)
}

fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

struct Loader<'a> {
    files: &'a Files<'a>,
    options: &'a LoadOptions,
    classes: Vec<&'a str>,
    bad: Vec<DataError>,
}

impl Loader<'_> {
    fn split(&mut self, pictures: &[Found]) -> Result<Split, DataError> {
        let mut split = Split::empty(self.options.folder_shape);
        for &Found { path, class } in pictures {
            let bytes = self.files.read(path)?;
            match picture::decode(path, &bytes, self.options.folder_shape) {
                Ok(pixels) => {
                    split.images.pixels.extend(pixels);
                    split.names.push(path.to_owned());
                    split.labels.push(class.map(|class| self.label(class)));
                }
                Err(bad @ DataError::Picture { .. }) if self.options.skip_bad => self.bad.push(bad),
                Err(error) => return Err(error),
            }
        }
        Ok(split)
    }

    fn label(&self, class: &str) -> u16 {
        let index = self.classes.binary_search(&class).expect("`classes` is sorted and holds every picture's class");
        u16::try_from(index).expect("more than 10,000 classes were refused")
    }
}
