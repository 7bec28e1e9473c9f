//! How a folder was read, in words: a wrong guess about someone's folders should be seen before it is trained on.

use std::collections::BTreeSet;

use super::contents::Contents;
use super::layout::{Layout, Splitting};
use super::split_names::is_unlabeled;
use crate::data::Split;
use crate::data::names::first_of;

/// One line: classes, splits, and what was left out.
pub(super) fn summary(contents: &Contents, layout: &Layout, class_names: &[String], are_in_files: bool) -> String {
    let mut parts = vec![classes(class_names, are_in_files)];
    if !layout.inside.is_empty() {
        parts.push(format!("inside {}", layout.inside));
    }
    parts.extend(splits(layout));
    parts.extend(left_out(contents));
    format!("read as {}", parts.join("; "))
}

fn classes(names: &[String], are_in_files: bool) -> String {
    let origin = if are_in_files { " of dataset.json" } else { "" };
    match names {
        [] => "pictures without labels".to_owned(),
        [name] => format!("one class{origin}: {name}"),
        names => format!("{} classes{origin}: {}", names.len(), first_of(names, ", ")),
    }
}

fn splits(layout: &Layout) -> Option<String> {
    let [train, held_out] = layout.split_folders.each_ref().map(|names| {
        let names: Vec<String> = names.iter().map(|name| format!("{name}/")).collect();
        first_of(&names, ", ")
    });
    let place = match layout.splitting {
        Splitting::None => return None,
        Splitting::AroundClasses => "",
        Splitting::InClasses => " of each class",
    };
    let train = if train.is_empty() { "the other folders".to_owned() } else { train };
    let held_out = if held_out.is_empty() { String::new() } else { format!(", held-out ones in {held_out}") };
    Some(format!("training pictures in {train}{held_out}{place}"))
}

/// What was left out, by reason.
fn left_out(contents: &Contents) -> Option<String> {
    let counts = contents.left_out.iter().filter_map(|(reason, paths)| {
        let first = paths.first()?;
        Some(match paths.len() {
            1 => format!("1 {reason} ({first})"),
            count => format!("{count} {reason} (the first {first})"),
        })
    });
    let counts: Vec<String> = counts.collect();
    (!counts.is_empty()).then(|| format!("left out: {}", counts.join(", ")))
}

/// Pictures that belong to no split.
pub(super) fn unused(contents: &Contents, layout: &Layout) -> Option<String> {
    let used: BTreeSet<&str> = layout.splits.iter().flatten().map(|found| found.path).collect();
    let unused: Vec<&String> = contents.pictures.iter().filter(|path| !used.contains(path.as_str())).collect();
    // Folders as far as the first that is no way to the splits.
    let folder = |path: &str| {
        let top = if path.starts_with(layout.inside) { layout.inside.len() } else { 0 };
        path[top..].find('/').map_or_else(|| path.to_owned(), |end| path[..=top + end].to_owned())
    };
    let folders: BTreeSet<String> = unused.iter().map(|path| folder(path)).collect();
    let folders: Vec<String> = folders.into_iter().collect();
    (!unused.is_empty())
        .then(|| format!("pictures outside of the splits, not used: {}, in {}", unused.len(), first_of(&folders, ", ")))
}

/// Classes whose names speak of splits.
pub(super) fn doubtful(layout: &Layout) -> Option<String> {
    let names = &layout.doubtful;
    (!names.is_empty()).then(|| {
        let names = first_of(names, ", ");
        format!("read as classes, not as splits, for want of a train/ with a val/ or test/ beside it: {names}")
    })
}

/// Folders that should be classes and have no pictures. `layout` tells where classes are.
pub(super) fn empty_folders(contents: &Contents, layout: &Layout) -> Option<String> {
    let around = layout.inside.match_indices('/').map(|(end, _)| &layout.inside[..=end]);
    let parents: BTreeSet<&str> = layout.class_parents.iter().copied().chain(around).chain([""]).collect();
    let is_empty = |folder: &&String| {
        let (parent, name) = folder.rfind('/').map_or(("", folder.as_str()), |end| folder.split_at(end + 1));
        parents.contains(parent) && !is_unlabeled(name) && !contents.has_pictures(folder)
    };
    let empty: Vec<&String> = contents.folders.iter().filter(is_empty).collect();
    (!empty.is_empty()).then(|| format!("folders without pictures, so no classes: {}", first_of(&empty, ", ")))
}

/// Classes whose pictures were all skipped.
pub(super) fn lost(layout: &Layout, class_names: &[String]) -> Option<String> {
    let classes: BTreeSet<&str> = layout.splits.iter().flatten().filter_map(|found| found.class).collect();
    let lost: Vec<&str> = classes.into_iter().filter(|&class| class_names.iter().all(|name| name != class)).collect();
    (!lost.is_empty())
        .then(|| format!("folders whose pictures were all skipped, so no classes: {}", first_of(&lost, ", ")))
}

/// Classes without training pictures.
pub(super) fn untrained(train: &Split, class_names: &[String]) -> Option<String> {
    let trained: BTreeSet<u16> = train.labels.iter().copied().flatten().collect();
    let classes = class_names.iter().zip(0..).filter(|(_, class)| !trained.contains(class));
    let untrained: Vec<&String> = classes.map(|(name, _)| name).collect();
    (!untrained.is_empty()).then(|| format!("classes without training pictures: {}", first_of(&untrained, ", ")))
}
