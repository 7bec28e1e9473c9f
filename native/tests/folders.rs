//! Folders of pictures as they are on disks: links, special files, names that are no text, archives, the home folder.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::io::{Cursor, Write};
use std::process::Command;

use serde_json::Value;
use zip::write::{SimpleFileOptions, ZipWriter};

use common::Workplace;

/// What `data inspect` says of a folder.
#[track_caller]
fn inspect(workplace: &Workplace, spec: &str) -> Value {
    serde_json::from_str(&workplace.run(&format!("data inspect {spec} --json")).0).unwrap()
}

fn images(facts: &Value) -> u64 {
    ["train", "test"].iter().map(|split| facts[split]["images"].as_u64().unwrap()).sum()
}

/// All notes, one per line.
fn notes(facts: &Value) -> String {
    facts["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

/// A workplace with `pictures`: the classes `a` and `b`, and pictures without a label.
fn workplace() -> Workplace {
    let workplace = Workplace::new();
    workplace.write_pictures("pictures");
    workplace
}

/// `pictures` in an archive, below the folder `set/`.
fn archive(workplace: &Workplace) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for class in ["a", "b", "unlabeled"] {
        for number in 0..8 {
            let name = format!("{class}/{number}.png");
            writer.start_file(format!("set/{name}"), SimpleFileOptions::default()).unwrap();
            writer.write_all(&workplace.read(&format!("pictures/{name}"))).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn an_archive_is_read_without_unpacking_it() {
    let workplace = workplace();
    workplace.write("set.zip", &archive(&workplace));
    let (packed, unpacked) = (inspect(&workplace, "folder:set.zip"), inspect(&workplace, "folder:pictures"));
    for field in ["class_names", "train", "test"] {
        assert_eq!(packed[field], unpacked[field]);
    }
    let whole = workplace.read("set.zip");
    workplace.write("cut.zip", &whole[..whole.len() / 2]);
    workplace.refuses("data inspect folder:cut.zip", 1, &["cut.zip: not a readable zip archive"]);
    workplace.write("notes.txt", b"text");
    workplace.refuses("data inspect folder:notes.txt", 1, &["notes.txt: not a readable zip archive"]);
    workplace.refuses("data inspect folder:gone.zip", 2, &["`gone.zip` is not a folder or a zip archive"]);
    workplace.refuses("data inspect cifar10:set.zip", 2, &["`set.zip` is not a folder"]);
}

#[test]
fn a_file_that_is_larger_than_a_picture_may_be_is_not_read() {
    let workplace = workplace();
    let file = std::fs::File::create(workplace.path("pictures/a/large.png")).unwrap();
    file.set_len(600 << 20).unwrap();
    let parts = ["a/large.png: not a readable picture: it is too large", "600 MiB"];
    let output = workplace.command("data inspect folder:pictures").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && parts.iter().all(|part| error.contains(part)), "{error}");
    let facts = inspect(&workplace, "folder:pictures --skip-bad");
    assert!(notes(&facts).contains("corrupt pictures skipped: 1 (1 too large)"), "{}", notes(&facts));
}

#[test]
fn a_tilde_is_the_home_folder() {
    let workplace = workplace();
    let home = workplace.path("");
    for spec in ["folder:~/pictures", "folder:~//pictures/"] {
        let output = workplace.command(&format!("data inspect {spec}")).env("HOME", &home).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let mut gone = workplace.command("data inspect cifar10:~/gone");
    workplace.fails(gone.env("HOME", &home), 2, &["/gone` is not a folder"]);
    workplace.write("~x/a/1.png", &workplace.read("pictures/a/1.png"));
    inspect(&workplace, "folder:~x");
}

#[test]
fn training_says_how_the_folder_was_read() {
    let workplace = workplace();
    std::fs::create_dir(workplace.path("pictures/c")).unwrap();
    workplace.write("pictures/Thumbs.db", b"");
    let (_, said) = workplace.run(&format!("{} --steps 1 --data folder:pictures --out run", common::TRAIN));
    let expected = "data: read as 2 classes: a, b; left out: 1 left by Windows (Thumbs.db)";
    assert!(said.contains(expected) && said.contains("data: folders without pictures, so no classes: c"), "{said}");
}

#[test]
fn classes_with_one_picture_each_train_without_held_out_pictures() {
    let workplace = workplace();
    for class in ["x", "y", "z"] {
        workplace.write(&format!("few/{class}/1.png"), &workplace.read("pictures/a/1.png"));
    }
    let line = "train --device cpu --batch 4 --set report.sample_every=0 --set report.evaluate_every=1 --steps 2";
    let (_, said) = workplace.run(&format!("{line} --data folder:few --mode class-conditional --out run"));
    assert!(said.contains("none of 3 images can be held out"), "{said}");
    assert!(workplace.path("run/report.html").is_file());
}

#[test]
fn a_grid_of_very_many_classes_shows_a_choice() {
    let workplace = Workplace::new();
    let mut png = Cursor::new(Vec::new());
    image::GrayImage::new(2, 2).write_to(&mut png, image::ImageFormat::Png).unwrap();
    for class in 0..260 {
        workplace.write(&format!("many/{class:03}/1.png"), png.get_ref());
    }
    let (_, notes) = workplace.run("data inspect folder:many --grid grid.png");
    assert!(notes.contains("grid.png shows 32 of 260 classes"), "{notes}");
    let (_, height) = image::image_dimensions(workplace.path("grid.png")).unwrap();
    assert!((32 * 64..33 * 70).contains(&height), "{height}");
}

#[test]
fn a_table_of_labels_starts_no_formula() {
    let workplace = Workplace::with_run();
    let picture = workplace.read("pictures/a/1.png");
    for name in ["=1+1.png", "-1.png", "plain.png"] {
        workplace.write(&format!("new/{name}"), &picture);
    }
    workplace.run("label run --device cpu --data folder:new --out labels.csv");
    let mut table = csv::Reader::from_reader(Cursor::new(workplace.read("labels.csv")));
    let names: Vec<String> = table.records().map(|record| record.unwrap()[0].to_owned()).collect();
    assert_eq!(names, ["'-1.png", "'=1+1.png", "plain.png"]);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn links_to_folders_are_followed_and_circles_end() {
        let workplace = workplace();
        workplace.write_pictures("elsewhere");
        symlink("../elsewhere/a", workplace.path("pictures/c")).unwrap();
        symlink("..", workplace.path("pictures/a/loop")).unwrap();
        let facts = inspect(&workplace, "folder:pictures");
        assert_eq!((&facts["class_names"], images(&facts)), (&serde_json::json!(["a", "b", "c"]), 32));
        assert!(notes(&facts).contains("1 linked back to a folder around it (a/loop)"), "{}", notes(&facts));
    }

    #[test]
    fn links_to_nothing_are_named_or_skipped_and_counted() {
        let workplace = workplace();
        for number in 1..=3 {
            symlink(format!("../gone/{number}.png"), workplace.path(&format!("pictures/a/gone{number}.png"))).unwrap();
        }
        workplace.refuses("data inspect folder:pictures", 1, &["a/gone1.png", "link to nothing", "../gone/1.png"]);
        let facts = inspect(&workplace, "folder:pictures --skip-bad");
        assert_eq!(images(&facts), 24);
        let expected = "corrupt pictures skipped: 3 (3 links to nothing), the first a/gone1.png";
        assert!(notes(&facts).contains(expected), "{}", notes(&facts));
        // Perhaps a class on a disk that is not there.
        let folder = workplace.path("pictures/a");
        (1..=3).for_each(|number| fs::remove_file(folder.join(format!("gone{number}.png"))).unwrap());
        symlink("/nowhere/dogs", workplace.path("pictures/dogs")).unwrap();
        workplace.refuses("data inspect folder:pictures", 1, &["dogs", "link to nothing", "/nowhere/dogs"]);
    }

    #[test]
    fn special_files_are_never_opened() {
        let workplace = workplace();
        let made = Command::new("mkfifo").arg(workplace.path("pictures/a/pipe.png")).status().unwrap();
        assert!(made.success());
        let _socket = UnixListener::bind(workplace.path("pictures/a/socket")).unwrap();
        symlink("/dev/zero", workplace.path("pictures/b/zero.png")).unwrap();
        let facts = inspect(&workplace, "folder:pictures");
        assert_eq!(images(&facts), 24);
        let expected = "3 special (a FIFO, socket or device) (the first a/pipe.png)";
        assert!(notes(&facts).contains(expected), "{}", notes(&facts));
    }

    #[test]
    fn names_that_are_no_text_can_be_told_apart() {
        let workplace = workplace();
        let picture = workplace.read("pictures/a/1.png");
        for class in [b"caf\xe9".as_slice(), b"caf\xe8", b"caf\\xe9", b"red\x1b[31m"] {
            let folder = workplace.path("new").join(OsStr::from_bytes(class));
            fs::create_dir_all(&folder).unwrap();
            for name in [b"1\xff.png".as_slice(), b"1\xfe.png", b"2\n.png"] {
                fs::write(folder.join(OsStr::from_bytes(name)), &picture).unwrap();
            }
        }
        let facts = inspect(&workplace, "folder:new");
        assert_eq!(facts["class_names"], serde_json::json!([r"caf\\xe9", r"caf\xe8", r"caf\xe9", r"red\u{1b}[31m"]));
        assert_eq!(images(&facts), 12);
        let (table, _) = workplace.run("data inspect folder:new");
        assert!(!table.contains('\u{1b}') && table.contains(r"red\u{1b}[31m"), "{table}");
        fs::write(workplace.path("new").join(OsStr::from_bytes(b"bad\x1b\xff.png")), b"text").unwrap();
        workplace.refuses("data inspect folder:new", 1, &[r"bad\u{1b}\xff.png: not a readable picture"]);
    }

    #[test]
    fn what_a_system_leaves_behind_is_not_opened() {
        let workplace = workplace();
        // A folder that cannot be read, unless the tests run as root.
        workplace.write("pictures/lost+found/1.png", b"text");
        let closed = std::os::unix::fs::PermissionsExt::from_mode(0o000);
        fs::set_permissions(workplace.path("pictures/lost+found"), closed).unwrap();
        let facts = inspect(&workplace, "folder:pictures");
        let opened = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(workplace.path("pictures/lost+found"), opened).unwrap();
        assert_eq!(images(&facts), 24);
    }
}
