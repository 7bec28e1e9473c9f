//! Folders, written whole or not at all.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Lets `fill` write a new folder, which then replaces `folder`.
///
/// # Errors
/// The error of `fill` or of the disk; then the old folder stays.
pub fn replace(folder: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let parent = folder.parent().context("the root cannot be replaced")?;
    let fresh = tempfile::Builder::new().prefix(".dist-").tempdir_in(parent)?;
    let content = fresh.path().join("new");
    fs::create_dir(&content)?;
    fill(&content)?;
    if folder.exists() {
        fs::rename(folder, fresh.path().join("old"))?;
    }
    fs::rename(&content, folder).with_context(|| folder.display().to_string())
}

/// Copies everything in a folder into another one.
///
/// # Errors
/// If anything cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            fs::create_dir(&target)?;
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).with_context(|| source.display().to_string())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_is_replaced_whole() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("dist");
        for name in ["first", "second"] {
            replace(&folder, |fresh| Ok(fs::write(fresh.join(name), name)?)).unwrap();
            assert_eq!(entries(&folder), [name]);
        }
        replace(&folder, |fresh| {
            fs::write(fresh.join("third"), "").map_err(Into::into).and_then(|()| anyhow::bail!("no"))
        })
        .unwrap_err();
        assert_eq!((entries(&folder), entries(place.path())), (vec!["second".to_owned()], vec!["dist".to_owned()]));
    }

    #[test]
    fn folders_are_copied_with_what_is_in_them() {
        let place = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| place.path().join(name));
        fs::create_dir_all(from.join("inner")).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(from.join("inner/file"), "text").unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("inner/file")).unwrap(), "text");
    }
}
