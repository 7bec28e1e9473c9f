//! The labels that `label_table.file` names: a table as `slgan label` writes it, or a run whose teacher labels.

use std::path::Path;

use anyhow::Result;
use csv::{Reader, StringRecord};
use slgan::config::LabelSource;
use slgan::labels::LabelTable;
use slgan::train::label_table::by_teacher;
use slgan::train::state::State;
use slgan::train::task::Task;

use crate::cli::CheckpointChoice;
use crate::device::{self, Opened};
use crate::failure::{Usage, usage};
use crate::label::cell;
use crate::model::Model;

/// Columns that a table must have, and one that it may have.
const IMAGE: &str = "image";
const LABEL: &str = "label";
const GATE: &str = "passes_gate";

/// The task with the labels that its configuration names, unless its state already has a table.
///
/// # Errors
/// If there are no such labels, or they are not those of the training images.
pub fn added(task: Task, state: &State, opened: &Opened) -> Result<Task> {
    let config = &task.config;
    if config.label_source() != LabelSource::File || state.label_table.is_some() {
        return Ok(task);
    }
    let place = config.label_table.file.replace("{seed}", &config.seed.to_string());
    let path = Path::new(&place);
    let table = if path.is_dir() { of_run(&task, path, opened)? } else { of_file(&task, path)? };
    Ok(task.with_labels(table))
}

/// What the teacher of another run says.
fn of_run(task: &Task, run: &Path, opened: &Opened) -> Result<LabelTable> {
    let model = Model::open_on(run, &CheckpointChoice::Last, opened)?;
    let (found, expected) = (&model.header.subject, &task.subject);
    if found.fingerprint != expected.fingerprint || found.label_count != expected.label_count {
        let run = run.display();
        return Err(Usage::new(format!("label_table.file: {run}: expected a run on {expected}, found {found}")).into());
    }
    let labelled = by_teacher(task, &model.state.teacher, &opened.device, async || ());
    let (labels, passes) = device::block_on(labelled)??;
    Ok(LabelTable::new(labels, passes, expected.label_count))
}

/// The lines of a table, in the order of the training images.
fn of_file(task: &Task, path: &Path) -> Result<LabelTable> {
    let place = format!("label_table.file: {}", path.display());
    let mut reader = Reader::from_path(path).map_err(|error| usage(format!("{place}: {error}")))?;
    let headers = reader.headers().map_err(|error| usage(format!("{place}: {error}")))?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let (Some(image), Some(label)) = (column(IMAGE), column(LABEL)) else {
        return Err(Usage::new(format!("{place}, line 1: expected the columns `{IMAGE}` and `{LABEL}`")).into());
    };
    let lines = Lines { task, place: &place, image, label, gate: column(GATE) };
    let (mut labels, mut passes) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| usage(format!("{place}: {error}")))?;
        let (label, is_passing) = lines.read(labels.len(), &record)?;
        labels.push(label);
        passes.push(is_passing);
    }
    if labels.len() != task.manual.len() {
        let (expected, found) = (task.manual.len(), labels.len());
        return Err(Usage::new(format!(
            "{place}: expected a line for each of {expected} training images, as `slgan label RUN --split train` \
             writes, found {found}"
        ))
        .into());
    }
    Ok(LabelTable::new(labels, passes, task.subject.label_count))
}

/// How the lines of a table are read.
struct Lines<'a> {
    task: &'a Task,
    place: &'a str,
    image: usize,
    label: usize,
    gate: Option<usize>,
}

impl Lines<'_> {
    /// The label of a training image, and whether it passes.
    fn read(&self, index: usize, record: &StringRecord) -> Result<(u16, bool)> {
        let name = self.task.data.train.names.get(index).map_or_else(|| index.to_string(), |name| cell(name));
        let is_past = index >= self.task.manual.len();
        if !is_past && record[self.image] != name {
            return Err(self.wrong(record, IMAGE, &format!("the training image `{name}`"), &record[self.image]));
        }
        let (end, found) = (self.task.subject.label_count, &record[self.label]);
        let Some(label) = found.parse().ok().filter(|&label: &u16| usize::from(label) < end) else {
            return Err(self.wrong(record, LABEL, &format!("a whole number below {end}"), found));
        };
        Ok((label, self.passes(record)?))
    }

    /// Without a gate, all labels count.
    fn passes(&self, record: &StringRecord) -> Result<bool> {
        let Some(found) = self.gate.filter(|_| self.task.config.label_table.gated).map(|gate| &record[gate]) else {
            return Ok(true);
        };
        found.parse().map_err(|_| self.wrong(record, GATE, "true or false", found))
    }

    fn wrong(&self, record: &StringRecord, field: &str, expected: &str, found: &str) -> anyhow::Error {
        let line = record.position().map_or(0, csv::Position::line);
        Usage::new(format!("{}, line {line}: {field}: expected {expected}, found `{found}`", self.place)).into()
    }
}
