//! The judge, trained once for a data set and kept.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::Result;
use burn::tensor::Device;
use slgan::train::judge::{Judge, STEPS};
use slgan::train::task::Task;

use crate::atomic;

/// The judge of a task: from the cache, else trained where `report.judge` asks for it, else none.
///
/// # Errors
/// If it was asked for and cannot be trained.
pub fn judge(task: &Task, device: &Device, say: &dyn Fn(&str)) -> Result<Option<Judge>> {
    let Some(path) = path(task) else { return Ok(None) };
    if let Ok(bytes) = fs::read(&path) {
        match pollster::block_on(Judge::load(&bytes, &task.data, &task.architecture(), device)) {
            Ok(judge) => return Ok(Some(judge)),
            Err(error) => say(&format!("{}: {error}; it is made anew when asked for", path.display())),
        }
    }
    if !task.config.report.judge {
        return Ok(None);
    }
    let splits = [&task.data.train, &task.data.test];
    if splits.iter().any(|split| split.labels.iter().any(Option::is_none)) {
        say("no judge: it would need a label for every image");
        return Ok(None);
    }
    say(&format!("training the judge on all real labels ({STEPS} steps), for watching alone"));
    let judge = pollster::block_on(Judge::train(&task.data, &task.architecture(), device))?;
    say(&format!("the judge is right on {:.1} % of the held-out images", 100.0 * judge.accuracy));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    atomic::write_file(&path, &pollster::block_on(judge.save())?)?;
    Ok(Some(judge))
}

/// `$XDG_CACHE_HOME/slgan/judge-<data>-<preset>-<fingerprint>.safetensors`; none where no cache folder is known.
fn path(task: &Task) -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))?;
    let preset = format!("{:?}", task.config.preset).to_lowercase();
    let name = format!("judge-{}-{preset}-{}.safetensors", task.subject.data, task.subject.fingerprint);
    Some(cache.join("slgan").join(name))
}
