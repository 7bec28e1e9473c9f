//! What a judge in a file says of finished runs: `slgan eval`, once for each.
//!
//! The judge that a run may train for itself is small. On data that is hard for it, such as CIFAR-10, a better one can
//! order settings in another way.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use slgan::eval::{Protocol, Scores};
use slgan::train::judge::residual::JudgeFacts;
use slgan::train::seal::sha256;

use super::file::Setting;
use super::job::Job;
use super::run::Run;
use crate::failure::usage;
use crate::regular_file;

/// Digits of a SHA-256 that name a judge.
const NAME: usize = 12;

/// A judge in a file.
pub struct JudgeFile {
    path: PathBuf,
    /// The first digits of its SHA-256.
    name: String,
    /// The share of held-out images that it knows, from 0 to 1.
    accuracy: f64,
}

/// The file of scores, as far as a study needs it.
#[derive(Debug, Deserialize)]
struct Judged {
    protocol: Protocol,
    scores: Scores,
}

impl JudgeFile {
    /// Reads and checks a judge.
    ///
    /// # Errors
    /// If the file cannot be read, or is no judge.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |error: &dyn Display| usage(format!("--judge {}: {error}", path.display()));
        let bytes = regular_file::read(path).map_err(|error| failed(&error))?;
        let facts = JudgeFacts::read(&bytes).map_err(|error| failed(&error))?;
        let name = sha256(&bytes)[..NAME].to_owned();
        Ok(Self { path: path.to_owned(), name, accuracy: facts.accuracy })
    }

    /// The process that measures the last checkpoint of a run.
    pub fn measuring(&self, run: &Run, setting: &Setting) -> Job {
        let (data, device) = (setting.config.data.as_str(), setting.config.device.as_str());
        let folder = run.folder.path.clone();
        let [judge, out] = [self.path.clone(), self.scores_path(run)].map(PathBuf::into_os_string);
        let words = ["--metrics", "fid,prdc,labels", "--data", data, "--device", device, "--judge"];
        let mut arguments = vec!["eval".into(), folder.clone().into_os_string()];
        arguments.extend(words.map(Into::into));
        arguments.extend([judge, "--out".into(), out]);
        Job { folder, arguments, log: run.beside(".judged.log") }
    }

    /// What it said of a run at a step; none if there is nothing, or it is of another step.
    ///
    /// # Errors
    /// If the file cannot be read, or holds something else.
    pub fn scores(&self, run: &Run, step: u64) -> Result<Option<Scores>> {
        let path = self.scores_path(run);
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let judged: Judged = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: expected what `slgan eval` writes of a run", path.display()))?;
        Ok((judged.protocol.subject.step == Some(step)).then_some(judged.scores))
    }

    /// The judge, for people.
    pub fn about(&self) -> String {
        format!(
            "Figures that begin with `judged` are those of a judge that is right on {:.2} % of held-out images; \
             `judged-{}.json` in a run folder has the protocol.",
            100.0 * self.accuracy,
            self.name
        )
    }

    /// The scores of a run with their protocol. Each judge has its own file.
    fn scores_path(&self, run: &Run) -> PathBuf {
        run.folder.path.join(format!("judged-{}.json", self.name))
    }
}
