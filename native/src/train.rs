//! `slgan train`: turns a command line into a run folder.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;
use slgan::config::{Config, Layer, parse_file, resume_differences};
use slgan::data::{DataSpec, ImageShape, LoadOptions};
use slgan::train::judge::Judge;
use slgan::train::state::State;
use slgan::train::task::Task;
use slgan::train::{Outcome, checkpoint};

use crate::cli::{BestMetric, CheckpointChoice, TrainArgs};
use crate::device::{self, Opened};
use crate::failure::{Usage, usage};
use crate::interrupt::Interrupt;
use crate::progress::Progress;
use crate::recorder::{Recorder, RecorderOptions};
use crate::run_folder::RunFolder;
use crate::{atomic, dataset, judge_cache, memory, report};

/// Starts or resumes a run.
///
/// # Errors
/// If the call is wrong (exit code 2), or the run cannot finish (exit code 1). The function checks data, configuration
/// and device before it creates a folder.
pub fn train(args: &TrainArgs) -> Result<Outcome> {
    let plan = Plan::new(args)?;
    let options = LoadOptions {
        seed: plan.config.seed,
        folder_shape: ImageShape { channels: plan.config.images.channels, size: plan.config.images.size },
        skip_bad: plan.config.images.skip_bad,
    };
    let data = dataset::load(&plan.spec, &options)?;
    let say = |text: &str| {
        if !args.quiet {
            say!("{text}");
        }
    };
    data.notes.iter().for_each(|note| say(&format!("data: {note}")));
    let task = Task::new(plan.config.clone(), data).map_err(usage)?;
    memory::check_free(&task)?;
    let opened = device::open(&task.config.device)?;
    memory::check_bindings(&task, opened.max_binding_bytes)?;
    say(&format!("device: {} ({})", opened.name, opened.reason));
    let mut state = plan.state(args, &task, &opened)?;
    if state.step >= task.config.steps {
        return Err(Usage::new(format!(
            "{}: already at step {}; set a higher --steps",
            plan.folder.path.display(),
            state.step
        ))
        .into());
    }
    let judge = judge_cache::judge(&task, &opened.device, &say)?;
    check_best(args, &task, judge.is_some())?;
    plan.prepare_folder(&task)?;
    let outcome = run(args, &plan.folder, &task, &mut state, &opened, judge.as_ref())?;
    report::write(&plan.folder.path)?;
    let report = plan.folder.path.join("report.html");
    say(&match outcome {
        Outcome::Finished => format!("done: {}", report.display()),
        Outcome::Stopped => {
            format!("saved at step {}; continue with --resume --out {}", state.step, plan.folder.path.display())
        }
    });
    Ok(outcome)
}

/// Refuses `--best` if the run never computes its metric.
fn check_best(args: &TrainArgs, task: &Task, has_judge: bool) -> Result<()> {
    let refused = match args.best {
        None => return Ok(()),
        Some(_) if task.config.report.evaluate_every == 0 => "evaluations, but report.evaluate_every is 0",
        Some(BestMetric::FrechetJudge) if !has_judge => "a judge: add --judge",
        Some(_) => return Ok(()),
    };
    Err(Usage::new(format!("--best needs {refused}")).into())
}

fn run(
    args: &TrainArgs,
    folder: &RunFolder,
    task: &Task,
    state: &mut State,
    opened: &Opened,
    judge: Option<&Judge>,
) -> Result<Outcome> {
    let best_metric = args.best.and_then(|metric| Some(metric.to_possible_value()?.get_name().to_owned()));
    let options = RecorderOptions {
        keep: task.config.report.keep,
        best_metric,
        images_per_step: task.config.batch,
        class_names: task.subject.class_names.clone(),
        tensorboard: args.tensorboard,
    };
    let progress = Progress::new(task.config.steps, state.step, args.quiet);
    let mut recorder = Recorder::new(folder.clone(), options, progress, Interrupt::listen()?, state.step)?;
    let outcome =
        pollster::block_on(slgan::train::train(task, state, &opened.device, &opened.name, judge, &mut recorder))?;
    recorder.finish();
    Ok(outcome)
}

/// Reports keys that have old names, and their new names.
fn note_renamed_keys(layers: &[Layer]) {
    for layer in layers {
        for key in layer.renamed_keys() {
            say!("note: {}: {key}", layer.origin);
        }
    }
}

