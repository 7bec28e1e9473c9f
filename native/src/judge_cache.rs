//! A cache of judges: the program trains a judge once per data set and preset.
//!
//! A judge only watches. Whatever fails here, the run goes on, with a warning that names path and reason.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::Device;
use slgan::train::judge::{Judge, STEPS};
use slgan::train::task::Task;

use crate::cache::folder;
use crate::device::block_on;
use crate::{atomic, regular_file};

/// The fewest held-out images whose features have a covariance.
const FEWEST_HELD_OUT: usize = 2;

/// Why there can be no judge for the data of a task, if so.
pub fn obstacle(task: &Task) -> Option<String> {
    let unlabelled = |labels: &[Option<u16>]| labels.iter().filter(|label| label.is_none()).count();
    let missing = unlabelled(&task.data.train.labels) + unlabelled(&task.data.test.labels);
    let held_out = task.data.test.len();
    match (missing, held_out) {
        (0, FEWEST_HELD_OUT..) => None,
        (0, _) => Some(format!("it needs at least {FEWEST_HELD_OUT} held-out images, and the data have {held_out}")),
        _ => Some(format!("it needs a label for every image, and {missing} have none")),
    }
}

/// Whether the cache has a judge for any data. Without one, a run that trains no judge has none.
pub fn has_any() -> bool {
    folder().is_some_and(|folder| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()))
}

/// The judge of a task without an [`obstacle`]: from the cache, or else trained if `report.judge` is on, or else none.
///
/// # Errors
/// If it cannot be trained; nothing else is an error.
pub fn judge(task: &Task, device: &Device, note: &dyn Fn(&str)) -> Result<Option<Judge>> {
    let path = folder().map(|folder| folder.join(file_name(task)));
    if let Some(judge) = path.as_deref().and_then(|path| cached(path, task, device)) {
        return Ok(Some(judge));
    }
    if !task.config.report.judge {
        return Ok(None);
    }
    note(&format!("training the judge on all real labels ({STEPS} steps); it does not affect training"));
    let judge = block_on(Judge::train(&task.data, &task.architecture(), device))??;
    note(&format!("the judge's accuracy on held-out images is {:.1} %", 100.0 * judge.accuracy));
    match path {
        Some(path) => keep(&judge, task, &path).unwrap_or_else(|error| {
            say!("warning: {error:#}; this run uses its judge, and the next one trains another");
        }),
        None => say!("warning: there is no cache for the judge, because neither XDG_CACHE_HOME nor HOME is set"),
    }
    Ok(Some(judge))
}

/// The judge in a file; none if there is no file, or it cannot be used.
fn cached(path: &Path, task: &Task, device: &Device) -> Option<Judge> {
    // What cannot be read cannot be written either, which is reported then.
    let bytes = regular_file::read(path).ok()?;
    let loaded = block_on(Judge::load(&bytes, task, device)).map_err(anyhow::Error::from);
    match loaded.and_then(|judge| Ok(judge?)) {
        Ok(judge) => Some(judge),
        Err(error) => {
            let then = if task.config.report.judge { "a new judge is trained" } else { "--judge trains a new judge" };
            say!("warning: {}: {error:#}; {then}", path.display());
            None
        }
    }
}

fn keep(judge: &Judge, task: &Task, path: &Path) -> Result<()> {
    let bytes = block_on(judge.save(task))??;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string()).context("the judge's cache")?;
    }
    atomic::write_file(path, &bytes).context("the judge's cache")
}

fn file_name(task: &Task) -> String {
    let preset = format!("{:?}", task.config.preset).to_lowercase();
    format!("judge-{}-{preset}-{}.safetensors", task.subject.data, task.subject.fingerprint)
}
