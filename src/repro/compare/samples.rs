//! Small reports for tests.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::item::Item;
use super::named::NamedReport;
use super::pair::{Pair, pair};
use crate::data::ImageShape;
use crate::image::Picture;
use crate::kernels::class::DeviceClass;
use crate::repro::report::{
    Backend, Course, DecisionRecord, DeviceFacts, Direction, Distance, Environment, Errors, ExactItem, FinalImages,
    GroupDigests, GroupDistance, Growth, GrowthStep, KernelResult, KernelsLayer, Losses, Number, Phase, PhaseDigests,
    Repeat, Report, SCHEMA, Shell, StepDigests, StepRecord, SystemFacts, TensorDigest, TrainingRun,
};
use crate::train::seal::sha256;

/// Groups of every digested step.
const GROUPS: [(Phase, &str); 5] = [
    (Phase::Inputs, "images"),
    (Phase::Inputs, "labels"),
    (Phase::Discriminator, "gradients"),
    (Phase::Discriminator, "weights"),
    (Phase::Generator, "weights"),
];

/// A report of the CPU.
pub fn report() -> Report {
    Report {
        schema: SCHEMA.into(),
        suite: "standard-1".into(),
        environment: environment(),
        exact: vec![exact("random words"), exact("picture baseline.jpg")],
        strict: vec![exact("conv2d"), exact("few labels, step 1, generator, weights")],
        kernels: KernelsLayer {
            derivations: BTreeMap::from([("tanh".into(), "A rational function.".into())]),
            results: vec![
                result("tanh", None),
                result("conv2d", Some(DeviceClass::Software)),
                result("conv2d", Some(DeviceClass::Discrete)),
            ],
        },
        training: vec![run("few labels"), run("all labels")],
    }
}

/// The comparison of [`report`], which is `a.json`, with a changed one, which is `b.json`.
pub fn with(change: impl FnOnce(&mut Report)) -> Pair {
    let mut other = report();
    change(&mut other);
    pair(&NamedReport::new("a.json", report()), &NamedReport::new("b.json", other))
}

/// The items that are not identical.
pub fn parted(pair: &Pair) -> Vec<&Item> {
    pair.items.iter().filter(|item| item.verdict != super::Verdict::Identical).collect()
}

/// Pixels in base64 as a PNG.
pub fn png(pixels: &[u8]) -> String {
    STANDARD.encode(Picture::grid(pixels, ImageShape { channels: 1, size: 1 }, 2, 1).png())
}

fn environment() -> Environment {
    Environment {
        version: "0.1.0".into(),
        shell: Shell::Native,
        libraries: BTreeMap::from([("burn".into(), "0.22.1".into())]),
        device: DeviceFacts::new("CPU", Backend::Cpu, DeviceClass::Software),
        system: SystemFacts {
            os: Some("linux".into()),
            architecture: "x86_64".into(),
            processor: None,
            instruction_sets: vec!["avx2".into(), "fma".into()],
            threads: Some(2),
            browser: None,
        },
        shaders: BTreeMap::from([("tanh".into(), "cd".into())]),
    }
}

fn exact(name: &str) -> ExactItem {
    ExactItem { name: name.into(), about: "A sentence.".into(), bytes: 4, sha256: sha256(name.as_bytes()) }
}

fn result(operation: &str, plan: Option<DeviceClass>) -> KernelResult {
    KernelResult {
        operation: operation.into(),
        case: "[2, 3]".into(),
        plan,
        result: "output".into(),
        direction: Direction::Forward,
        count: 6,
        sha256: "ab".into(),
        relative: Errors { max: Some(1e-7), mean: Some(1e-8) },
        ulps: Errors { max: Some(0.5), mean: Some(0.25) },
        budget: 2e-6,
    }
}

fn run(name: &str) -> TrainingRun {
    TrainingRun {
        name: name.into(),
        about: "A run.".into(),
        config_sha256: "23".into(),
        data: "45".into(),
        tau: 0.5,
        course: Course {
            steps: (1..=3).map(step).collect(),
            digests: [1, 3].map(digests).to_vec(),
            images: FinalImages { columns: 2, sha256: "67".into(), png: png(&[10, 200]) },
        },
        repeat: Repeat { identical: true, parting: None },
        growth: Growth {
            method: "Runs.".into(),
            members: 2,
            noise: 1e-5,
            steps: (1..=3).map(growth).collect(),
            pixels: distance(3.0),
        },
    }
}

fn step(step: u64) -> StepRecord {
    let decision = |image, label, confidence, margin| DecisionRecord {
        image,
        label,
        passes: confidence >= 0.5,
        confidence: Number::new(confidence),
        margin: Number::new(margin),
    };
    StepRecord {
        step,
        losses: Losses { discriminator: Some(Number::new(1.0)), classifier: None, generator: Some(Number::new(0.5)) },
        decisions: vec![decision(7, 3, 0.75, 0.5), decision(9, 1, 0.4, 0.001)],
    }
}

fn digests(step: u64) -> StepDigests {
    let tensor = |name: &str| TensorDigest {
        name: name.into(),
        count: 16,
        sha256: "01".into(),
        norm: Some(2.0),
        sum: Some(1.0),
        projections: vec![Some(1.0), Some(-1.0), Some(2.0), Some(0.0)],
    };
    let phase = |phase: Phase| PhaseDigests {
        phase,
        groups: GROUPS
            .into_iter()
            .filter(|(found, _)| *found == phase)
            .map(|(_, group)| GroupDigests { group: group.into(), tensors: ["a", "b"].map(tensor).to_vec() })
            .collect(),
    };
    StepDigests { step, phases: [Phase::Inputs, Phase::Discriminator, Phase::Generator].map(phase).to_vec() }
}

fn growth(step: u64) -> GrowthStep {
    let of = |(phase, group): (Phase, &str)| GroupDistance { phase, group: group.into(), distance: distance(1e-3) };
    GrowthStep {
        step,
        losses: distance(1e-3),
        confidences: distance(1e-3),
        groups: if step == 2 { Vec::new() } else { GROUPS.map(of).to_vec() },
    }
}

fn distance(tolerance: f64) -> Distance {
    Distance { mean: Some(tolerance / 8.0), max: Some(tolerance / 4.0), device: Some(0.0), tolerance: Some(tolerance) }
}
