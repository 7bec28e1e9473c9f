//! Finds and reads the sample grids that events name.
//!
//! A run folder may come from someone else. So only regular files in it are used, of sensible size, that are pictures.
//! The report says which are left out.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use image::{ImageFormat, ImageReader};

use super::history::{LeftOut, RunHistory, SampleGrid};
use super::text::{escape, thousands};

/// Largest size of a file: grids of many large images stay below it.
const BYTES_MAX: u64 = 64 << 20;

/// How many pictures that are left out the report names.
const NAMED_MAX: usize = 5;

/// The file of a grid, from the path in its event.
///
/// # Errors
/// If it is not a file in the run folder, with a reason.
pub fn find(run: &Path, name: &str) -> Result<PathBuf, &'static str> {
    let is_inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if name.is_empty() || !is_inside {
        return Err("outside the run folder");
    }
    let path = run.join(name);
    if fs::symlink_metadata(&path).is_err() {
        return Err("missing");
    }
    let (Ok(target), Ok(run)) = (path.canonicalize(), run.canonicalize()) else { return Err("a link to nothing") };
    if !target.starts_with(run) {
        return Err("outside the run folder");
    }
    match target.metadata() {
        Ok(metadata) if !metadata.is_file() => Err("not a regular file"),
        Ok(metadata) if metadata.len() > BYTES_MAX => Err("too large"),
        Ok(_) => Ok(target),
        Err(_) => Err("unreadable"),
    }
}

/// Reads the grid of a step; `labels` are those of its rows, if they are a choice.
///
/// # Errors
/// If the file is not a whole PNG picture, with a reason.
pub fn read(step: u64, labels: &[usize], file: &Path) -> Result<SampleGrid, &'static str> {
    let mut png = Vec::new();
    let open = File::open(file).map_err(|_| "unreadable")?;
    open.take(BYTES_MAX).read_to_end(&mut png).map_err(|_| "unreadable")?;
    // The decoder's own limits bound the memory that a small file with many pixels may need.
    let picture = ImageReader::with_format(Cursor::new(&png), ImageFormat::Png).decode();
    let picture = picture.map_err(|_| "not a whole PNG picture")?;
    let labels = labels.to_vec();
    Ok(SampleGrid { step, labels, width: picture.width(), height: picture.height(), png })
}

/// A note on pictures that are left out.
pub fn render(history: &RunHistory) -> String {
    let left_out = &history.left_out;
    let named = left_out.iter().take(NAMED_MAX).map(|LeftOut { step, path, why }| {
        format!("<li>Step {}: <code>{}</code> is {why}.</li>", thousands(*step), escape(path))
    });
    let more = left_out.len().saturating_sub(NAMED_MAX);
    let rest = if more > 0 { format!("<li>And {} more.</li>", thousands(more as u64)) } else { String::new() };
    match left_out.len() {
        0 => String::new(),
        count => format!(
            "<section><h2>Pictures left out</h2>\n<p>{} of the run’s sample grids cannot be shown.</p>\n<ul>{}{rest}</ul>\n\
             </section>\n",
            thousands(count as u64),
            named.collect::<String>()
        ),
    }
}
