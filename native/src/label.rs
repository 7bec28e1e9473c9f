//! `slgan label`: writes the teacher's labels for pictures to a table.

use anyhow::{Context, Result};
use slgan::data::{self, DataSpec, FileSet, LoadOptions, names};
use slgan::labels::Prediction;

use crate::cli::{LabelArgs, Split};
use crate::failure::Usage;
use crate::model::Model;
use crate::{atomic, dataset, device};

/// Labels a data set and writes the CSV.
///
/// # Errors
/// If the model or the data cannot be read, or the pictures have a different shape from the model's images.
pub fn label(args: &LabelArgs) -> Result<()> {
    let model = Model::open(&args.model)?;
    let subject = &model.header.subject;
    let (seed, folder_shape) = (model.header.config.seed, subject.image);
    let options = LoadOptions { seed, folder_shape, skip_bad: args.skip_bad, ..LoadOptions::default() };
    let spec = dataset::parse(&args.data)?;
    let data = dataset::load(&spec, &options)?;
    for note in &data.notes {
        say!("data: {note}");
    }
    let split = dataset::part(data, args.split.unwrap_or_else(|| usual_part(&spec)));
    let found = split.images.shape;
    if found != subject.image {
        let (data, expected) = (&args.data, subject.image);
        return Err(
            Usage::new(format!("{data}: images of {found} pixels, but the model was trained on {expected}")).into()
        );
    }
    let predictions = device::block_on(model.labeler().label(&split.images, &model.device, async || ()))??;
    let table = table(&predictions, &split, &subject.class_names)?;
    atomic::write_file(&args.out, &table)?;
    let passing = predictions.iter().filter(|prediction| prediction.passes_gate).count();
    result!("{}: {} images labelled, {passing} pass the gate", args.out.display(), predictions.len());
    Ok(())
}

/// The default part: users want labels for a whole folder, but published sets have a test part.
fn usual_part(spec: &DataSpec) -> Split {
    match spec {
        DataSpec::Files { set: FileSet::Folder, .. } => Split::All,
        _ => Split::Test,
    }
}

/// Columns `image,label,class,confidence,passes_gate`. The image is its path, or its position if it is not a file. The
/// class is empty if labels belong to no class. Both are [cells](cell).
fn table(predictions: &[Prediction], split: &data::Split, class_names: &[String]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["image", "label", "class", "confidence", "passes_gate"])?;
    for (index, prediction) in predictions.iter().enumerate() {
        writer.write_record([
            split.names.get(index).map_or_else(|| index.to_string(), |name| cell(name)),
            prediction.label.to_string(),
            prediction.class.map_or(String::new(), |class| cell(&class_names[class])),
            format!("{:.6}", prediction.confidence),
            prediction.passes_gate.to_string(),
        ])?;
    }
    writer.into_inner().context("writing the table")
}

/// A name as a cell of the table. A spreadsheet would compute a cell that starts like a formula, so such a name gets an
/// apostrophe in front (OWASP, CSV injection). Names with an apostrophe in front get one more, so that it can be taken off
/// again.
pub fn cell(name: &str) -> String {
    let name = names::printable(name);
    if name.starts_with(['=', '+', '-', '@', '\'']) { format!("'{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_starts_like_a_formula() {
        for name in ["=1+1.png", "+1", "-1/x.png", "@SUM(A1)", "'=1"] {
            assert_eq!(cell(name), format!("'{name}"));
        }
        assert_eq!(cell("a/=1.png"), "a/=1.png");
        assert_eq!(cell("\t=1"), r"\t=1");
    }
}
