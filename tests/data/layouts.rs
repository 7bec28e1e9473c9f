//! Folders as people lay them out: splits, folders around classes, leftovers, names.

use super::folder::{flat, open, options};
use super::*;

/// A set with a picture at each path, or a text where the path ends in `.txt`, or a folder where it ends in `/`.
fn set(paths: &[&str]) -> Result<Dataset, DataError> {
    let bytes = |path: &str| match path.ends_with('/') || path.ends_with(".txt") {
        true => Vec::new(),
        false => flat(1),
    };
    let files: Vec<(&str, Vec<u8>)> = paths.iter().map(|path| (*path, bytes(path))).collect();
    open(&files, options(1, 1))
}

/// Each picture with its class, or `-`.
fn labelled(set: &Dataset, split: &slgan::data::Split) -> Vec<String> {
    let class = |label: Option<u16>| label.map_or("-", |label| &set.class_names[usize::from(label)]);
    split.names.iter().zip(&split.labels).map(|(name, label)| format!("{name} {}", class(*label))).collect()
}

/// Checks the splits of a set, and returns its notes.
#[track_caller]
fn assert_splits(paths: &[&str], train: &[&str], held_out: &[&str]) -> Vec<String> {
    let set = set(paths).unwrap();
    assert_eq!(labelled(&set, &set.train), train, "{:?}", set.notes);
    assert_eq!(labelled(&set, &set.test), held_out, "{:?}", set.notes);
    set.notes
}

/// Checks the pictures of a set without splits, and returns its notes.
#[track_caller]
fn assert_unsplit(paths: &[&str], expected: &[&str]) -> Vec<String> {
    let set = set(paths).unwrap();
    let mut all = [labelled(&set, &set.train), labelled(&set, &set.test)].concat();
    all.sort();
    assert_eq!(all, expected, "{:?}", set.notes);
    set.notes
}

#[test]
fn splits_have_many_names() {
    for train in ["train", "Training", "TRAIN", "train_set"] {
        for held_out in ["val", "valid", "Validation", "dev", "test", "Testing", "eval", "evaluation", "test-set"] {
            let paths = [format!("{train}/cat/1.png"), format!("{train}/dog/2.png"), format!("{held_out}/dog/3.png")];
            let set = set(&paths.each_ref().map(String::as_str)).unwrap();
            assert_eq!(set.class_names, ["cat", "dog"], "{train}, {held_out}");
            assert_eq!((set.train.len(), set.test.names), (2, vec![paths[2].clone()]));
        }
    }
}

#[test]
fn two_held_out_splits_are_both_held_out() {
    let notes = assert_splits(
        &[
            "train/cat/1.png",
            "train/dog/2.png",
            "val/cat/3.png",
            "test/dog/4.png",
            "extra/5.png",
            "extra/a/6.png",
            "7.png",
        ],
        &["train/cat/1.png cat", "train/dog/2.png dog"],
        &["test/dog/4.png dog", "val/cat/3.png cat"],
    );
    assert_reports(&notes[0], &["2 classes: cat, dog", "training pictures in train/, held-out ones in test/, val/"]);
    assert_reports(&notes[1], &["not used: 3, in 7.png, extra/"]);
}

#[test]
fn splits_may_be_one_level_down() {
    let around = ["data/pets/train/cat/1.png", "data/pets/train/dog/2.png", "data/pets/val/dog/3.png"];
    let train = ["data/pets/train/cat/1.png cat", "data/pets/train/dog/2.png dog"];
    let notes = assert_splits(&around, &train, &["data/pets/val/dog/3.png dog"]);
    assert_reports(&notes[0], &["inside data/pets/"]);
    let beside = ["pets/train/cat/1.png", "pets/val/cat/3.png", "samples/1.png"];
    let notes = assert_splits(&beside, &["pets/train/cat/1.png cat"], &["pets/val/cat/3.png cat"]);
    assert_reports(&notes[1], &["not used: 1, in samples/"]);
}

#[test]
fn splits_may_be_in_each_class() {
    let notes = assert_splits(
        &["cat/train/1.png", "cat/test/2.png", "cat/3.png", "dog/train/4.png", "unlabeled/train/5.png"],
        &["cat/train/1.png cat", "dog/train/4.png dog", "unlabeled/train/5.png -"],
        &["cat/test/2.png cat"],
    );
    assert_reports(&notes[0], &["training pictures in train/, held-out ones in test/ of each class"]);
    assert_reports(&notes[1], &["not used: 1, in cat/"]);
}

