//! Which folders are classes, which are splits, and which only stand around others.
//!
//! Labels that are wrong train without complaint. So training pictures never become a class beside held-out ones, and
//! whatever remains doubtful is reported.

use std::collections::BTreeSet;

use super::shelf::Shelf;
use super::split_names::{Role, is_unlabeled, resembles_split, role};
use crate::data::DataError;

/// A picture, and the folder that is its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found<'a> {
    pub path: &'a str,
    pub class: Option<&'a str>,
}

/// How pictures are split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Splitting {
    /// Not at all.
    #[default]
    None,
    /// Into folders with classes in them.
    AroundClasses,
    /// Into folders in each class.
    InClasses,
}

/// How a folder is laid out.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    /// The folder that has splits or classes in it, behind those that only stand around it; with a `/` at its end.
    pub inside: &'a str,
    /// How pictures are split.
    pub splitting: Splitting,
    /// The names of folders with training and held-out pictures.
    pub split_folders: [BTreeSet<&'a str>; 2],
    /// Training and held-out pictures.
    pub splits: [Vec<Found<'a>>; 2],
    /// The folders that have class folders in them.
    pub class_parents: BTreeSet<&'a str>,
    /// Folders that are classes although their names speak of a split.
    pub doubtful: Vec<&'a str>,
}

/// Folders by what their names say.
struct Sorted<'a> {
    train: Vec<Shelf<'a>>,
    held_out: Vec<Shelf<'a>>,
    unlabeled: Vec<Shelf<'a>>,
    others: Vec<Shelf<'a>>,
}

impl<'a> Layout<'a> {
    /// Finds out how pictures are laid out. `has_labels` tells whether a folder has a file with their labels.
    ///
    /// # Errors
    /// If all pictures are held out.
    pub fn of(pictures: &'a [String], has_labels: impl Fn(&str) -> bool) -> Result<Self, DataError> {
        let here = innermost(Shelf::outermost(pictures), &has_labels);
        let mut layout = match split_around(here, has_labels(here.path))? {
            Some(layout) => layout,
            None if has_labels(here.path) => Self::unsplit(here),
            None => match only_split_folder(here) {
                Some(below) => split_around(below, has_labels(below.path))?.unwrap_or_else(|| Self::unsplit(here)),
                None => split_inside(here).unwrap_or_else(|| Self::unsplit(here)),
            },
        };
        layout.splits.iter_mut().for_each(|split| split.sort_unstable());
        Ok(layout)
    }

    fn unsplit(here: Shelf<'a>) -> Self {
        let doubtful = here.folders().into_iter().map(Shelf::name).filter(|name| resembles_split(name)).collect();
        let mut layout = Self { inside: here.path, doubtful, ..Self::default() };
        layout.add(Role::Train, here.path, here);
        layout
    }

    /// Adds the pictures of a shelf to a split. Classes are the folders in `parent`.
    fn add(&mut self, role: Role, parent: &'a str, shelf: Shelf<'a>) {
        let class = |path: &'a str| path[parent.len()..].split_once('/').map(|(folder, _)| folder);
        let found =
            shelf.pictures.iter().map(|path| Found { path, class: class(path).filter(|name| !is_unlabeled(name)) });
        self.splits[role as usize].extend(found);
        self.class_parents.insert(parent);
    }

    /// Adds the pictures of a split folder. `classes` is the folder that has the class folders in it.
    fn add_split(&mut self, role: Role, classes: &'a str, shelf: Shelf<'a>) {
        self.split_folders[role as usize].insert(shelf.name());
        self.add(role, classes, shelf);
    }

    /// Adds the pictures of a split with classes in it. Some archives hold it twice: `train/train/cat/1.png`.
    fn add_split_around(&mut self, role: Role, shelf: Shelf<'a>) {
        let mut classes = shelf;
        while let ([only], false) = (classes.folders().as_slice(), classes.has_own_pictures())
            && only.name() == shelf.name()
        {
            classes = *only;
        }
        self.add_split(role, classes.path, shelf);
    }
}

impl<'a> Sorted<'a> {
    fn folders_of(here: Shelf<'a>) -> Self {
        let mut sorted = Self { train: Vec::new(), held_out: Vec::new(), unlabeled: Vec::new(), others: Vec::new() };
        for shelf in here.folders() {
            match role(shelf.name()) {
                Some(Role::Train) => sorted.train.push(shelf),
                Some(Role::HeldOut) => sorted.held_out.push(shelf),
                None if is_unlabeled(shelf.name()) => sorted.unlabeled.push(shelf),
                None => sorted.others.push(shelf),
            }
        }
        sorted
    }

