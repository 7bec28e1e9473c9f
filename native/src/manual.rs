//! What belongs beside the program: its manual pages, and completions for shells. Both follow from the definition of
//! the command line.

use std::path::Path;

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;

use crate::atomic;
use crate::cli::Cli;

/// Prints the completions for `shell`.
pub fn print_completions(shell: Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "slgan", &mut script);
    result!("{}", String::from_utf8_lossy(&script).trim_end());
}

/// Writes a manual page for every command into the new folder `folder`.
///
/// # Errors
/// If the folder exists or cannot be written.
pub fn write_pages(folder: &Path) -> Result<()> {
    atomic::write_directory(folder, |staging| Ok(clap_mangen::generate_to(Cli::command(), staging)?))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_visible_command_has_a_page() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("man");
        write_pages(&folder).unwrap();
        let mut names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        for command in Cli::command().get_subcommands() {
            let page = format!("slgan-{}.1", command.get_name());
            assert_eq!(names.contains(&page), !command.is_hide_set(), "{page}");
        }
        for (page, parts) in [
            ("slgan.1", ["slgan\\-train", "slgan\\-data", "Start with: slgan train"]),
            ("slgan-train.1", ["\\-\\-labels", "\\-\\-resume", "SH \"RUN FOLDER\""]),
            ("slgan-data-fetch.1", ["\\-\\-url", "mnist", "\\-\\-dir"]),
        ] {
            let text = fs::read_to_string(folder.join(page)).unwrap();
            assert!(parts.iter().all(|part| text.contains(part)), "{page}: {text}");
        }
        let error = write_pages(&folder).unwrap_err();
        assert!(format!("{error:#}").contains("already exists"), "{error:#}");
    }
}
