//! `slgan repro compare`: verdicts, exit codes, and files that cannot be compared.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::io::Write;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use slgan::repro::compare::Comparison;
use slgan::repro::report::{Number, Report};

use common::Workplace;

/// A report of the CPU, made once.
fn report() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| {
        let (text, _) = Workplace::new().run("repro run --device cpu --suite brief --json");
        Report::read(text.as_bytes()).unwrap()
    })
}

/// A workplace with the report as `a.json`, and a changed one as `b.json`.
fn with(change: impl FnOnce(&mut Report)) -> Workplace {
    let workplace = Workplace::new();
    let mut other = report().clone();
    change(&mut other);
    workplace.write("a.json", &report().to_file());
    workplace.write("b.json", &other.to_file());
    workplace
}

/// A rounding of another machine.
fn round(report: &mut Report) {
    report.environment.system.instruction_sets = vec!["wide".to_owned()];
    report.kernels.results[0].sha256 = "0".repeat(64);
    let loss = &mut report.training[1].course.steps[1].losses.generator;
    let bits = loss.as_ref().and_then(Number::value).unwrap().to_bits() ^ 1;
    *loss = Some(Number::new(f32::from_bits(bits)));
}

/// Another loss, far outside every tolerance.
fn spoil(report: &mut Report) {
    report.training[0].course.steps[1].losses.discriminator = Some(Number::new(1e6));
}

/// Runs a comparison that finds a difference: exit code 1, and standard output.
fn differs(workplace: &Workplace, line: &str) -> String {
    let output = workplace.command(line).output().unwrap();
    let (text, notes) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{line}\n{text}{notes}");
    assert!(!notes.contains("error") && !notes.contains("panicked"), "{notes}");
    text
}

#[test]
fn equal_reports_are_the_same() {
    let workplace = with(|_| {});
    let (text, notes) = workplace.run("repro compare a.json b.json");
    assert!(text.starts_with("b.json and a.json computed the same bits, in all "), "{text}");
    assert!(!text.contains("What differs") && notes.is_empty(), "{text}{notes}");
    let (all, _) = workplace.run("repro compare a.json b.json --all");
    let item = &report().exact[0].name;
    assert!(all.contains("Everything that was compared") && all.contains(&format!("the exact layer, {item}")), "{all}");
    assert!(all.lines().count() > report().exact.len() + report().kernels.results.len(), "{all}");
}

#[test]
fn a_packed_report_is_the_report() {
    let workplace = with(|_| {});
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&report().to_file()).unwrap();
    let packed = encoder.finish().unwrap();
    assert!(packed.len() < report().to_file().len() / 2, "{} bytes", packed.len());
    workplace.write("a.json.gz", &packed);
    let (text, _) = workplace.run("repro compare a.json.gz b.json");
    assert!(text.starts_with("b.json and a.json.gz computed the same bits, in all "), "{text}");
    workplace.write("cut.json.gz", &packed[..packed.len() / 2]);
    workplace.refuses("repro compare a.json.gz cut.json.gz", 1, &["cut.json.gz: cut short", "gzip"]);
}

#[test]
fn another_rounding_is_within_budget_and_explained() {
    let workplace = with(round);
    let (text, _) = workplace.run("repro compare a.json b.json");
    let operation = &report().kernels.results[0].operation;
    for part in [
        "computed the same thing",
        "instruction sets (wide; reference ",
        &format!("each within its budget of float64 ({operation})"),
        "few labels: step 2, generator, loss",
        "few labels, losses",
        "within budget",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("identical "), "only what differs is listed: {text}");
}

#[test]
fn what_is_outside_is_named_first_and_ends_with_1() {
    let workplace = with(spoil);
    let text = differs(&workplace, "repro compare a.json b.json");
    let first = text.lines().next().unwrap();
    let place = "first the run no labels, step 2, discriminator, loss";
    assert!(first.contains("did NOT compute the same thing") && first.contains(place), "{text}");
    assert!(text.contains("OUTSIDE"), "{text}");
    let exact = with(|report| report.exact[3].sha256 = "0".repeat(64));
    let text = differs(&exact, "repro compare a.json b.json");
    assert!(text.contains(&report().exact[3].name) && text.contains("not rounding"), "{text}");
}

#[test]
fn json_is_the_library_s_comparison() {
    let workplace = with(spoil);
    let text = differs(&workplace, "repro compare a.json b.json --json");
    let comparison: Comparison = serde_json::from_str(&text).unwrap();
    assert!(!comparison.good && comparison.pairs.len() == 1);
    assert_eq!(comparison.reports.iter().map(|report| report.name.as_str()).collect::<Vec<_>>(), ["a.json", "b.json"]);
    assert!(comparison.pairs[0].first_outside().is_some());
}

