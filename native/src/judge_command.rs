//! `slgan judge`: judges in files.

use anyhow::{Context, Result};
use slgan::config::IMAGE_SIZES;
use slgan::data::{ImageShape, LoadOptions};
use slgan::train::judge::residual::{JudgeFacts, Recipe, train};

use crate::cli::{JudgeCommand, JudgeTrainArgs};
use crate::counter::Counter;
use crate::failure::{Usage, usage};
use crate::{atomic, dataset, device};

/// Runs a subcommand.
///
/// # Errors
/// If the data set is missing, bad or has too few labels, or the file cannot be written.
pub fn run(command: &JudgeCommand) -> Result<()> {
    match command {
        JudgeCommand::Train(args) => train_judge(args),
    }
}

fn train_judge(args: &JudgeTrainArgs) -> Result<()> {
    atomic::check_parent("--out", &args.out)?;
    let folder_shape = ImageShape { channels: args.channels, size: args.size };
    let options = LoadOptions { folder_shape, skip_bad: args.skip_bad, ..LoadOptions::default() };
    let data = dataset::load(&dataset::parse(&args.data)?, &options)?;
    for note in &data.notes {
        say!("data: {note}");
    }
    let image = data.train.images.shape;
    if !IMAGE_SIZES.contains(&image.size) {
        let found = image.size;
        return Err(
            Usage::new(format!("{}: images of {found} pixels: expected one of {IMAGE_SIZES:?}", args.data)).into()
        );
    }
    let opened = device::open(&args.device)?;
    let usual = Recipe { seed: args.seed, ..Recipe::default() };
    let recipe = Recipe {
        steps: args.steps.unwrap_or(usual.steps),
        batch: args.batch.map_or(usual.batch, usize::from),
        ..usual
    };
    say!("training a judge of {} on {}: {} steps of {} images", args.data, opened.name, recipe.steps, recipe.batch);
    let mut counter = Counter::new("judge", "steps", recipe.steps);
    let report = |step: u64, loss: f32| counter.update(step, &format!("loss {loss:.3}"));
    let trained = device::block_on(train(&data, &recipe, (&opened.device, opened.class), report))?;
    drop(counter);
    let judge = trained.map_err(|error| if error.is_of_data() { usage(error) } else { error.into() })?;
    let bytes = device::block_on(judge.save())?.context("the judge")?;
    atomic::write_file(&args.out, &bytes)?;
    let JudgeFacts { accuracy, held_out, class_names, .. } = &judge.facts;
    let (classes, percent) = (class_names.len(), 100.0 * accuracy);
    result!("{}: knows {percent:.2} % of {held_out} held-out images, {classes} classes", args.out.display());
    Ok(())
}
