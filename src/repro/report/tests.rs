//! A report survives its file, and every kind of damage is named as what it is.

use std::collections::BTreeMap;

use super::*;
use crate::kernels::class::DeviceClass;
use crate::train::seal;

fn report() -> Report {
    Report {
        schema: SCHEMA.into(),
        suite: "standard-1".into(),
        environment: environment(),
        exact: vec![ExactItem { name: "words".into(), about: "Words.".into(), bytes: 4, sha256: "ab".into() }],
        strict: vec![ExactItem { name: "tanh".into(), about: "Tanh.".into(), bytes: 8, sha256: "cd".into() }],
        kernels: KernelsLayer {
            derivations: BTreeMap::from([("tanh".into(), "A rational function.".into())]),
            results: vec![result(Some(1e-8)), result(None)],
        },
        training: vec![run()],
    }
}

fn environment() -> Environment {
    Environment {
        version: "0.1.0".into(),
        shell: Shell::Native,
        libraries: BTreeMap::from([("burn".into(), "0.22.1".into())]),
        device: DeviceFacts {
            name: "a \"device\" named Käse".into(),
            backend: Backend::Wgpu,
            class: DeviceClass::Discrete,
            interface: Some("vulkan".into()),
            vendor: None,
            architecture: None,
            driver: Some("driver".into()),
            driver_version: None,
            limits: BTreeMap::from([("maxBindGroups".into(), u64::MAX)]),
            features: vec!["shader-f16".into()],
        },
        system: SystemFacts {
            os: Some("linux".into()),
            architecture: "x86_64".into(),
            processor: None,
            instruction_sets: vec!["avx2".into()],
            threads: Some(2),
            browser: None,
        },
        shaders: BTreeMap::from([("tanh".into(), "cd".into())]),
    }
}

fn result(error: Option<f64>) -> KernelResult {
    KernelResult {
        operation: "tanh".into(),
        case: "[1, 1]".into(),
        plan: None,
        result: "output".into(),
        direction: Direction::Forward,
        count: 1,
        sha256: "ef".into(),
        relative: Errors { max: error, mean: error },
        ulps: Errors { max: Some(0.5), mean: Some(0.25) },
        budget: 2e-6,
    }
}

fn run() -> TrainingRun {
    let tensor = TensorDigest {
        name: "blocks.0.conv.weight".into(),
        count: 2,
        sha256: "01".into(),
        norm: Some(0.1),
        sum: Some(-2.5),
        projections: vec![Some(1.0 / 3.0), None],
    };
    let distance = Distance { mean: Some(1e-7), max: Some(2e-7), device: None, tolerance: Some(8e-7) };
    let group = GroupDigests { group: "gradients".into(), tensors: vec![tensor] };
    let phases = vec![PhaseDigests { phase: Phase::Discriminator, groups: vec![group] }];
    TrainingRun {
        name: "few labels".into(),
        about: "A run.".into(),
        config_sha256: "23".into(),
        data: "45".into(),
        tau: 0.5,
        course: Course {
            steps: vec![StepRecord {
                step: 1,
                losses: Losses { discriminator: Some(Number::new(0.1)), classifier: None, generator: None },
                decisions: vec![DecisionRecord {
                    image: 7,
                    label: 3,
                    passes: true,
                    confidence: Number::new(0.75),
                    margin: Number::new(0.5),
                }],
            }],
            digests: vec![StepDigests { step: 1, phases }],
            images: FinalImages { columns: 4, sha256: "67".into(), png: "iVBO".into() },
        },
        repeat: Repeat {
            identical: false,
            parting: Some(Parting { step: 1, phase: Some(Phase::Generator), item: "loss".into() }),
        },
        growth: Growth {
            method: "Runs.".into(),
            members: 4,
            noise: 1e-6,
            steps: vec![GrowthStep {
                step: 1,
                losses: distance,
                confidences: Distance::default(),
                groups: vec![GroupDistance { phase: Phase::Classifier, group: "weights".into(), distance }],
            }],
            pixels: distance,
        },
    }
}

/// The message of the error that reading a file gives.
fn message(file: &[u8]) -> String {
    Report::read(file).expect_err("it should not be readable").to_string()
}

