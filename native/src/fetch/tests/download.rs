//! One file from a server that misbehaves.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

use super::server::{Reply, Server};
use super::{SIZE, content, downloader, files_in, sha256};
use crate::fetch::address::Address;
use crate::fetch::download::{Downloader, Source};
use crate::fetch::pace::Pace;

/// One file, a server for it and a folder to fetch it into.
struct Case {
    server: Server,
    folder: TempDir,
    sha256: String,
}

impl Case {
    /// The server has `served`; the expected file is [`content`].
    fn serving(served: &[u8], script: &[Reply]) -> Self {
        let server = Server::start(&[("file", served)], script);
        Self { server, folder: tempfile::tempdir().unwrap(), sha256: sha256(&content()) }
    }

    fn new(script: &[Reply]) -> Self {
        Self::serving(&content(), script)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("file")
    }

    fn part(&self) -> PathBuf {
        self.folder.path().join("file.part")
    }

    fn download(&self, tries: usize) -> Result<()> {
        self.download_with(&downloader(tries), &self.server.url)
    }

    fn download_with(&self, downloader: &Downloader, base: &str) -> Result<()> {
        let address = Address::of(base, "file")?;
        downloader.download(&Source { address, bytes: SIZE as u64, sha256: &self.sha256 }, &self.path())
    }

    /// The message of a download that must fail.
    fn error(&self, tries: usize) -> String {
        format!("{:#}", self.download(tries).unwrap_err())
    }

    #[track_caller]
    fn assert_complete(&self, requests: &[&str]) {
        assert!(fs::read(self.path()).unwrap() == content(), "the file differs from the one served");
        assert_eq!(files_in(self.folder.path()), ["file"]);
        assert_eq!(self.server.requests(), requests);
    }
}

#[test]
fn a_file_is_fetched_once() {
    let case = Case::new(&[Reply::Serve]);
    case.download(1).unwrap();
    case.download(1).unwrap();
    case.assert_complete(&["/file"]);
}

#[test]
fn a_damaged_file_is_fetched_again() {
    let case = Case::new(&[Reply::Serve]);
    let mut damaged = content();
    damaged[SIZE / 2] ^= 1;
    fs::write(case.path(), damaged).unwrap();
    case.download(1).unwrap();
    case.assert_complete(&["/file"]);
}

#[test]
fn a_lost_connection_resumes_where_it_broke() {
    let case = Case::new(&[Reply::Cut(70_000), Reply::Cut(0), Reply::Cut(5), Reply::Serve]);
    case.download(4).unwrap();
    case.assert_complete(&["/file", "/file bytes=70000-", "/file bytes=70000-", "/file bytes=70005-"]);
}

#[test]
fn a_later_call_resumes_where_an_earlier_one_stopped() {
    let case = Case::new(&[Reply::Cut(70_000), Reply::Serve]);
    let error = case.error(1);
    assert!(error.contains("70000 of 200003 bytes") && error.contains("--url"), "{error}");
    assert_eq!(fs::read(case.part()).unwrap(), content()[..70_000]);
    assert!(!case.path().exists());
    case.download(1).unwrap();
    case.assert_complete(&["/file", "/file bytes=70000-"]);
}

#[test]
fn a_silent_server_counts_as_a_lost_connection() {
    let case = Case::new(&[Reply::Stall(1_000), Reply::Serve]);
    case.download(2).unwrap();
    case.assert_complete(&["/file", "/file bytes=1000-"]);
}

#[test]
fn a_server_without_ranges_starts_over() {
    let case = Case::new(&[Reply::Cut(70_000), Reply::IgnoreRange]);
    case.download(2).unwrap();
    case.assert_complete(&["/file", "/file bytes=70000-"]);
}

#[test]
fn a_refused_or_wrong_range_starts_over() {
    for reply in [Reply::Status(416), Reply::WrongRange] {
        let case = Case::new(&[reply, Reply::Serve]);
        fs::write(case.part(), &content()[..9]).unwrap();
        case.download(1).unwrap();
        case.assert_complete(&["/file bytes=9-", "/file"]);
    }
}

#[test]
fn a_complete_part_needs_no_server_and_a_longer_one_is_discarded() {
    let case = Case::new(&[]);
    fs::write(case.part(), content()).unwrap();
    case.download(1).unwrap();
    case.assert_complete(&[]);

    let case = Case::new(&[Reply::Serve]);
    fs::write(case.part(), [content(), vec![0]].concat()).unwrap();
    case.download(1).unwrap();
    case.assert_complete(&["/file"]);
}

#[test]
fn a_redirect_keeps_the_range() {
    let case = Case::new(&[Reply::Redirect, Reply::Serve]);
    fs::write(case.part(), &content()[..9]).unwrap();
    case.download(1).unwrap();
    case.assert_complete(&["/file bytes=9-", "/moved/file bytes=9-"]);
}