    fn has_both_splits(&self) -> bool {
        !self.train.is_empty() && !self.held_out.is_empty()
    }
}

/// Goes through every folder that stands alone around others, and through a split that stands alone. A folder with
/// pictures of its own is a class.
fn innermost<'a>(mut here: Shelf<'a>, has_labels: &impl Fn(&str) -> bool) -> Shelf<'a> {
    while let ([only], false, false) = (here.folders().as_slice(), here.has_own_pictures(), has_labels(here.path)) {
        let is_around = !only.has_own_pictures() || role(only.name()).is_some() || has_labels(only.path);
        if is_unlabeled(only.name()) || !is_around {
            break;
        }
        here = *only;
    }
    here
}

/// Splits with classes in them: `train/cat/1.png`, `val/cat/2.png`. If the folder has a file with labels, both must be
/// there.
fn split_around(here: Shelf, has_labels: bool) -> Result<Option<Layout>, DataError> {
    let sorted = Sorted::folders_of(here);
    let has_train_alone = sorted.held_out.is_empty()
        && !sorted.train.is_empty()
        && !has_labels
        && (sorted.others.is_empty() || !sorted.train.iter().any(|shelf| shelf.has_own_pictures()));
    let mut layout = Layout { inside: here.path, splitting: Splitting::AroundClasses, ..Layout::default() };
    if sorted.has_both_splits() || has_train_alone {
        sorted.train.iter().for_each(|&shelf| layout.add_split_around(Role::Train, shelf));
    } else if has_own_classes(&sorted) && !has_labels {
        sorted.others.iter().for_each(|&shelf| layout.add(Role::Train, here.path, shelf));
    } else if is_held_out_alone(here, &sorted) {
        let held_out = sorted.held_out.iter().map(|shelf| shelf.path.to_owned()).collect();
        return Err(DataError::OnlyHeldOut { held_out });
    } else {
        return Ok(None);
    }
    sorted.unlabeled.iter().for_each(|&shelf| layout.add(Role::Train, here.path, shelf));
    sorted.held_out.iter().for_each(|&shelf| layout.add_split_around(Role::HeldOut, shelf));
    Ok(Some(layout))
}

/// Whether held-out pictures are sorted into the classes that stand beside them: `cat/1.png`, `test/cat/2.png`.
fn has_own_classes(sorted: &Sorted) -> bool {
    let classes: BTreeSet<&str> = sorted.others.iter().map(|shelf| shelf.name()).collect();
    let mut below = sorted.held_out.iter().flat_map(|shelf| shelf.folders()).peekable();
    below.peek().is_some() && below.all(|shelf| classes.contains(shelf.name()))
}

/// Whether there are only held-out splits, with classes in them.
fn is_held_out_alone(here: Shelf, sorted: &Sorted) -> bool {
    let is_split = |shelf: &Shelf| !shelf.has_own_pictures();
    let has_others = !sorted.others.is_empty() || !sorted.unlabeled.is_empty() || here.has_own_pictures();
    !has_others && !sorted.held_out.is_empty() && sorted.held_out.iter().all(is_split)
}

/// The only folder with splits and classes in them, beside others without: `pets/train/cat/1.png`, `samples/1.png`.
fn only_split_folder(here: Shelf) -> Option<Shelf> {
    let folders = here.folders();
    let mut split = folders.into_iter().filter(|shelf| Sorted::folders_of(*shelf).has_both_splits());
    let only = split.next().filter(|_| split.next().is_none())?;
    let train = Sorted::folders_of(only).train;
    train.iter().all(|shelf| !shelf.has_own_pictures()).then_some(only)
}

/// Splits in each class: `cat/train/1.png`, `cat/test/2.png`.
fn split_inside(here: Shelf) -> Option<Layout> {
    let mut layout = Layout { inside: here.path, splitting: Splitting::InClasses, ..Layout::default() };
    for class in here.folders() {
        for shelf in class.folders() {
            if let Some(role) = role(shelf.name()) {
                layout.add_split(role, here.path, shelf);
            }
        }
    }
    layout.splits.iter().all(|split| !split.is_empty()).then_some(layout)
}
