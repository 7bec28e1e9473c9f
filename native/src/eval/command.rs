//! The command: reads real and generated images, measures, prints and stores.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use slgan::eval::{Extractor, FeatureSet, Metric, Protocol, Scores, Settings, SubjectFacts, TeacherScores, measure};

use super::print;
use super::real::{self, RealImages};
use super::subject::Subject;
use crate::cli::EvalArgs;
use crate::counter::Counter;
use crate::device::{self, Opened};
use crate::failure::usage;
use crate::{atomic, dataset, regular_file};

/// Measures images, prints the scores and stores them with their protocol.
///
/// # Errors
/// If an input is missing, bad or does not fit the others, the device cannot be used, or a file cannot be written.
pub fn eval(args: &EvalArgs) -> Result<()> {
    for (flag, path) in [("--out", &args.out), ("--save-statistics", &args.save_statistics)] {
        path.as_ref().map_or(Ok(()), |path| atomic::check_parent(flag, path))?;
    }
    // Wrong paths are known before minutes of work.
    let spec = args.data.as_deref().map(dataset::parse).transpose()?;
    super::subject::check(&args.subject, args.count)?;
    let opened = device::open(&args.device)?;
    let extractor = extractor(args, &opened)?;
    let real = match (&spec, &args.statistics) {
        (_, Some(path)) => RealImages::from_statistics(path, &extractor)?,
        (Some(spec), None) => RealImages::load(spec, args, &extractor)?,
        (None, None) => bail!("clap requires real images or their statistics"),
    };
    let mut subject = Subject::open(args, &real, &extractor, &opened)?;
    let (real_facts, known) = real::known(&real, args, &extractor, &opened.device)?;
    let (facts, generated, are_classes) = generated(&mut subject, args, &extractor, &opened)?;
    say!("comparing {} generated images with the real ones ..", generated.count());
    let settings = Settings::new(args.seed);
    let metrics = measurable(&args.metrics, &extractor);
    let mut scores = measure(&known, &generated, are_classes, &metrics, &settings).map_err(usage)?;
    scores.warnings.extend(extractor.note().into_iter().chain(real.notes(&extractor, &metrics)));
    let teacher = subject.teacher(&real, args)?;
    let protocol = Protocol {
        version: slgan::VERSION.to_owned(),
        metrics,
        subject: facts,
        data: real_facts,
        extractor: extractor.facts(),
        settings,
        device: opened.name.clone(),
    };
    finish(args, &protocol, &scores, teacher.as_ref())
}

/// The network in the file that a flag names.
fn extractor(args: &EvalArgs, opened: &Opened) -> Result<Extractor> {
    let (device, class) = (&opened.device, opened.class);
    match (&args.judge, &args.inception) {
        (Some(path), _) => read_extractor("--judge", path, |bytes| Extractor::judge(bytes, device, class)),
        (None, Some(path)) => {
            read_extractor("--inception", path, |bytes| Extractor::inception(bytes, args.resize, device, class))
        }
        (None, None) => bail!("clap requires a network"),
    }
}

fn read_extractor<E: Display>(
    flag: &str,
    path: &Path,
    load: impl FnOnce(&[u8]) -> Result<Extractor, E>,
) -> Result<Extractor> {
    let failed = |error: &dyn Display| usage(format!("{flag} {}: {error}", path.display()));
    let bytes = regular_file::read(path).map_err(|error| failed(&error))?;
    load(&bytes).map_err(|error| failed(&error))
}

/// The metrics that the network's logits allow: Inception's are not those of the classes that labels are about.
fn measurable(metrics: &[Metric], extractor: &Extractor) -> Vec<Metric> {
    let knows_classes = extractor.class_names().is_some();
    if !knows_classes && metrics.contains(&Metric::Labels) {
        say!("note: labels of generated images need a --judge, which knows their classes");
    }
    metrics.iter().copied().filter(|&metric| knows_classes || metric != Metric::Labels).collect()
}

/// The features of the images to measure, and whether their labels are classes.
fn generated(
    subject: &mut Subject,
    args: &EvalArgs,
    extractor: &Extractor,
    opened: &Opened,
) -> Result<(SubjectFacts, FeatureSet, bool)> {
    let facts = subject.facts(&args.subject);
    let mut set = FeatureSet::new(extractor.facts().features, extractor.classes());
    let mut counter = Counter::new("generated images:", "images", facts.images as u64);
    subject.for_each(&mut |images, labels| {
        let readings = device::block_on(extractor.read(&images, &opened.device))??;
        set.extend(readings, labels);
        counter.update(set.count() as u64, "");
        Ok(())
    })?;
    Ok((facts, set, subject.labels_are_classes(args)))
}

fn finish(args: &EvalArgs, protocol: &Protocol, scores: &Scores, teacher: Option<&TeacherScores>) -> Result<()> {
    let report: Value = json!({ "protocol": protocol, "scores": scores, "teacher": teacher });
    let text = serde_json::to_string_pretty(&report)?;
    let out = args.out.clone().or_else(|| (!args.json).then(|| default_out(args, protocol)));
    if let Some(out) = &out {
        atomic::write_file(out, format!("{text}\n").as_bytes())?;
    }
    for warning in &scores.warnings {
        say!("warning: {warning}");
    }
    if args.json {
        result!("{text}");
    } else {
        print::table(protocol, scores, teacher).iter().for_each(|line| result!("{line}"));
    }
    if let Some(out) = &out {
        say!("the scores and their protocol are in {}", out.display());
    }
    Ok(())
}

fn default_out(args: &EvalArgs, protocol: &Protocol) -> PathBuf {
    let folder = if protocol.subject.kind == "run" { args.subject.as_path() } else { Path::new("") };
    atomic::free_name(folder, "eval")
}
