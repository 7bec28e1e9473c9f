//! The reference reports that are served with the page.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// How the names of reports end.
const ENDING: &str = ".json.gz";

/// The list of their names, in JSON, beside the reports: a static host lists no folders.
const LIST: &str = "reports.json";

/// Copies the reports of a folder into another one, with their list.
///
/// # Errors
/// If the folder does not exist, or anything cannot be read or written.
pub fn serve(from: &Path, to: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(ENDING) {
            fs::copy(from.join(&name), to.join(&name)).with_context(|| name.clone())?;
            names.push(name);
        }
    }
    // Without the ending, `cpu` is before `cpu-one-thread`.
    names.sort_by(|one, two| one.trim_end_matches(ENDING).cmp(two.trim_end_matches(ENDING)));
    Ok(fs::write(to.join(LIST), serde_json::to_string(&names)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_copied_and_listed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| place.path().join(name));
        fs::create_dir(&from).unwrap();
        fs::create_dir(&to).unwrap();
        for name in ["b.json.gz", "README.md", "a-b.json.gz", "a.json.gz", "c.json"] {
            fs::write(from.join(name), name).unwrap();
        }
        serve(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join(LIST)).unwrap(), r#"["a.json.gz","a-b.json.gz","b.json.gz"]"#);
        assert_eq!(fs::read_to_string(to.join("b.json.gz")).unwrap(), "b.json.gz");
        assert_eq!(fs::read_dir(&to).unwrap().count(), 4);
        assert!(serve(&place.path().join("missing"), &to).is_err());
    }
}
