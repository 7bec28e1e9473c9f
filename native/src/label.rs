//! `slgan label`: the teacher's labels for pictures, as a table.

use anyhow::{Context, Result};
use slgan::data::LoadOptions;
use slgan::labels::Opinion;

use crate::cli::{LabelArgs, Split};
use crate::failure::Usage;
use crate::model::Model;
use crate::{atomic, dataset};

/// Labels a data set and writes the CSV.
///
/// # Errors
/// If model or data cannot be read, or the pictures have another shape than the model's.
pub fn label(args: &LabelArgs) -> Result<()> {
    let model = Model::open(&args.model)?;
    let subject = &model.header.subject;
    let options = LoadOptions { seed: model.header.config.seed, folder_shape: subject.image, skip_bad: args.skip_bad };
    let data = dataset::load(&dataset::parse(&args.data)?, &options)?;
    for note in &data.notes {
        eprintln!("data: {note}");
    }
    let split = match args.split {
        Split::Train => &data.train,
        Split::Test => &data.test,
    };
    let found = split.images.shape;
    if found != subject.image {
        let (data, expected) = (&args.data, subject.image);
        return Err(
            Usage::new(format!("{data}: images of {found} pixels, but the model was trained on {expected}")).into()
        );
    }
    let opinions = pollster::block_on(model.labeler().label(&split.images, &model.device))?;
    let table = table(&opinions, &subject.class_names)?;
    atomic::write_file(&args.out, &table)?;
    let gated = opinions.iter().filter(|opinion| opinion.gated).count();
    println!("{}: {} images labelled, {gated} pass the gate", args.out.display(), opinions.len());
    Ok(())
}

/// Columns `image,label,class,confidence,gated`; the class is empty where labels belong to none.
fn table(opinions: &[Opinion], class_names: &[String]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["image", "label", "class", "confidence", "gated"])?;
    for (index, opinion) in opinions.iter().enumerate() {
        writer.write_record([
            index.to_string(),
            opinion.label.to_string(),
            opinion.class.map_or(String::new(), |class| class_names[class].clone()),
            format!("{:.6}", opinion.confidence),
            opinion.gated.to_string(),
        ])?;
    }
    writer.into_inner().context("writing the table")
}
