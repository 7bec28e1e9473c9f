//! Reports of complete, broken and hostile run folders.

use std::fs;
use std::io::Cursor;
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use image::{ImageFormat, RgbImage};

use super::history::LeftOut;
use super::{check, read, render, write, write_to};

/// A picture of 4 by 2 pixels.
fn png() -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    RgbImage::new(4, 2).write_to(&mut png, ImageFormat::Png).expect("written");
    png.into_inner()
}

const STARTED: &str = r#"{"event":"started","version":"0.1.0","seed":7,"device":"CPU","config":{"data":"glyphs","labels":0.01,"steps":40},"class_names":["a","b"]}"#;

fn step(step: u64, d_loss: f64, seconds: f64) -> String {
    format!(r#"{{"event":"step","step":{step},"d_loss":{d_loss},"g_loss":null,"seconds":{seconds}}}"#)
}

fn run(events: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("events.jsonl"), events).expect("written");
    folder
}

/// The damaged lines, and what is wrong with each.
fn damage(events: &str) -> Vec<(usize, String)> {
    let damage = read(run(events).path()).expect("readable").damage;
    damage.into_iter().map(|damage| (damage.line, damage.why)).collect()
}

#[test]
fn later_sessions_replace_steps_and_times_add_up() {
    let lines = [STARTED, &step(10, 1.0, 5.0), &step(20, 2.0, 9.5), STARTED, &step(20, 2.5, 4.0), &step(30, 3.0, 8.0)];
    let folder = run(&(lines.join("\n") + "\n{\"event\":\"finished\",\"step\":30,\"seconds\":8.5}\n"));
    let history = read(folder.path()).expect("sound");
    let losses: Vec<_> = history.steps.iter().map(|(&step, row)| (step, row.d_loss)).collect();
    assert_eq!(losses, [(10, Some(1.0)), (20, Some(2.5)), (30, Some(3.0))]);
    assert_eq!((history.seconds, history.finished, history.last_step()), (18.0, true, 30));
}

#[test]
fn the_last_line_may_be_cut_anywhere() {
    let (whole, last) = (format!("{STARTED}\n{}\n", step(10, 1.0, 5.0)), step(20, 2.0, 9.0).replace("null", "\"ü\""));
    for cut in 0..last.len() {
        let folder = run(&whole);
        let bytes = [whole.as_bytes(), &last.as_bytes()[..cut]].concat();
        fs::write(folder.path().join("events.jsonl"), bytes).expect("written");
        assert_eq!(read(folder.path()).expect("readable").steps.len(), 1, "cut at {cut}");
    }
}

#[test]
fn a_damaged_line_is_named_and_left_out() {
    let good = step(10, 1.0, 5.0);
    let lines = |events: &str| damage(events).iter().map(|(line, _)| *line).collect::<Vec<_>>();
    assert_eq!(lines(&format!("{STARTED}\n{{\"event\":\"st{good}\n{good}\n")), [2]);
    let [(3, why)] = &damage(&format!("{STARTED}\n{good}\n{{\"event\":\"step\"}}\n"))[..] else { panic!("line 3") };
    assert!(why.contains("missing field"), "{why}");
    assert_eq!(lines("{\"step\":1}\n"), [1]);
    assert_eq!(lines(&format!("{STARTED}\n{good}\n")), [] as [usize; 0]);

    let folder = run(&format!("{STARTED}\n{{<\n{good}\n\n<\n"));
    let message = format!("{:#}", check(folder.path()).expect_err("damaged events"));
    let parts =
        ["events.jsonl: line 2 is damaged: ", "of 2 damaged lines the first", "rename this file", "slgan report"];
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    assert_eq!(read(folder.path()).expect("readable").steps.len(), 1);
    let refused = format!("{:#}", write(folder.path()).expect_err("damaged events"));
    assert!(refused == message && !folder.path().join("report.html").exists(), "{refused}");
    let out = folder.path().join("other.html");
    let message = format!("{:#}", write_to(folder.path(), &out).expect_err("damaged events"));
    assert!(message.contains("line 2") && message.contains("other.html was made without"), "{message}");
    let html = fs::read_to_string(out).expect("there");
    assert!(html.contains("<h2>Damaged events</h2>") && html.contains("<li>Line 2: ") && html.contains("<li>Line 5: "));
    fs::remove_file(folder.path().join("events.jsonl")).expect("removed");
    check(folder.path()).expect("a run without events can go on");
}

