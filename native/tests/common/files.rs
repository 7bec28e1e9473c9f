//! What commands write: names of files, and sizes of pictures.

use std::fs;
use std::path::Path;

use super::Workplace;

/// The names in a folder, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Width and height of a PNG.
pub fn png_size(workplace: &Workplace, name: &str) -> (u32, u32) {
    let picture = image::load_from_memory(&workplace.read(name)).unwrap();
    (picture.width(), picture.height())
}

/// Width and height of a grid of 32-pixel images, at twice their size and with 2 pixels between them.
pub fn grid_size(columns: u32, rows: u32) -> (u32, u32) {
    (columns * 66 + 2, rows * 66 + 2)
}
