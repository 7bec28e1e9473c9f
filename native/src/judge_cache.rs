//! A cache of judges: the program trains a judge once per data set and preset.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::Result;
use burn::tensor::Device;
use slgan::train::judge::{Judge, STEPS};
use slgan::train::task::Task;

use crate::atomic;

/// The judge of a task: from the cache, or else trained if `report.judge` is on, or else none.
///
/// # Errors
/// If the judge cannot be trained or saved.
pub fn judge(task: &Task, device: &Device, say: &dyn Fn(&str)) -> Result<Option<Judge>> {
    let Some(path) = path(task) else { return Ok(None) };
    if let Ok(bytes) = fs::read(&path) {
        match pollster::block_on(Judge::load(&bytes, task, device)) {
            Ok(judge) => return Ok(Some(judge)),
            Err(error) => say(&format!("{}: {error}; --judge trains a new judge", path.display())),
        }
    }
    if !task.config.report.judge {
        return Ok(None);
    }
    let splits = [&task.data.train, &task.data.test];
    if splits.iter().any(|split| split.labels.iter().any(Option::is_none)) {
        say("no judge: it needs a label for every image");
        return Ok(None);
    }
    say(&format!("training the judge on all real labels ({STEPS} steps); it does not affect training"));
    let judge = pollster::block_on(Judge::train(&task.data, &task.architecture(), device))?;
    say(&format!("the judge's accuracy on held-out images is {:.1} %", 100.0 * judge.accuracy));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    atomic::write_file(&path, &pollster::block_on(judge.save(task))?)?;
    Ok(Some(judge))
}

/// `$XDG_CACHE_HOME/slgan/judge-<data>-<preset>-<fingerprint>.safetensors`; none if there is no cache folder.
fn path(task: &Task) -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
    let preset = format!("{:?}", task.config.preset).to_lowercase();
    let name = format!("judge-{}-{preset}-{}.safetensors", task.subject.data, task.subject.fingerprint);
    Some(cache.join("slgan").join(name))
}