/// The file of a report with other text in place of some, and a seal that fits.
fn sealed_with(old: &str, new: &str) -> Vec<u8> {
    let file = String::from_utf8(report().to_file()).unwrap();
    assert!(file.contains(old), "{file}");
    let seal = file.trim_end().strip_suffix("\"}").unwrap().rsplit('"').next().unwrap().to_owned();
    let mut file = file.replace(old, new).replace(&seal, seal::BLANK).into_bytes();
    let text = file.trim_ascii_end().len();
    file.truncate(text);
    seal::close(&mut file, text);
    file
}

#[test]
fn a_report_survives_its_file() {
    let file = report().to_file();
    assert_eq!(Report::read(&file).unwrap(), report());
    assert_eq!(Report::read(&file).unwrap().to_file(), file);
    assert!(file.starts_with(b"{\"schema\":\"slgan-repro-1\",\"suite\":\"standard-1\","));
    assert_eq!(Report::read(file.trim_ascii_end()).unwrap(), report(), "without the line break");
    let with_spaces = [&file[..], b"\r\n \n"].concat();
    assert_eq!(Report::read(&with_spaces).unwrap(), report(), "with white space at the end");
}

/// Reports of before the strict layer can still be read, and compared in all else.
#[test]
fn an_older_report_has_no_strict_layer() {
    let mut file =
        sealed_with(",\"strict\":[{\"name\":\"tanh\",\"about\":\"Tanh.\",\"bytes\":8,\"sha256\":\"cd\"}]", "");
    file.push(b'\n');
    let older = Report::read(&file).unwrap();
    assert_eq!(older, Report { strict: Vec::new(), ..report() });
}

#[test]
fn a_report_that_was_cut_is_told_so_wherever_it_was_cut() {
    let file = report().to_file();
    for length in (0..file.len() - 2).step_by(7).chain([file.len() - 2]) {
        let found = message(&file[..length]);
        assert!(found.starts_with(&format!("cut short: the JSON ends after {length} bytes")), "{length}: {found}");
    }
}

#[test]
fn a_changed_bit_or_letter_is_an_edit() {
    let file = report().to_file();
    let text = String::from_utf8(file.clone()).unwrap();
    let edited = text.replace("\"identical\":false", "\"identical\":true");
    assert_ne!(edited, text);
    assert!(message(edited.as_bytes()).starts_with("edited by hand, or damaged: "), "{}", message(edited.as_bytes()));
    let unsealed = format!("{}}}", &text[..text.find(",\"seal\"").unwrap()]);
    assert_eq!(message(unsealed.as_bytes()), "edited by hand: its last field should be `seal`, which is missing");
    for place in (0..file.len() - 1).step_by(11) {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[place] ^= 1 << bit;
            assert!(Report::read(&changed).is_err(), "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn another_schema_and_another_suite_are_named() {
    let other = sealed_with(SCHEMA, "slgan-repro-2");
    assert_eq!(
        message(&other),
        "schema: expected `slgan-repro-1`, found `slgan-repro-2`; another version of slgan wrote it"
    );
    let file = report().to_file();
    assert_eq!(Report::read_of_suite(&file, "standard-1").unwrap(), report());
    let found = Report::read_of_suite(&file, "standard-2").unwrap_err().to_string();
    assert!(found.starts_with("suite: expected `standard-2`, found `standard-1`"), "{found}");
}

#[test]
fn fields_are_those_of_the_schema() {
    let missing = message(&sealed_with("\"suite\":\"standard-1\",", ""));
    assert!(missing.contains("slgan-repro-1") && missing.contains("missing field `suite`"), "{missing}");
    let unknown = message(&sealed_with("\"step\":1", "\"steps\":1"));
    assert!(unknown.contains("unknown field `steps`"), "{unknown}");
}

#[test]
fn other_files_are_no_reports() {
    for file in ["hello", "[1, 2]", "{\"step\": 1}", "{\"schema\": 1}", "{} {}"] {
        let found = message(file.as_bytes());
        assert!(found.starts_with("not a report of `slgan repro run`: "), "{file}: {found}");
    }
    assert!(message(b"").starts_with("cut short"));
}

#[test]
fn a_result_without_an_error_is_not_within_its_budget() {
    assert!(result(Some(2e-6)).within_budget());
    assert!(!result(Some(3e-6)).within_budget());
    assert!(!result(None).within_budget());
}