#[test]
fn classes_below_a_split_may_be_named_like_splits() {
    assert_splits(
        &["train/test/1.png", "train/val/2.png", "test/val/3.png"],
        &["train/test/1.png test", "train/val/2.png val"],
        &["test/val/3.png val"],
    );
}

#[test]
fn a_split_may_hold_itself() {
    assert_splits(
        &["train/train/cat/1.png", "train/train/dog/2.png", "test/test/3.png"],
        &["train/train/cat/1.png cat", "train/train/dog/2.png dog"],
        &["test/test/3.png -"],
    );
}

#[test]
fn classes_whose_names_speak_of_splits_are_reported() {
    let notes = assert_unsplit(
        &["seg_test/a/1.png", "seg_train/a/2.png"],
        &["seg_test/a/1.png seg_test", "seg_train/a/2.png seg_train"],
    );
    assert_reports(&notes[1], &["read as classes, not as splits", "seg_test, seg_train"]);
}

#[test]
fn training_pictures_alone_are_no_class() {
    let classes = ["train/cat/1.png cat", "train/dog/2.png dog"];
    assert_unsplit(&["train/cat/1.png", "train/dog/2.png"], &classes);
    let notes = assert_unsplit(&["train/cat/1.png", "train/dog/2.png", "samples/3.png"], &classes);
    assert_reports(&notes[1], &["not used: 1, in samples/"]);
    assert_unsplit(&["train/1.png", "train/2.png"], &["train/1.png -", "train/2.png -"]);
}

#[test]
fn unlabeled_pictures_may_stand_beside_splits() {
    for folder in ["unlabeled", "Unlabelled"] {
        let unlabeled = format!("{folder}/3.png");
        let set = set(&["train/cat/1.png", "test/cat/2.png", &unlabeled]).unwrap();
        let labels: Vec<_> = set.train.names.iter().map(String::as_str).zip(set.train.labels).collect();
        assert!(labels.contains(&(unlabeled.as_str(), None)) && labels.len() == 2, "{labels:?}");
    }
}

#[test]
fn held_out_pictures_of_the_classes_beside_them_are_held_out() {
    assert_splits(
        &["cat/1.png", "dog/2.png", "test/cat/3.png"],
        &["cat/1.png cat", "dog/2.png dog"],
        &["test/cat/3.png cat"],
    );
    let notes = assert_unsplit(&["cat/1.png", "test/2.png"], &["cat/1.png cat", "test/2.png test"]);
    assert_reports(&notes[1], &["read as classes, not as splits", "test"]);
}

#[test]
fn nothing_is_trained_on_held_out_pictures_alone() {
    let error = set(&["val/cat/1.png", "test/cat/2.png"]).expect_err("there is no training split");
    assert_eq!(error, DataError::OnlyHeldOut { held_out: vec!["test/".into(), "val/".into()] });
    assert_reports(&error.to_string(), &["test/, val/", "expected pictures for training", "train/"]);
}

#[test]
fn folders_around_the_classes_are_gone_through() {
    let classes = ["a/b/cat/1.png cat", "a/b/dog/2.png dog"];
    let notes = assert_unsplit(&["a/b/cat/1.png", "a/b/dog/2.png", "a/licence.txt"], &classes);
    assert_reports(&notes[0], &["2 classes: cat, dog; inside a/b/; left out: 1 other than pictures (a/licence.txt)"]);
    // A folder with pictures of its own is a class.
    let notes = assert_unsplit(&["a/cat/1.png", "a/2.png"], &["a/2.png a", "a/cat/1.png a"]);
    assert_reports(&notes[0], &["one class: a"]);
    assert_unsplit(&["images/1.png", "images/2.png"], &["images/1.png images", "images/2.png images"]);
    assert_unsplit(&["unlabeled/a/1.png", "unlabeled/b/2.png"], &["unlabeled/a/1.png -", "unlabeled/b/2.png -"]);
    assert_unsplit(&["1.png", "2.png"], &["1.png -", "2.png -"]);
}

