//! What a command line asks for: a new run, or the rest of an old one. Finding out reads only configuration files.

use std::fs;
use std::path::Path;

use anyhow::Result;
use slgan::config::{Config, Layer, parse_file};
use slgan::data::DataSpec;

use super::{place, saved, several};
use crate::claim::{self, Claim};
use crate::cli::TrainArgs;
use crate::dataset;
use crate::failure::{Usage, usage};
use crate::mpi::Group;
use crate::run_folder::RunFolder;

/// The requested run.
pub struct Plan {
    /// Its configuration.
    pub config: Config,
    /// Its data, where they are.
    pub spec: DataSpec,
    /// The folder of a run to continue.
    pub resumed: Option<RunFolder>,
}

impl Plan {
    /// The run that a command line asks for.
    ///
    /// # Errors
    /// If the call or a configuration file is wrong, or there is no run to resume.
    pub fn new(args: &TrainArgs, group: &Group) -> Result<Self> {
        if args.resume { Self::resumed(args, group) } else { Self::fresh(args, group) }
    }

    /// Takes the run's folder for this process.
    ///
    /// # Errors
    /// If it cannot be taken or written.
    pub fn claim(&self, args: &TrainArgs) -> Result<Claim> {
        match (&self.resumed, &args.out) {
            (Some(folder), _) => Claim::resumed(folder.clone()),
            (None, Some(out)) => Claim::new_at(out),
            (None, None) => Claim::first_free(&claim::default_path(&self.config, &self.spec)),
        }
    }

    /// The folder of the run in a process that does not write it, for messages.
    pub fn folder(&self, args: &TrainArgs) -> RunFolder {
        let new = || args.out.clone().unwrap_or_else(|| claim::default_path(&self.config, &self.spec));
        self.resumed.clone().unwrap_or_else(|| RunFolder::at(new()))
    }

    fn fresh(args: &TrainArgs, group: &Group) -> Result<Self> {
        let file = args.config.as_deref().map(read_layer).transpose()?;
        let flags = args.layers().map_err(usage)?;
        let layers: Vec<Layer> = several::shards(group).into_iter().chain(file).chain(flags).collect();
        note_renamed_keys(&layers);
        let mut config = Config::from_layers(&layers).map_err(usage)?;
        let mut spec = dataset::parse(&config.data)?;
        if let Some(file) = args.config.as_deref().filter(|_| !args.names_data()) {
            spec = place::find(spec, file);
        }
        config.data = place::recorded(&spec, args.out.as_deref().unwrap_or(Path::new("runs")));
        Ok(Self { config, spec, resumed: None })
    }

    fn resumed(args: &TrainArgs, group: &Group) -> Result<Self> {
        let flags = args.layers().map_err(usage)?;
        let folder = folder_to_resume(args, &flags, group)?;
        let file = folder.config_path();
        let text = group.of_first(|| Ok(read_text(&file)?.into_bytes()))?;
        let saved_layer = parse_file(file.display().to_string(), &String::from_utf8_lossy(&text)).map_err(usage)?;
        let stored = [Layer::of_older_versions(), saved_layer];
        let saved = Config::from_layers(&stored).map_err(usage)?;
        let given = args.config.as_deref().map(read_layer).transpose()?;
        let layers: Vec<Layer> = stored.into_iter().chain(given).chain(flags).collect();
        note_renamed_keys(&layers);
        let mut config = Config::from_layers(&layers).map_err(usage)?;
        let differences = saved::differences(&saved, &config);
        if !differences.is_empty() {
            return Err(Usage::new(format!(
                "--resume may change only steps, device, device_class, report settings and the place of the data; \
                 these keys differ from the run's: {}",
                differences.join(", ")
            ))
            .into());
        }
        let mut spec = dataset::parse(&config.data)?;
        if args.names_data() || config.data != saved.data {
            config.data = place::recorded(&spec, &folder.path);
        } else {
            spec = place::find(spec, &file);
            if let Some(place) = place::missing(&spec) {
                return Err(usage(moved(&spec, place, &file)));
            }
        }
        Ok(Self { config, spec, resumed: Some(folder) })
    }
}

fn moved(spec: &DataSpec, place: &str, file: &Path) -> String {
    let name = spec.name();
    let from = if Path::new(place).is_relative() { ", from here or a folder above it" } else { "" };
    format!(
        "data: `{place}` is not there; {} names it{from}; if the data have moved, add --data {name}:NEW with their new \
         place",
        file.display()
    )
}

/// The folder of `--out`, or the default one of the other flags. Only the first process looks whether it is there: the
/// others may be on machines that do not have it.
fn folder_to_resume(args: &TrainArgs, flags: &[Layer], group: &Group) -> Result<RunFolder> {
    let candidates = match &args.out {
        Some(out) => vec![out.clone()],
        None => {
            let config = Config::from_layers(flags).map_err(usage)?;
            claim::default_paths(&config, &dataset::parse(&config.data)?).to_vec()
        }
    };
    let mut folders = candidates.iter().map(RunFolder::at);
    let Some(folder) = folders.find(|folder| !group.is_first() || folder.config_path().is_file()) else {
        return Err(Usage::new(format!("{}: no run to resume", candidates[0].display())).into());
    };
    let next = claim::numbered(&folder.path, 2);
    if args.out.is_none() && !args.quiet && next.exists() {
        say!("note: resuming {}; name another run, such as {}, with --out", folder.path.display(), next.display());
    }
    Ok(folder)
}

/// Reports keys that have old names, and their new names.
fn note_renamed_keys(layers: &[Layer]) {
    for layer in layers {
        for key in layer.renamed_keys() {
            say!("note: {}: {key}", layer.origin);
        }
    }
}

fn read_layer(path: &Path) -> Result<Layer> {
    parse_file(path.display().to_string(), &read_text(path)?).map_err(usage)
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| usage(format!("{}: {error}", path.display())))
}
