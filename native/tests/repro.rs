//! `slgan repro run`: a report that can be read, and is the same every time.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use slgan::repro::Suite;
use slgan::repro::report::{Backend, Report, Shell};

use common::Workplace;

#[test]
fn a_report_is_written_whole_and_is_the_same_every_time() {
    let workplace = Workplace::new();
    let (summary, notes) = workplace.run("repro run --device cpu --suite brief");
    assert!(notes.contains("running the suite brief-1 on CPU (") && notes.contains("repro.json"), "{notes}");
    let report = Report::read_of_suite(&workplace.read("repro.json"), Suite::BRIEF.name).unwrap();
    assert_eq!((report.environment.shell, report.environment.device.backend), (Shell::Native, Backend::Cpu));
    assert!(!report.exact.is_empty() && report.training.iter().all(|run| run.repeat.identical), "{summary}");
    let results = report.kernels.results.len();
    assert!(summary.contains(&format!("{results} of {results} results are within their budgets")), "{summary}");
    assert!(summary.contains("This device agrees with float64 and with itself."), "{summary}");

    let (text, _) = workplace.run("repro run --device cpu --suite brief --json");
    assert_eq!(text.trim_end().as_bytes(), workplace.read("repro.json").trim_ascii_end(), "another report");
    assert!(!workplace.path("repro-2.json").exists(), "--json writes a file only with --out");
    workplace.run("repro run --device cpu --suite brief --out new.json");
    assert!(workplace.read("new.json") == workplace.read("repro.json"));
}

#[test]
fn threads_change_nothing_but_their_count() {
    let workplace = Workplace::new();
    let run = |threads: &str| {
        let mut command = workplace.command("repro run --device cpu --suite brief --json");
        let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Report::read(&output.stdout).unwrap()
    };
    let (one, two) = (run("1"), run("2"));
    assert_eq!((one.environment.system.threads, two.environment.system.threads), (Some(1), Some(2)));
    assert!(
        one.exact == two.exact
            && one.strict == two.strict
            && one.kernels == two.kernels
            && one.training == two.training
    );
}

#[test]
fn wrong_calls_of_repro_are_refused() {
    let workplace = Workplace::new();
    for (line, parts) in [
        ("repro run --device gpu:99", ["gpu:99", "gpu:N"]),
        ("repro run --suite long", ["long", "brief"]),
        ("repro run --device cpu --out no/such/file.json", ["no/such/file.json", "not a folder"]),
    ] {
        workplace.refuses(line, 2, &parts);
    }
}