#[test]
fn leftovers_are_no_classes_and_no_pictures() {
    let notes = assert_unsplit(
        &[
            "cat/1.png",
            "dog/2.png",
            "dog/._2.png",
            ".git/x/1.png",
            ".DS_Store",
            "__MACOSX/cat/._1.png",
            "@eaDir/1.png/thumb.png",
            "$RECYCLE.BIN/1.png",
            "cat/Thumbs.db",
            "cat/1.png~",
            "cat/3.png.crdownload",
            ".ipynb_checkpoints/1.png",
            "lost+found/",
        ],
        &["cat/1.png cat", "dog/2.png dog"],
    );
    assert_eq!(
        notes[0],
        "read as 2 classes: cat, dog; left out: 4 hidden (the first .DS_Store), 1 kept as a backup (cat/1.png~), 2 left \
         by Windows (the first $RECYCLE.BIN), 1 left by a Linux file system (lost+found), 1 left by a file server \
         (@eaDir), 1 left by macOS (__MACOSX), 1 only partly written (cat/3.png.crdownload)"
    );
    assert_eq!(notes.len(), 2, "{notes:?}");
}

#[test]
fn folders_without_pictures_are_named() {
    let notes = assert_unsplit(
        &[
            "pets/cat/1.png",
            "pets/cow/2.png",
            "pets/dog/",
            "pets/bird/list.txt",
            "docs/",
            "pets/unlabeled/",
            "pets/.x/",
        ],
        &["pets/cat/1.png cat", "pets/cow/2.png cow"],
    );
    assert_eq!(notes[1], "folders without pictures, so no classes: docs, pets/bird, pets/dog");
    let notes = assert_splits(
        &["train/cat/1.png", "train/dog/", "val/cat/2.png", "val/cow/3.png"],
        &["train/cat/1.png cat"],
        &["val/cat/2.png cat", "val/cow/3.png cow"],
    );
    assert_eq!(
        notes[1..],
        ["folders without pictures, so no classes: train/dog", "classes without training pictures: cow"]
    );
}

#[test]
fn a_class_of_bad_pictures_is_named_and_no_class() {
    let files = [("a/1.png", b"text".to_vec()), ("b/1.png", flat(1)), ("c/1.png", flat(2)), ("c/2.png", flat(3))];
    let set = open(&files, LoadOptions { skip_bad: true, ..options(1, 1) }).unwrap();
    assert_eq!(set.class_names, ["b", "c"]);
    let mut all = [labelled(&set, &set.train), labelled(&set, &set.test)].concat();
    all.sort();
    assert_eq!(all, ["b/1.png b", "c/1.png c", "c/2.png c"]);
    assert!(
        set.notes.contains(&"folders whose pictures were all skipped, so no classes: a".to_owned()),
        "{:?}",
        set.notes
    );
}

#[test]
fn the_content_decides_what_is_a_picture() {
    let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".to_vec();
    let files = [("a/1", flat(1)), ("a/2.dat", flat(2)), ("a/list.csv", b"1,2".to_vec()), ("b/README", b"hi".to_vec())];
    let set = open(&files, options(1, 1)).unwrap();
    assert_eq!(set.train.len() + set.test.len(), 2);
    assert_reports(&set.notes[0], &["one class: a", "2 other than pictures (the first a/list.csv)"]);
    assert_reports(&set.notes[1], &["no classes: b"]);
    for (name, parts) in [("a/3.png", ["a/3.png", "LFS pointer"]), ("a/3", ["a/3", "LFS pointer"])] {
        let error = open(&[("a/1.png", flat(1)), (name, lfs.clone())], options(1, 1)).expect_err("a pointer");
        assert_reports(&error.to_string(), &parts);
    }
}

#[test]
fn names_are_shown_without_control_characters() {
    let set = set(&["a\u{1b}[2J/1.png", "a\u{1b}[2J/2.png", "b\n/3.png", "\u{202e}c/4.png", r"b\n/5.png"]).unwrap();
    assert_eq!(set.class_names, [r"\u{202e}c", r"a\u{1b}[2J", r"b\\n", r"b\n"]);
    let printed = [set.notes.concat(), set.train.names.concat(), set.test.names.concat()].concat();
    assert!(!printed.contains(|character: char| character.is_control()), "{printed:?}");
    let error = open(&[("a\r\u{7}/1.png", Vec::new())], options(1, 1)).expect_err("it is empty").to_string();
    assert_reports(&error, &[r"a\r\u{7}/1.png: not a readable picture"]);
}