#[test]
fn a_page_is_whole_and_loads_nothing() {
    let workplace = with(|report| {
        round(report);
        report.environment.device.name = "<script>alert(1)</script>".to_owned();
    });
    let (_, notes) = workplace.run("repro compare a.json b.json --html page.html");
    assert!(notes.contains("page.html"), "{notes}");
    let page = String::from_utf8(workplace.read("page.html")).unwrap();
    for part in ["default-src 'none'", "viewport", "prefers-color-scheme: dark", "within budget", "instruction sets"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("image-rendering: pixelated") && page.trim_end().ends_with("</html>"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "text of a report is escaped");
    for run in &report().training {
        assert!(page.contains(&format!("data:image/png;base64,{}", run.course.images.png)));
    }
    assert_eq!(page.matches("<svg").count(), 2 * report().training.len(), "two charts per run");
    assert!(!page.contains("://"), "it loads nothing");
}

#[test]
fn several_reports_are_compared_with_the_first() {
    let workplace = with(round);
    let mut spoiled = report().clone();
    spoil(&mut spoiled);
    workplace.write("c.json", &spoiled.to_file());
    let text = differs(&workplace, "repro compare a.json b.json c.json");
    assert!(text.starts_with("1 of 2 reports agree with a.json."), "{text}");
    assert!(text.contains("b.json and a.json computed the same thing") && text.contains("c.json and a.json"), "{text}");
    let tables = differs(&workplace, "repro compare a.json b.json c.json --markdown");
    assert!(tables.contains("| report | made on | exact | strict | kernels | training | verdict |"), "{tables}");
    assert!(tables.contains("| layer | item | b.json | c.json |") && tables.contains("OUTSIDE"), "{tables}");
    let width = |line: &str| line.replace("\\|", "").matches('|').count();
    let of_table = |head: &str| -> Vec<usize> {
        let lines = tables.lines().skip_while(|line| !line.starts_with(head));
        lines.take_while(|line| line.starts_with('|')).map(width).collect()
    };
    for head in ["| report", "| layer"] {
        let widths = of_table(head);
        assert!(widths.len() > 3 && widths.iter().all(|width| *width == widths[0]), "{head}: {tables}");
    }
}

#[test]
fn files_that_cannot_be_compared_are_told_as_what_they_are() {
    let workplace = with(|_| {});
    let file = report().to_file();
    workplace.write("cut.json", &file[..file.len() / 3]);
    workplace.write("other.json", b"{\"a\": 1}");
    let text = String::from_utf8(file).unwrap();
    workplace.write("edited.json", text.replacen("\"identical\":true", "\"identical\":false", 1).as_bytes());
    let changed = |name: &str, change: &dyn Fn(&mut Report)| {
        let mut other = report().clone();
        change(&mut other);
        workplace.write(name, &other.to_file());
    };
    changed("schema.json", &|report| report.schema = "slgan-repro-0".to_owned());
    changed("suite.json", &|report| report.suite = "standard-1".to_owned());
    changed("picture.json", &|report| report.training[2].course.images.png = "AAAA".to_owned());
    for (name, parts) in [
        ("cut.json", ["cut short", "bytes"]),
        ("other.json", ["not a report", "schema"]),
        ("edited.json", ["edited by hand", "seal"]),
        ("schema.json", ["schema: expected", "slgan-repro-0"]),
        ("suite.json", ["suite: expected `brief-1`", "`standard-1`"]),
        ("picture.json", ["training[all labels].course.images.png", "PNG"]),
        ("missing.json", ["missing.json", ""]),
    ] {
        let [first, second] = parts;
        workplace.refuses(&format!("repro compare a.json {name} --html page.html"), 1, &[name, first, second]);
    }
    let both = ["cut.json: cut short", "edited.json: edited by hand"];
    workplace.refuses("repro compare cut.json a.json edited.json", 1, &both);
}

#[test]
fn wrong_calls_of_compare_are_refused() {
    let workplace = with(|_| {});
    workplace.refuses("repro compare a.json", 2, &["2"]);
    workplace.refuses("repro compare", 2, &["REPORT.json"]);
    workplace.refuses("repro compare a.json b.json --json --markdown", 2, &["--json", "--markdown"]);
    workplace.refuses("repro compare a.json b.json --html no/such/page.html", 1, &["no/such/page.html"]);
}
