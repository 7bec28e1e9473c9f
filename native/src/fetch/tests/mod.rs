//! Whole data sets from a loopback server, and the unpacking of archives.

mod download;
mod server;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use server::{Reply, Server};
use sha2::{Digest, Sha256};
use slgan::data::FileSet;
use slgan::data::catalogue::CATALOGUE;
use ureq::Agent;

use super::catalogue::Member;
use super::pace::Pace;
use super::*;

/// More than one read of the client, and not a multiple of its buffer.
const SIZE: usize = 200_003;

fn content() -> Vec<u8> {
    (0..SIZE as u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A downloader without pauses or proxies that makes `tries` attempts.
fn downloader(tries: usize) -> Downloader {
    let config =
        Agent::config_builder().timeout_per_read(Some(Duration::from_secs(2))).http_status_as_error(false).proxy(None);
    let pace = Pace { window: Duration::from_secs(60), bytes: 1 };
    Downloader { config: config.build(), pace, pauses: vec![Duration::ZERO; tries - 1] }
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_refused_connection_suggests_a_mirror_and_leaves_nothing() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let parent = tempfile::tempdir().unwrap();
    let mirror = format!("http://{address}/");
    let error =
        fetch_with(&downloader(2), find("svhn").unwrap(), &parent.path().join("svhn"), Some(&mirror)).unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("--url") && error.contains(&format!("http://{address}/train_32x32.mat")), "{error}");
    assert!(files_in(parent.path()).is_empty());
}

/// An archive with a link and these members, whose paths may lead outside.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder.append_link(&mut link, "set/train.bin", "/etc/passwd").unwrap();
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        // The builder refuses paths that lead outside, so this writes the name itself.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn set_of(archive: &[u8]) -> DataSet {
    let sha256 = sha256(archive).leak();
    const MEMBERS: &[Member] =
        &[Member { name: "train.bin", most_bytes: SIZE as u64 }, Member { name: "test.bin", most_bytes: 100 }];
    let file = RemoteFile { name: "set.tar.gz", bytes: archive.len() as u64, sha256, members: MEMBERS };
    DataSet { set: FileSet::Cifar10, publisher: "http://unused.invalid", files: vec![file].leak() }
}

#[test]
fn only_the_named_members_are_unpacked_and_only_into_the_folder() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("set");
    let archive = archive(&[
        ("../evil.bin", b"outside"),
        ("set/readme.html", b"not asked for"),
        ("set/train.bin", &content()),
        ("../../test.bin", b"under its own name in the folder"),
    ]);
    let server = Server::start(&[("set.tar.gz", &archive)], &[Reply::Serve]);
    let set = set_of(&archive);
    fetch_with(&downloader(1), &set, &folder, Some(&server.url)).unwrap();
    assert_eq!(files_in(parent.path()), ["set"]);
    assert_eq!(files_in(&folder), ["set.tar.gz", "test.bin", "train.bin"]);
    assert!(fs::read(folder.join("train.bin")).unwrap() == content());
    assert_eq!(fs::read(folder.join("test.bin")).unwrap(), b"under its own name in the folder");

    fs::write(folder.join("train.bin"), b"cut short").unwrap();
    fs::remove_file(folder.join("test.bin")).unwrap();
    fetch_with(&downloader(1), &set, &folder, Some(&server.url)).unwrap();
    assert!(fs::read(folder.join("train.bin")).unwrap() == content());
    assert!(folder.join("test.bin").exists());
    assert_eq!(server.requests(), ["/set.tar.gz"]);
}

#[test]
fn an_archive_without_a_member_cut_short_or_too_large_is_an_error() {
    let whole = archive(&[("set/train.bin", &content())]);
    let large = archive(&[("set/test.bin", &[0; 101])]);
    for (archive, expected) in [
        (&whole[..], "does not hold test.bin"),
        (&whole[..whole.len() / 2], "cannot unpack"),
        (&large[..], "test.bin has 101 bytes, expected at most 100"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(&[("set.tar.gz", archive)], &[Reply::Serve]);
        let error = fetch_with(&downloader(1), &set_of(archive), folder.path(), Some(&server.url)).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(expected) && error.contains("set.tar.gz"), "{error}");
        assert!(files_in(folder.path()).iter().all(|name| !name.ends_with(".partial")));
    }
}

#[test]
fn only_published_sets_can_be_fetched() {
    let published: Vec<&str> =
        CATALOGUE.iter().filter(|entry| entry.folder.is_some()).map(|entry| entry.name).collect();
    assert_eq!(published, names());
    for name in published {
        let found = find(name).unwrap();
        assert_eq!((found.set.name(), Some(found.folder())), (name, found.set.publisher_folder()));
    }
}

#[test]
fn the_catalogue_is_well_formed() {
    for set in &catalogue::DATA_SETS {
        assert!(set.publisher.starts_with("http") && !set.publisher.ends_with('/'), "{}", set.publisher);
        for file in set.files {
            assert!(file.bytes > 0);
            assert_eq!(file.sha256.len(), 64, "{}", file.name);
            assert!(file.sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "{}", file.name);
            assert_eq!(file.name.ends_with(".tar.gz"), !file.members.is_empty(), "{}", file.name);
        }
    }
    let error = find("cifar100").unwrap_err().to_string();
    assert!(error.contains("cifar100") && error.contains("cifar10, stl10, svhn, mnist, fashion-mnist"), "{error}");
}
