//! Scores of runs, folders and arrays: what is printed and stored, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use common::Workplace;
use image::{Rgb, RgbImage};
use serde_json::{Value, json};
use slgan::data::numpy::ArchiveWriter;
use zip::write::{SimpleFileOptions, ZipWriter};

const EVAL: &str = "--device cpu --data folder:real --judge judge.safetensors";

/// The side of all images here.
const SIDE: u32 = 28;

/// A workplace with real pictures of two classes, for training and held out, and a judge of them.
fn workplace() -> Workplace {
    let workplace = Workplace::new();
    for split in ["train", "test"] {
        write_pictures(&workplace, &format!("real/{split}"), SIDE, 0);
    }
    workplace.run("judge train --device cpu --data folder:real --size 28 --steps 2 --batch 8 --out judge.safetensors");
    workplace
}

/// Ten pictures for each of two classes.
fn write_pictures(workplace: &Workplace, name: &str, side: u32, shift: u32) {
    for (class, tint) in [("dark", 20), ("light", 150)] {
        for number in 0..10_u32 {
            let file = workplace.path(&format!("{name}/{class}/{number}.png"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let level = |x: u32, y: u32| (tint + (x * (number + 3) + y * (shift + 5)) % 70) as u8;
            RgbImage::from_fn(side, side, |x, y| Rgb([level(x, y), level(y, x), level(x, x)])).save(file).unwrap();
        }
    }
}

/// An archive with `count` images of noise.
fn archive(count: usize, labels: Option<&[i64]>) -> Vec<u8> {
    let dims = [count, SIDE as usize, SIDE as usize, 3];
    let pixels: Vec<u8> = (0..dims.iter().product::<usize>()).map(|place| (place * 7919 % 251) as u8).collect();
    let mut writer = ArchiveWriter::default();
    writer.add("arr_0", "|u1", &dims, &pixels).unwrap();
    if let Some(labels) = labels {
        let bytes: Vec<u8> = labels.iter().flat_map(|label| label.to_le_bytes()).collect();
        writer.add("arr_1", "<i8", &[labels.len()], &bytes).unwrap();
    }
    writer.finish().unwrap()
}

/// The only file of features in the cache.
fn cached_features(workplace: &Workplace) -> PathBuf {
    let cache = workplace.path("../cache/slgan");
    let paths = fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path());
    let is_features = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("features-");
    let found: Vec<PathBuf> = paths.filter(is_features).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

/// The pictures of a folder in an archive.
fn zip(workplace: &Workplace, folder: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (class, number) in ["dark", "light"].into_iter().flat_map(|class| (0..10).map(move |number| (class, number))) {
        let name = format!("{class}/{number}.png");
        writer.start_file(&name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&workplace.read(&format!("{folder}/{name}"))).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn the_real_images_themselves_are_perfect_and_all_is_stored_with_its_protocol() {
    let workplace = workplace();
    let line = format!("eval real/test {EVAL} --seed 3");
    let (stdout, stderr) = workplace.run(&line);
    for part in ["Frechet distance", "kernel distance", "Inception score", "precision", "coverage", "dark", "no FID"] {
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    assert!(stderr.contains("warning: 20 generated images for 128 features"), "{stderr}");
    let report = workplace.json("eval.json");
    let scores = &report["scores"];
    assert!(scores["frechet_distance"].as_f64().unwrap() < 1e-3, "{scores}");
    for share in ["precision", "recall", "coverage"] {
        assert_eq!(scores[share], 1.0, "{share}");
    }
    let classes = scores["classes"].as_array().unwrap();
    assert_eq!(classes.iter().map(|class| &class["class"]).collect::<Vec<_>>(), ["dark", "light"]);
    assert!(classes.iter().all(|class| class["real"] == 10 && class["generated"] == 10 && class["coverage"] == 1.0));
    let protocol = &report["protocol"];
    assert_eq!(protocol["subject"]["images"], 20);
    assert_eq!(protocol["subject"]["kind"], "folder");
    assert_eq!((&protocol["data"]["split"], &protocol["data"]["images"]), (&json!("test"), &json!(20)));
    assert_eq!((&protocol["extractor"]["name"], &protocol["extractor"]["resize"]), (&json!("judge"), &json!("none")));
    assert_eq!(protocol["extractor"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(protocol["settings"]["seed"], 3);
    assert!(protocol["device"].as_str().unwrap().starts_with("CPU"));

    // The second time, the real features come from the cache, and nothing is overwritten.
    let cached = cached_features(&workplace);
    let written = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    let first = written(&cached);
    workplace.run(&line);
    assert_eq!(workplace.json("eval-2.json"), report);
    assert_eq!(written(&cached), first, "nothing was computed again");

    fs::write(&cached, b"no archive").unwrap();
    let (_, stderr) = workplace.run(&line);
    assert!(stderr.contains("warning: ") && stderr.contains("are computed again"), "{stderr}");
    assert_eq!(workplace.json("eval-3.json"), report);
}

#[test]
fn a_run_is_measured_with_its_teacher() {
    let workplace = workplace();
    workplace.run(
        "train --device cpu --batch 4 --steps 2 --out run --data folder:real --set images.size=28 \
         --set report.sample_every=0 --set report.evaluate_every=2",
    );
    let (stdout, _) = workplace.run(&format!("eval run {EVAL} --count 12"));
    assert!(stdout.contains("AURC"), "{stdout}");
    let report = workplace.json("run/eval.json");
    assert_eq!(report["protocol"]["subject"]["step"], 2);
    assert_eq!(report["protocol"]["subject"]["images"], 12);
    assert!(report["scores"]["frechet_distance"].as_f64().unwrap() > 0.0);
    assert!(report["scores"]["labels"]["agreement"].is_f64() && report["teacher"]["accuracy"].is_f64(), "{report}");
    let events = String::from_utf8(workplace.read("run/events.jsonl")).unwrap();
    let line = events.lines().find(|line| line.contains("\"evaluated\"")).unwrap();
    let evaluated: Value = serde_json::from_str(line).unwrap();
    let curve = &evaluated["accuracy_coverage"];
    let last = curve["points"].as_array().unwrap().last().unwrap().as_array().unwrap();
    assert_eq!(last[1..], [json!(1.0), evaluated["accuracy"].clone()]);
    for figure in report["teacher"].as_object().unwrap().keys() {
        assert_eq!(report["teacher"][figure], evaluated[figure], "{figure}: as training found it");
    }
    workplace.run("generate run --device cpu --npz run.npz --count 12");
    workplace.run(&format!("eval run.npz {EVAL} --out npz.json"));
    let of_archive = workplace.json("npz.json");
    assert_eq!(of_archive["scores"], report["scores"], "the same images by another way");
}

#[test]
fn arrays_and_zips_are_measured_with_or_without_labels() {
    let workplace = workplace();
    workplace.write("plain.npz", &archive(9, None));
    let (stdout, stderr) = workplace.run(&format!("eval plain.npz {EVAL} --metrics fid,is,labels --json"));
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let scores = &report["scores"];
    assert!(scores["labels"].is_null() && scores["precision"].is_null() && scores["classes"] == json!([]), "{scores}");
    assert!(stderr.contains("have no labels") && !workplace.path("eval.json").exists(), "{stderr}");

    workplace.write("labelled.npz", &archive(8, Some(&[0, 1, 0, 1, 0, 1, 0, 1])));
    let labels = |flags: &str| {
        let (stdout, _) = workplace.run(&format!("eval labelled.npz {EVAL} --metrics labels --json {flags}"));
        serde_json::from_str::<Value>(&stdout).unwrap()["scores"]["labels"].clone()
    };
    assert!(labels("")["agreement"].is_f64());
    let arbitrary = labels("--arbitrary-labels");
    assert!(arbitrary["agreement"].is_null() && arbitrary["nmi"].is_f64(), "{arbitrary}");

    write_pictures(&workplace, "made", SIDE, 4);
    workplace.write("made.zip", &zip(&workplace, "made"));
    let [packed, unpacked] = ["made.zip", "made"].map(|subject| {
        let (stdout, _) = workplace.run(&format!("eval {subject} {EVAL} --json"));
        serde_json::from_str::<Value>(&stdout).unwrap()
    });
    assert_eq!(packed["scores"], unpacked["scores"]);
    assert_eq!(
        (&packed["protocol"]["subject"]["kind"], &unpacked["protocol"]["subject"]["kind"]),
        (&json!("zip"), &json!("folder"))
    );
    assert!(packed["scores"]["classes"][1]["kernel_distance"].is_f64(), "{packed}");
}

#[test]
fn statistics_are_written_and_read_and_serve_fid_alone() {
    let workplace = workplace();
    write_pictures(&workplace, "made", SIDE, 4);
    workplace.run(&format!("eval made {EVAL} --metrics fid --save-statistics real.npz --out images.json"));
    let judge = "--device cpu --judge judge.safetensors --statistics real.npz";
    let (_, stderr) = workplace.run(&format!("eval made {judge} --metrics fid --out statistics.json"));
    assert!(stderr.contains("warning: 20 real images for 128 features"), "{stderr}");
    let (_, stderr) = workplace.run(&format!("eval made {judge} --metrics is --out score.json"));
    assert!(!stderr.contains("Frechet"), "{stderr}");
    let distance = |name: &str| workplace.json(name)["scores"]["frechet_distance"].as_f64().unwrap();
    assert!(distance("images.json") > 0.0);
    assert_eq!(distance("images.json"), distance("statistics.json"));
    let data = &workplace.json("statistics.json")["protocol"]["data"];
    assert_eq!((&data["images"], &data["shape"]["size"]), (&json!(20), &json!(SIDE)));
    workplace.refuses(&format!("eval made {judge} --metrics kid"), 2, &["kid needs real images", "fid alone"]);

    workplace.run("judge train --device cpu --data folder:real --size 28 --steps 1 --batch 8 --out other.safetensors");
    let other = judge.replace("judge.safetensors", "other.safetensors");
    workplace.refuses(&format!("eval made {other} --metrics fid"), 2, &["real.npz", "extractor: expected judge"]);
    let mut writer = ArchiveWriter::default();
    writer.add("mu", "<f8", &[2], &[0; 16]).unwrap();
    writer.add("sigma", "<f8", &[2, 2], &[0; 32]).unwrap();
    workplace.write("small.npz", &writer.finish().unwrap());
    let small = judge.replace("real.npz", "small.npz");
    let parts = ["small.npz", "features of an image: expected 128, found 2"];
    workplace.refuses(&format!("eval made {small} --metrics fid"), 2, &parts);
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let workplace = workplace();
    write_pictures(&workplace, "large", 40, 0);
    workplace.write("text.txt", b"text");
    workplace.write("bad.npz", b"no archive");
    workplace.refuses(&format!("eval gone {EVAL}"), 2, &["gone: expected a run folder, a folder of pictures"]);
    workplace.refuses(&format!("eval text.txt {EVAL}"), 2, &["text.txt: expected a run folder"]);
    workplace.refuses(&format!("eval bad.npz {EVAL}"), 2, &["bad.npz: not a readable zip archive"]);
    workplace.refuses(&format!("eval large {EVAL}"), 1, &["large", "28 x 28 pixels", "40 x 40"]);
    workplace.refuses(&format!("eval real/test {EVAL} --count 5"), 2, &["--count is for runs", "real/test"]);
    workplace.refuses(&format!("eval real/test {EVAL} --out gone/a.json"), 2, &["--out gone/a.json", "not a folder"]);
    let other_judge = |name: &str| format!("eval real/test {}", EVAL.replace("judge.safetensors", name));
    workplace.refuses(&other_judge("gone"), 2, &["--judge gone: "]);
    workplace.refuses(&other_judge("text.txt"), 2, &["--judge text.txt: not a safetensors file"]);
    let inception = EVAL.replace("--judge", "--inception");
    let another = ["--inception judge.safetensors: tensor `fc.weight`", "a file of another network"];
    workplace.refuses(&format!("eval real/test {inception}"), 2, &another);

    // Numbers that are not bytes, as some programs save them, could be in any range, or not be numbers at all.
    let mut writer = ArchiveWriter::default();
    let pixels = f32::NAN.to_le_bytes().repeat(2 * 28 * 28 * 3);
    writer.add("arr_0", "<f4", &[2, 28, 28, 3], &pixels).unwrap();
    workplace.write("floats.npz", &writer.finish().unwrap());
    workplace.refuses(
        &format!("eval floats.npz {EVAL}"),
        2,
        &["floats.npz: arr_0.npy: expected images as bytes", "<f4"],
    );
}
