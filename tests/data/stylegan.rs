//! `dataset.json` of StyleGAN's dataset_tool.py.

use super::folder::{flat, open, options};
use super::*;

/// Eight pictures in two numbered folders, and a file with labels.
fn set(json: &str, options: LoadOptions) -> Result<Dataset, DataError> {
    let names: Vec<String> = (0..8).map(|index| format!("set/{:05}/img{index:08}.png", index / 4)).collect();
    let pictures = names.iter().map(|name| (name.as_str(), flat(1)));
    let files: Vec<_> = pictures.chain([("set/dataset.json", json.as_bytes().to_vec())]).collect();
    open(&files, options)
}

/// Labels by turns: 0, 2, 0, 2.
fn entries(count: usize) -> Vec<String> {
    (0..count).map(|index| format!(r#"["{:05}/img{index:08}.png", {}]"#, index / 4, index % 2 * 2)).collect()
}

#[track_caller]
fn assert_turns(set: &Dataset) {
    for split in [&set.train, &set.test] {
        for (name, label) in split.names.iter().zip(&split.labels) {
            let index: u16 = name["set/00000/img".len()..name.len() - 4].parse().unwrap();
            assert_eq!(*label, Some(index % 2 * 2), "{name}");
        }
    }
}

#[test]
fn the_file_has_the_labels_and_folders_are_no_classes() {
    let list = format!(r#"{{"labels": [{}]}}"#, entries(8).join(", "));
    let windows = list.replace('/', r"\\");
    let object = list.replace("[[", "{").replace("]]", "}").replace("], [", ", ").replace("\", ", "\": ");
    for json in [list, windows, object] {
        let set = set(&json, options(1, 1)).unwrap();
        assert_eq!(
            (set.class_names.as_slice(), set.train.len(), set.test.len()),
            (["0", "1", "2"].map(String::from).as_slice(), 7, 1),
            "{json}"
        );
        assert_turns(&set);
        assert_eq!(set.notes[0], "read as 3 classes of dataset.json: 0, 1, 2; inside set/");
        assert_eq!(set.notes[1], "classes without training pictures: 1");
    }
}

#[test]
fn a_set_without_labels_has_no_classes() {
    let set = set(r#"{"labels": null}"#, options(1, 1)).unwrap();
    assert!(set.class_names.is_empty() && set.train.labels.iter().all(Option::is_none));
    assert_eq!(set.notes[0], "read as pictures without labels; inside set/");
}

#[test]
fn a_file_of_another_tool_is_no_matter() {
    let set = set(r#"{"images": []}"#, options(1, 1)).unwrap();
    assert_eq!(set.class_names, ["00000", "00001"]);
    assert_reports(&set.notes[0], &["1 other than pictures (set/dataset.json)"]);
}

#[test]
fn pictures_without_an_entry_have_no_label() {
    let set = set(&format!(r#"{{"labels": [{}]}}"#, entries(6).join(", ")), options(1, 1)).unwrap();
    assert_eq!([&set.train, &set.test].into_iter().flat_map(|split| &split.labels).flatten().count(), 6);
    assert!(set.notes.contains(&"pictures without an entry in dataset.json, so without a label: 2".to_owned()));
}

#[test]
fn wrong_entries_are_named() {
    let cases: [(&str, &[&str]); 9] = [
        ("{", &["expected JSON with the labels of pictures"]),
        (r#"{"labels": 3}"#, &["a list as `labels`", "found 3"]),
        (r#"{"labels": [3]}"#, &["as entry 0 (counted from 0)", "found 3"]),
        (r#"{"labels": [["00000/img00000000.png", [0, 1]]]}"#, &["a class number", "img00000000.png", "found [0,1]"]),
        (r#"{"labels": [["00000/img00000000.png", -1]]}"#, &["from 0 to 9999", "found -1"]),
        (r#"{"labels": [["00000/img00000000.png", 10000]]}"#, &["from 0 to 9999", "found 10000"]),
        (r#"{"labels": [["00000/img00000000.png", "cat"]]}"#, &["a class number", "found \"cat\""]),
        (r#"{"labels": [["a.png", 1], ["a.png", 2]]}"#, &["one label for a.png", "found 1 and 2"]),
        (r#"{"labels": [["a.png", 1]]}"#, &["found an entry for a.png, which is not there"]),
    ];
    for (json, parts) in cases {
        let message = set(json, options(1, 1)).expect_err("it is wrong").to_string();
        assert_reports(&message, &[&["set/dataset.json"], parts].concat());
    }
}

#[test]
fn entries_without_a_picture_can_be_skipped() {
    let json = format!(r#"{{"labels": [["gone.png", 2], {}]}}"#, entries(8).join(", "));
    let set = set(&json, LoadOptions { skip_bad: true, ..options(1, 1) }).unwrap();
    assert_turns(&set);
    assert!(
        set.notes.contains(&"entries of dataset.json without a picture, skipped: 1, the first gone.png".to_owned())
    );
}

#[test]
fn each_split_may_have_a_file() {
    let labels = |label: u8| format!(r#"{{"labels": [["00000/1.png", {label}]]}}"#).into_bytes();
    let mut files = vec![
        ("train/00000/1.png", flat(1)),
        ("train/dataset.json", labels(0)),
        ("val/00000/1.png", flat(2)),
        ("val/dataset.json", labels(1)),
    ];
    let set = open(&files, options(1, 1)).unwrap();
    assert_eq!((set.train.labels, set.test.labels), (vec![Some(0)], vec![Some(1)]));
    files.pop();
    let message = open(&files, options(1, 1)).expect_err("val/ has no labels").to_string();
    assert_reports(&message, &["dataset.json: expected labels for every split", "val/00000/1.png"]);
}
