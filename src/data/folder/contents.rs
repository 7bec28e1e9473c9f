//! What a folder holds: pictures, folders, and what is left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::DataError;
use crate::data::leftovers::leftover_part;
use crate::data::picture::{Format, Kind, sniff};
use crate::data::picture_names::is_picture;
use crate::data::source::Files;

/// The reason for files that are no pictures.
pub(super) const OTHER: &str = "other than pictures";

/// Raw pictures of cameras that are TIFF files by their first bytes. What TIFF says of them is only their thumbnail.
const RAW: [&str; 14] =
    ["nef", "nrw", "arw", "srf", "sr2", "cr2", "dng", "pef", "srw", "3fr", "erf", "iiq", "kdc", "mos"];

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// The paths of pictures, good and bad, sorted.
    pub pictures: Vec<String>,
    /// Every folder that was not left out.
    pub folders: BTreeSet<String>,
    /// What was left out, by reason.
    pub left_out: BTreeMap<&'static str, BTreeSet<String>>,
}

/// What a file is in a folder of pictures.
enum Part {
    /// A picture, or meant as one.
    Picture,
    /// Neither, with the reason.
    LeftOut(&'static str),
}

impl Contents {
    /// Sorts what a source lists. Looks into the files whose names do not say that they are pictures.
    ///
    /// # Errors
    /// If such a file cannot be read.
    pub fn of(files: &Files) -> Result<Self, DataError> {
        let mut contents = Self::default();
        for path in &files.names {
            if contents.admits(path) {
                match part(files, path)? {
                    Part::Picture => contents.pictures.push(path.clone()),
                    Part::LeftOut(reason) => contents.leave_out(path, reason),
                }
                contents.add_folders(path);
            }
        }
        for (path, reason) in &files.left_out {
            if contents.admits(path) {
                contents.leave_out(path, reason);
                contents.add_folders(path);
            }
        }
        for path in &files.folders {
            if contents.admits(path) {
                contents.add_folders(&format!("{path}/"));
            }
        }
        Ok(contents)
    }

    /// Whether there are pictures below a folder, which has no `/` at its end.
    pub fn has_pictures(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        let first = self.pictures.partition_point(|path| *path < prefix);
        self.pictures.get(first).is_some_and(|path| path.starts_with(&prefix))
    }

    /// Whether no part of a path is left over; else leaves that part out.
    fn admits(&mut self, path: &str) -> bool {
        let Some((part, reason)) = leftover_part(path) else { return true };
        self.leave_out(part, reason);
        false
    }

    fn leave_out(&mut self, path: &str, reason: &'static str) {
        self.left_out.entry(reason).or_default().insert(path.to_owned());
    }

    /// Adds the folders on the way to a path.
    fn add_folders(&mut self, path: &str) {
        for (end, _) in path.match_indices('/').rev() {
            // The folders above were added with this one.
            if !self.folders.insert(path[..end].to_owned()) {
                break;
            }
        }
    }
}

/// What a file is: its content decides, and a name that promises a picture makes it a bad one otherwise.
fn part(files: &Files, path: &str) -> Result<Part, DataError> {
    if is_picture(path) {
        return Ok(Part::Picture);
    }
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
    let head = match files.head(path) {
        Ok(head) => head,
        Err(DataError::Picture { fault, .. }) if extension.is_some() => return Ok(Part::LeftOut(fault.reason())),
        // Perhaps a class folder on a disk that is not there.
        Err(DataError::Picture { .. }) => return Ok(Part::Picture),
        Err(error) => return Err(error),
    };
    let is_raw = extension.as_ref().is_some_and(|extension| RAW.contains(&extension.as_str()));
    Ok(match sniff(&head) {
        Kind::Picture(Format::Tiff) if is_raw => Part::LeftOut("in a picture format that cannot be read"),
        Kind::Picture(_) => Part::Picture,
        // Without an extension, a name says nothing against a picture.
        Kind::Unread(_) | Kind::LfsPointer | Kind::AnnexPointer if extension.is_none() => Part::Picture,
        Kind::Unread(_) => Part::LeftOut("in a picture format that cannot be read"),
        _ => Part::LeftOut(OTHER),
    })
}