#[test]
fn other_versions_open() {
    let events = "{\"event\":\"started\"}\n{\"event\":\"checkpoint\",\"path\":\"c\"}\n\n{\"event\":\"novel\",\"x\":[1]}\n\
                  {\"event\":\"evaluated\",\"step\":3,\"surprise\":1,\"confusion\":[],\"accuracy\":0.5}\n";
    let html = render(&read(run(events).path()).expect("sound"));
    assert!(html.contains("50.0") && html.contains("</html>"));
}

#[test]
fn an_empty_run_has_a_report_without_sections() {
    let folder = run("");
    write(folder.path()).expect("written");
    let html = fs::read_to_string(folder.path().join("report.html")).expect("there");
    for absent in ["Generated images", "Curves", "Labels against classes", "by class", "Warnings", "config.toml", "NaN"]
    {
        assert!(!html.contains(absent), "{absent}");
    }
    assert!(write(Path::new("no-such-run")).is_err());
}

/// The test writes the second report in a separate process with a limit on the size of files, so that the write fails
/// half-way, as on a full disk.
#[test]
#[cfg(unix)]
fn a_report_that_cannot_be_written_leaves_the_old_one_whole() {
    const RUN: &str = "SLGAN_TEST_REPORT_OF";
    if let Some(run) = std::env::var_os(RUN) {
        let error = write(Path::new(&run)).expect_err("the disk is full");
        let message = format!("{error:#}");
        assert!(message.contains("report.html") && message.contains("too large"), "{message}");
        return;
    }
    let folder = run(&format!("{STARTED}\n{}\n", step(10, 1.0, 5.0)));
    write(folder.path()).expect("written");
    let report = folder.path().join("report.html");
    let old = fs::read(&report).expect("there");
    let events = format!("{STARTED}\n{}\n{}\n", step(10, 1.0, 5.0), step(20, 2.0, 9.0));
    fs::write(folder.path().join("events.jsonl"), events).expect("written");

    let name = "report::tests::a_report_that_cannot_be_written_leaves_the_old_one_whole";
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" --exact \"$1\"";
    let program = std::env::current_exe().expect("this test");
    let output = Command::new("sh").args(["-c", script]).arg(program).arg(name).env(RUN, folder.path()).output();
    let output = output.expect("a shell");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    assert_eq!(fs::read(&report).expect("there"), old);
    let names = fs::read_dir(folder.path()).expect("there").map(|entry| entry.expect("an entry").file_name());
    assert_eq!(names.count(), 2, "only the events and the report");

    write(folder.path()).expect("written");
    assert_ne!(fs::read(&report).expect("there"), old);
}

#[test]
fn text_of_a_run_is_escaped_and_nothing_outside_is_loaded() {
    let evil = "<script src='https://x.example/a.js'></script>\\\" onload=\\\"x";
    let events = [
        STARTED.replace("CPU", evil).replace("glyphs", evil).replace("\"a\"", &format!("\"{evil}\"")),
        format!(
            "{{\"event\":\"warning\",\"step\":2,\"kind\":\"{evil}\",\"seen\":\"{evil}\",\"meaning\":\"m\",\"advice\":\"a\"}}"
        ),
        "{\"event\":\"evaluated\",\"step\":2,\"accuracy\":null,\"confusion\":[[3,1],[0,0]]}".into(),
        "{\"event\":\"samples\",\"step\":2,\"path\":\"samples/a.png\"}\n".into(),
    ];
    let folder = run(&events.join("\n"));
    fs::create_dir(folder.path().join("samples")).expect("made");
    fs::write(folder.path().join("samples/a.png"), png()).expect("written");
    fs::write(folder.path().join("config.toml"), "data = \"</pre><img src=http://x.example>\"").expect("written");
    let html = render(&read(folder.path()).expect("sound"));
    assert!(html.contains("&lt;script src=&#39;https"), "the text is shown");
    assert_eq!(html.matches("<script").count(), 1, "the only script is ours");
    assert!(!html.contains("\" onload"));
    for (at, _) in html.match_indices("src=\"").chain(html.match_indices("href=\"")) {
        let target = html[at..].split('"').nth(1).expect("quoted");
        assert!(target.starts_with("data:image/png;base64,") || target.starts_with('#'), "{target}");
    }
    assert!(!html.contains("url(") && !html.contains("@import"));
}