#[test]
fn a_wrong_checksum_deletes_what_arrived_and_names_both_sums() {
    let mut served = content();
    served[SIZE - 1] ^= 1;
    let case = Case::serving(&served, &[Reply::Serve]);
    let error = case.error(3);
    assert!(error.contains(&case.sha256) && error.contains(&sha256(&served)), "{error}");
    assert!(error.contains(&case.server.url), "{error}");
    assert!(files_in(case.folder.path()).is_empty());
}

#[test]
fn a_wrong_size_deletes_what_arrived_and_names_both_sizes() {
    for (served, reply) in [(SIZE - 1, Reply::Serve), (SIZE + 1, Reply::Serve), (2 * SIZE, Reply::Unannounced)] {
        let case = Case::serving(&vec![7; served], &[reply]);
        let error = case.error(3);
        assert!(error.contains("200003"), "{error}");
        assert!(error.contains(&served.to_string()) || matches!(reply, Reply::Unannounced), "{error}");
        assert!(files_in(case.folder.path()).is_empty());
    }
    // The part is longer than the file that the server has.
    let case = Case::serving(&[7; 100], &[Reply::Serve, Reply::Serve]);
    fs::write(case.part(), [7; 500]).unwrap();
    let error = case.error(1);
    assert!(error.contains("100 bytes"), "{error}");
    assert_eq!(case.server.requests(), ["/file bytes=500-", "/file"]);
    assert!(files_in(case.folder.path()).is_empty());
}

#[test]
fn an_http_error_names_url_and_status_and_is_not_repeated() {
    for status in [403, 404, 500, 503] {
        let case = Case::new(&[Reply::Status(status)]);
        fs::write(case.part(), &content()[..9]).unwrap();
        let error = case.error(3);
        assert!(error.contains(&status.to_string()) && error.contains(&case.server.url), "{error}");
        assert_eq!(files_in(case.folder.path()), ["file.part"]);
    }
}

/// A downloader that expects 1,000 bytes in a fifth of a second, and may make `tries` attempts.
fn impatient(tries: usize) -> Downloader {
    Downloader { pace: Pace { window: Duration::from_millis(200), bytes: 1_000 }, ..downloader(tries) }
}

#[test]
fn a_server_that_drips_is_given_up_at_once_and_continued_later() {
    let case = Case::new(&[Reply::Drip, Reply::Serve]);
    let error = format!("{:#}", case.download_with(&impatient(3), &case.server.url).unwrap_err());
    assert!(error.contains(&case.server.url) && error.contains("is too slow: "), "{error}");
    assert!(error.contains("run the same command to continue"), "{error}");
    let arrived = fs::read(case.part()).unwrap();
    assert!(!arrived.is_empty() && arrived.len() < 1_000 && content().starts_with(&arrived), "{}", arrived.len());
    case.download(1).unwrap();
    case.assert_complete(&["/file", &format!("/file bytes={}-", arrived.len())]);
}

#[test]
fn a_server_that_drips_its_header_or_redirect_counts_as_a_lost_connection() {
    for reply in [Reply::DripHeader, Reply::DripRedirect] {
        let case = Case::new(&[reply, Reply::Serve]);
        case.download_with(&impatient(2), &case.server.url).unwrap();
        case.assert_complete(&["/file", "/file"]);
    }
}

#[test]
fn redirects_are_counted_and_stay_with_http() {
    let case = Case::new(&[Reply::RedirectTo("/file"); 11]);
    let error = case.error(3);
    assert!(error.contains("too many redirects") && error.contains(&case.server.url), "{error}");
    assert!(case.server.requests().len() <= 11);

    let case = Case::new(&[Reply::RedirectTo("ftp://user:secret@host/file?token=secret")]);
    let error = case.error(3);
    assert!(error.contains("unknown scheme") && !error.contains("secret"), "{error}");
    assert!(files_in(case.folder.path()).is_empty());
}

#[test]
fn a_password_is_sent_but_neither_shown_nor_stored() {
    let case = Case::new(&[Reply::Status(403), Reply::Cut(9)]);
    let base = format!("{}?token=secret", case.server.url.replace("//", "//user:secret@"));
    for expected in ["403", "no connection"] {
        let error = format!("{:#}", case.download_with(&downloader(1), &base).unwrap_err());
        let shown = format!("{}/file?***", case.server.url.replace("//", "//***@"));
        assert!(error.contains(expected) && error.contains(&shown) && !error.contains("secret"), "{error}");
    }
    assert_eq!(case.server.requests(), ["/file?token=secret user:secret", "/file?token=secret user:secret"]);
    assert_eq!(files_in(case.folder.path()), ["file.part"]);
    assert_eq!(fs::read(case.part()).unwrap(), content()[..9]);
}
