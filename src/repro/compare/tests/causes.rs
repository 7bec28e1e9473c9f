//! What is said about environments and causes.

use crate::kernels::class::DeviceClass;
use crate::repro::compare::samples::{report, with};
use crate::repro::compare::{NamedReport, Verdict, compare, described};
use crate::repro::report::{Backend, DeviceFacts, Number, Report, Shell};

/// Another rounding in the operations and in a run.
fn round(report: &mut Report) {
    report.kernels.results[0].sha256 = "0".into();
    report.training[0].course.steps[0].losses.generator = Some(Number::new(0.5001));
}

#[test]
fn another_instruction_set_is_named() {
    let pair = with(|report| {
        round(report);
        report.environment.system.instruction_sets = vec!["sse4.1".into()];
        report.environment.system.threads = Some(1);
    });
    let fields: Vec<(&str, bool)> =
        pair.differences.iter().map(|difference| (difference.field.as_str(), difference.bears)).collect();
    assert_eq!(fields, [("system.instruction_sets", true), ("system.threads", false)]);
    assert_eq!(pair.causes.len(), 2, "{:?}", pair.causes);
    assert_eq!(pair.causes[0], "Operations round otherwise, each within its budget of float64 (tanh).");
    assert_eq!(pair.causes[1], "What can change bits: instruction sets (sse4.1; reference avx2, fma).");
    assert_eq!(pair.verdict, Verdict::Within);
}

#[test]
fn a_driver_is_named_only_on_the_same_kind_of_device() {
    let gpu = |report: &mut Report, version: &str| {
        let device = &mut report.environment.device;
        (device.backend, device.class) = (Backend::Wgpu, DeviceClass::Discrete);
        (device.name, device.driver_version) = ("a card".into(), Some(version.into()));
    };
    let mut first = report();
    gpu(&mut first, "1");
    let mut second = first.clone();
    gpu(&mut second, "2");
    round(&mut second);
    let named = |reports: [Report; 2]| {
        let [one, two] = reports;
        compare(&[NamedReport::new("a", one), NamedReport::new("b", two)]).unwrap().pairs.remove(0)
    };
    let drivers = named([first, second.clone()]);
    assert_eq!(drivers.causes[1], "What can change bits: driver version (2; reference 1).");
    let kinds = named([report(), second]);
    assert!(kinds.causes[1].contains("kind of device (GPU kernels; reference CPU)"), "{:?}", kinds.causes);
    assert!(kinds.causes[1].contains("plan of kernels (discrete; reference software)"), "{:?}", kinds.causes);
    assert!(!kinds.causes[1].contains("driver"), "{:?}", kinds.causes);
}

#[test]
fn equal_environments_are_a_finding() {
    let pair = with(round);
    assert!(pair.causes[1].starts_with("Nothing that the environments tell"), "{:?}", pair.causes);
}

#[test]
fn another_version_may_explain_the_exact_layer() {
    let pair = with(|report| {
        report.exact[0].sha256 = "0".into();
        report.environment.libraries.insert("image".into(), "0.26.0".into());
    });
    assert!(pair.causes[0].contains("version of image"), "{:?}", pair.causes);
    assert_eq!(pair.causes[1], "Only what is independent of the device differs.");
}

#[test]
fn strict_arithmetic_that_differs_alone_does_not_concern_usual_runs() {
    let pair = with(|report| report.strict[0].sha256 = "0".into());
    assert_eq!(pair.verdict, Verdict::Outside);
    assert!(pair.sentence.contains("strict arithmetic, conv2d"), "{}", pair.sentence);
    assert!(pair.causes[0].contains("(conv2d)") && pair.causes[0].contains("usual runs"), "{:?}", pair.causes);
    assert!(pair.causes[1].starts_with("Nothing that the environments tell"), "{:?}", pair.causes);
}

#[test]
fn other_data_are_named() {
    let pair = with(|report| report.training[1].data = "0".into());
    assert!(pair.causes[0].contains("all labels") && pair.causes[0].contains("data"), "{:?}", pair.causes);
}

#[test]
fn an_environment_is_told_in_a_line_that_says_nothing_twice() {
    let mut environment = report().environment;
    environment.system.processor = Some("a processor".into());
    assert_eq!(described(&environment), "CPU, a processor, x86_64, slgan 0.1.0");
    let [vulkan, webgpu, driver, version] = ["vulkan", "webgpu", "maker", "1.2"].map(|text| Some(text.to_owned()));
    let name = "a card (discrete GPU, vulkan)";
    let native = DeviceFacts::new(name, Backend::Wgpu, DeviceClass::Discrete);
    environment.device = DeviceFacts { interface: vulkan, driver, driver_version: version, ..native };
    assert_eq!(described(&environment), format!("{name}, maker 1.2, x86_64, slgan 0.1.0"));
    let in_browser = DeviceFacts::new("a card", Backend::Wgpu, DeviceClass::Integrated);
    environment.device = DeviceFacts { interface: webgpu, ..in_browser };
    (environment.shell, environment.system.browser) = (Shell::Web, Some("Browser/1".into()));
    assert_eq!(described(&environment), "a card, webgpu, Browser/1, x86_64, the page of slgan 0.1.0");
}