#[test]
fn grids_are_thinned_and_only_pictures_of_the_run_are_used() {
    let event = |step: u64, path: &str| format!("{{\"event\":\"samples\",\"step\":{step},\"path\":\"{path}\"}}\n");
    let mut events: String = (0..100).map(|step| event(step, &format!("{step}.png"))).collect();
    events += &event(200, "absent.png");
    events += &event(201, "../secret.png");
    events += &event(202, "/etc/hostname");
    let folder = run(&events);
    for step in 0..100 {
        fs::write(folder.path().join(format!("{step}.png")), png()).expect("written");
    }
    let history = read(folder.path()).expect("sound");
    let samples = &history.samples;
    assert_eq!((samples.len(), samples[0].step, samples[23].step), (24, 0, 99));
    assert_eq!((samples[0].width, samples[0].height), (4, 2));
    let left_out = |step, path: &str, why| LeftOut { step, path: path.to_owned(), why };
    let expected = [
        left_out(200, "absent.png", "missing"),
        left_out(201, "../secret.png", "outside the run folder"),
        left_out(202, "/etc/hostname", "outside the run folder"),
    ];
    assert_eq!(history.left_out, expected);
    let html = render(&history);
    assert!(html.contains("3 of the run") && html.contains("<code>absent.png</code> is missing"), "{html}");
}

/// Why the only picture of a run is left out, after `make` has made it at a path in a new run folder.
fn why_left_out(make: impl FnOnce(&Path)) -> &'static str {
    let folder = run("{\"event\":\"samples\",\"step\":5,\"path\":\"a.png\"}\n");
    make(&folder.path().join("a.png"));
    let history = read(folder.path()).expect("sound");
    assert!(history.samples.is_empty());
    history.left_out[0].why
}

#[test]
fn only_whole_pictures_are_shown() {
    let whole = png();
    for cut in 0..whole.len() - 12 {
        let why = why_left_out(|path| fs::write(path, &whole[..cut]).expect("written"));
        assert_eq!(why, "not a whole PNG picture", "cut at {cut}");
    }
    assert_eq!(why_left_out(|path| fs::create_dir(path).expect("made")), "not a regular file");
    let huge = |path: &Path| fs::File::create(path).and_then(|file| file.set_len(1 << 40)).expect("made");
    assert_eq!(why_left_out(huge), "too large");
    let mut bomb = whole;
    bomb[16..24].copy_from_slice(&[0, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff]);
    assert_eq!(why_left_out(|path| fs::write(path, bomb).expect("written")), "not a whole PNG picture");
}

#[test]
#[cfg(unix)]
fn pipes_devices_and_links_out_of_the_folder_are_no_pictures() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().expect("a temporary folder");
    fs::write(outside.path().join("secret.png"), png()).expect("written");
    let link = |target: &Path| why_left_out(|path| symlink(target, path).expect("linked"));
    assert_eq!(link(&outside.path().join("secret.png")), "outside the run folder");
    assert_eq!(link(Path::new("/dev/zero")), "outside the run folder");
    assert_eq!(link(Path::new("nowhere")), "a link to nothing");
    let fifo = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
    assert_eq!(why_left_out(fifo), "not a regular file");
}

/// A run of 50 labels with a choice of rows, and its report.
fn report_of_many_labels(evaluated: &str) -> String {
    let started = STARTED.replace("\"steps\":40", "\"steps\":40,\"latent\":{\"artificial_labels\":50}");
    let samples = "{\"event\":\"samples\",\"step\":1,\"path\":\"a.png\",\"labels\":[0,20]}";
    let folder = run(&format!("{started}\n{samples}\n{evaluated}\n"));
    fs::write(folder.path().join("a.png"), png()).expect("written");
    render(&read(folder.path()).expect("sound"))
}

#[test]
fn a_choice_of_rows_has_the_names_of_its_labels() {
    let html = report_of_many_labels("{\"event\":\"evaluated\",\"step\":2,\"accuracy\":0.5,\"confusion\":null}");
    assert!(html.contains("<li><b>0</b> a</li><li><b>20</b> a</li></ol>"), "{html}");
    assert!(html.contains("One row per artificial label, for 2 of 50."));
    assert!(!html.contains("Labels against classes"));
}

#[test]
fn a_large_table_becomes_a_list_of_its_most_spread_labels() {
    let rows: Vec<String> = (0..50).map(|label| format!("[{},{label}]", 100 - label)).collect();
    let confusion = rows.join(",");
    let html = report_of_many_labels(&format!(
        "{{\"event\":\"evaluated\",\"step\":2,\"accuracy\":null,\"confusion\":[{confusion}]}}"
    ));
    assert!(html.contains("There are 50 labels. This list shows the 40 whose"), "{html}");
    let place = |label: usize| html.find(&format!("<th scope=\"row\"><b>{label}</b></th>"));
    assert!(place(49) < place(48) && place(10).is_some() && place(9).is_none());
    assert!(html.contains(">a 51.0"), "the most frequent class comes first");
}
