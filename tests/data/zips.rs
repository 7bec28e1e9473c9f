//! Sets in zip archives, whole and damaged.

use std::io::Cursor;

use slgan::data::{Listed, ListedKind, ZipSource};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::folder::{flat, options};
use super::*;

/// An archive of these files; a name that ends in `/` is a folder's.
fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let stored = SimpleFileOptions::default();
        if name.ends_with('/') {
            writer.add_directory(*name, stored).unwrap();
        } else {
            writer.start_file(*name, stored).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

fn open(bytes: Vec<u8>, skip_bad: bool) -> Result<Dataset, DataError> {
    load(FileSet::Folder, &ZipSource::open(Cursor::new(bytes))?, &LoadOptions { skip_bad, ..options(1, 1) })
}

/// Replaces every occurrence of a name, which must keep its length, in an archive.
fn renamed(mut bytes: Vec<u8>, old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let found: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(old.as_bytes())).collect();
    assert_eq!(found.len(), 2, "a name is in a member's header and in the archive's list");
    found.into_iter().for_each(|at| bytes[at..at + new.len()].copy_from_slice(new.as_bytes()));
    bytes
}

fn pets() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("pets/", Vec::new()),
        ("pets/dog/", Vec::new()),
        ("pets/train/cat/1.png", flat(1)),
        ("pets/train/cow/2.png", flat(2)),
        ("pets/val/cow/3.png", flat(3)),
        ("__MACOSX/pets/train/cat/._1.png", vec![0]),
    ]
}

#[test]
fn an_archive_is_read_like_the_folder_in_it() {
    let in_zip = open(archive(&pets()), false).unwrap();
    let in_folder = load(FileSet::Folder, &source(&pets()), &options(1, 1)).unwrap();
    assert_eq!(in_zip, in_folder);
    assert_eq!((in_zip.class_names.as_slice(), in_zip.test.len()), (["cat", "cow"].map(String::from).as_slice(), 1));
    assert_reports(&in_zip.notes[1], &["pets/dog"]);
}

#[test]
fn windows_separators_are_separators() {
    let bytes = renamed(archive(&[("a/b.png", flat(1)), ("c/d.png", flat(2))]), "a/b.png", r"a\b.png");
    assert_eq!(open(bytes, false).unwrap().class_names, ["a", "c"]);
}

#[test]
fn names_are_shown_without_control_characters() {
    let zip = ZipSource::open(Cursor::new(archive(&[("a\u{1b}[31m/1\n.png", flat(1))]))).unwrap();
    let listed = zip.list().unwrap();
    assert_eq!(listed, [Listed::file(r"a\u{1b}[31m/1\n.png")]);
    assert_eq!(zip.read(&listed[0].path).unwrap(), flat(1));
}

#[test]
fn names_that_lead_out_or_come_twice_are_refused() {
    for (name, part) in
        [("../a.png", "../a.png leads out"), ("/etc/a.png", "/etc/a.png leads out"), ("C:/a.png", "C:/a.png leads out")]
    {
        let old = "x".repeat(name.len());
        let message = open(renamed(archive(&[(&old, flat(1))]), &old, name), false).expect_err(name).to_string();
        assert_reports(&message, &["not a readable zip archive", part]);
    }
    let twice = renamed(archive(&[("a/1.png", flat(1)), ("b/1.png", flat(2))]), "b/1.png", "a/1.png");
    let also = renamed(archive(&[("a/1.png", flat(1)), ("b/1.png", flat(2))]), "b/1.png", r"a\1.png");
    for bytes in [twice, also] {
        assert_reports(&open(bytes, false).expect_err("twice").to_string(), &["two members are named a/1.png"]);
    }
}

#[test]
fn an_archive_that_is_cut_or_none_is_refused() {
    let bytes = archive(&pets());
    for bad in [&bytes[..bytes.len() - 30], &bytes[..bytes.len() / 2], &bytes[..10], b"PK\x03\x04", b"text", b""] {
        let message = open(bad.to_vec(), true).expect_err("it is damaged").to_string();
        assert_reports(&message, &["not a readable zip archive"]);
    }
}

#[test]
fn a_damaged_member_is_named_or_skipped() {
    let mut bytes = archive(&[("a/1.png", flat(1)), ("a/2.png", flat(2)), ("b/3.png", flat(3))]);
    let start = bytes.windows(7).position(|part| part == b"a/2.png").unwrap() + 7;
    bytes[start..start + 20].fill(0xff);
    let message = open(bytes.clone(), false).expect_err("the member is damaged").to_string();
    assert_reports(&message, &["a/2.png: not a readable picture", "zip member"]);
    let set = open(bytes, true).unwrap();
    assert_eq!(set.train.len() + set.test.len(), 2);
    assert!(
        set.notes.iter().any(|note| note.starts_with("corrupt pictures skipped: 1 (1 damaged)")),
        "{:?}",
        set.notes
    );
}

/// Sets a field of two bytes in every header of a member: at `local` in its own, at `central` in the archive's list.
fn with_field(mut bytes: Vec<u8>, local: usize, central: usize, value: u16) -> Vec<u8> {
    for (magic, at) in [(b"PK\x03\x04", local), (b"PK\x01\x02", central)] {
        let start = bytes.windows(4).position(|part| part == magic).unwrap() + at;
        bytes[start..start + 2].copy_from_slice(&value.to_le_bytes());
    }
    bytes
}

#[test]
fn encrypted_and_unknown_members_are_named() {
    let bytes = archive(&[("a/1.png", flat(1))]);
    let encrypted = open(with_field(bytes.clone(), 6, 8, 1), true).expect_err("it is encrypted").to_string();
    assert_reports(&encrypted, &["a/1.png: expected a member without a password", "encrypted"]);
    let unknown = open(with_field(bytes, 8, 10, 98), true).expect_err("it is packed by PPMd").to_string();
    assert_reports(&unknown, &["a/1.png: expected a member that is stored or deflated", "Ppmd"]);
}

#[test]
fn a_member_that_claims_too_much_is_named_or_skipped() {
    // The size in the archive's list has four bytes, from byte 24.
    let bytes = with_field(archive(&[("a/1.png", flat(1)), ("a/2.png", flat(2))]), 24, 26, 0x7fff);
    let message = open(bytes.clone(), false).expect_err("it claims 2 GiB").to_string();
    assert_reports(&message, &["a/1.png: not a readable picture: it is too large", "512 MiB"]);
    let set = open(bytes, true).unwrap();
    assert!(set.notes[1].starts_with("corrupt pictures skipped: 1 (1 too large)"), "{:?}", set.notes);
}

#[test]
fn links_are_not_followed() {
    let mut writer = ZipWriter::new(Cursor::new(archive(&[("a/1.png", flat(1))])));
    writer.add_symlink("a/2.png", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let zip = ZipSource::open(writer.finish().unwrap()).unwrap();
    let listed = zip.list().unwrap();
    assert!(matches!(&listed[0], Listed { path, kind: ListedKind::LeftOut(_) } if path == "a/2.png"), "{listed:?}");
    assert!(zip.read("a/2.png").is_err());
}