/// The requested run: a new one, or the rest of an old one.
struct Plan {
    config: Config,
    spec: DataSpec,
    folder: RunFolder,
    resumes: bool,
}

impl Plan {
    fn new(args: &TrainArgs) -> Result<Self> {
        if args.resume { Self::resumed(args) } else { Self::fresh(args) }
    }

    fn fresh(args: &TrainArgs) -> Result<Self> {
        let mut layers: Vec<Layer> = Vec::new();
        if let Some(path) = &args.config {
            layers.push(read_layer(path)?);
        }
        layers.extend(args.layers().map_err(usage)?);
        note_renamed_keys(&layers);
        let config = Config::from_layers(&layers).map_err(usage)?;
        let spec = dataset::parse(&config.data)?;
        let folder = match &args.out {
            Some(out) if out.exists() => {
                return Err(Usage::new(format!(
                    "{}: already exists; choose another folder with --out, or continue that run with --resume",
                    out.display()
                ))
                .into());
            }
            Some(out) => RunFolder::at(out),
            None => RunFolder::first_free(RunFolder::default_path(&config, &spec)),
        };
        Ok(Self { config, spec, folder, resumes: false })
    }

    fn resumed(args: &TrainArgs) -> Result<Self> {
        let flags = args.layers().map_err(usage)?;
        let folder = match &args.out {
            Some(out) => RunFolder::at(out),
            None => {
                let config = Config::from_layers(&flags).map_err(usage)?;
                RunFolder::at(RunFolder::default_path(&config, &dataset::parse(&config.data)?))
            }
        };
        if !folder.config_path().is_file() {
            return Err(Usage::new(format!("{}: no run to resume", folder.path.display())).into());
        }
        let saved_layer = read_layer(&folder.config_path())?;
        let saved = Config::from_layers(std::slice::from_ref(&saved_layer)).map_err(usage)?;
        let file = args.config.as_deref().map(read_layer).transpose()?;
        let layers: Vec<Layer> = std::iter::once(saved_layer).chain(file).chain(flags).collect();
        note_renamed_keys(&layers);
        let config = Config::from_layers(&layers).map_err(usage)?;
        let differences = resume_differences(&saved, &config);
        if !differences.is_empty() {
            return Err(Usage::new(format!(
                "--resume may change only steps, device and report settings; these keys differ from the run's: {}",
                differences.join(", ")
            ))
            .into());
        }
        let spec = dataset::parse(&config.data)?;
        Ok(Self { config, spec, folder, resumes: true })
    }

    /// The state to start from.
    fn state(&self, args: &TrainArgs, task: &Task, opened: &Opened) -> Result<State> {
        let fresh = State::new(&task.config, &task.architecture(), &opened.device);
        if !self.resumes {
            return Ok(fresh);
        }
        let which = args.checkpoint.unwrap_or(CheckpointChoice::Last);
        let Some((header, tensors)) = self.folder.resume(&which)? else { return Ok(fresh) };
        let folder = self.folder.path.display();
        if header.subject != task.subject {
            let message = format!("{folder}: trained on {}, but the data are {}", header.subject, task.subject);
            return Err(Usage::new(message).into());
        }
        let differences = resume_differences(&header.config, &as_in_a_header(&task.config)?);
        if !differences.is_empty() {
            let keys = differences.join(", ");
            let message = format!("{folder}: the checkpoint's configuration differs from config.toml: {keys}");
            return Err(Usage::new(message).into());
        }
        checkpoint::restore(fresh, &header, &tensors, &opened.device)
            .with_context(|| format!("{}", self.folder.path.join(RunFolder::checkpoint_name(header.step)).display()))
    }

    fn prepare_folder(&self, task: &Task) -> Result<()> {
        if self.resumes {
            let config = task.config.to_toml()?;
            return Ok(atomic::write_file(&self.folder.config_path(), config.as_bytes())?);
        }
        self.folder.create(&task.config)
    }
}

/// The configuration after a round trip through a checkpoint's header, so that numbers compare bit by bit.
fn as_in_a_header(config: &Config) -> Result<Config> {
    Ok(serde_json::from_value(serde_json::from_str(&serde_json::to_string(config)?)?)?)
}

fn read_layer(path: &Path) -> Result<Layer> {
    let text = fs::read_to_string(path).map_err(|error| usage(format!("{}: {error}", path.display())))?;
    parse_file(path.display().to_string(), &text).map_err(usage)
}
