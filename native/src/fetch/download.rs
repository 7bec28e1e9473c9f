//! Downloads one file over HTTP: continues where an earlier download stopped, and renames the file after a check.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use ureq::config::Config;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use super::address::{Address, without_secrets};
use super::pace::Pace;
use super::partial::{Partial, sha256_of};

const ADVICE: &str = "use --url to name another source";

/// A file's URL, size and checksum.
pub struct Source<'a> {
    /// Its URL.
    pub address: Address,
    /// The size in bytes.
    pub bytes: u64,
    /// The SHA-256 sum, 64 lower-case hexadecimal digits.
    pub sha256: &'a str,
}

/// The HTTP client and its retries.
pub struct Downloader {
    /// The HTTP client's settings. Its timeouts decide when a connection counts as lost. It must not treat statuses as
    /// errors.
    pub config: Config,
    /// The slowest download that goes on.
    pub pace: Pace,
    /// The pauses between attempts after lost connections.
    pub pauses: Vec<Duration>,
}

impl Default for Downloader {
    /// Gives up a connection after 20 seconds without an answer or 30 without data, and a download after five attempts,
    /// or if it brings less than a KiB per second.
    fn default() -> Self {
        let (short, long) = (Some(Duration::from_secs(20)), Some(Duration::from_secs(30)));
        let config = Agent::config_builder()
            .timeout_resolve(short)
            .timeout_connect(short)
            .timeout_send_request(short)
            .timeout_recv_response(long)
            .timeout_per_read(long)
            .max_redirects(5)
            .http_status_as_error(false);
        let pace = Pace { window: Duration::from_secs(15), bytes: 15 << 10 };
        Self { config: config.build(), pace, pauses: [1, 2, 4, 8].map(Duration::from_secs).to_vec() }
    }
}

/// Why an attempt ended before the end of the file.
enum Failure {
    /// There was no connection, or it broke. Another attempt may succeed.
    Connection(Error),
    /// Another attempt would fail in the same way.
    Final(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

impl Downloader {
    /// Makes `path` the file that `source` describes. Requests nothing if it is already that file, and continues the
    /// `FILE.part` of an earlier call.
    pub fn download(&self, source: &Source, path: &Path) -> Result<()> {
        if is_complete(source, path).with_context(|| format!("cannot read {}", path.display()))? {
            say!("{}: already there, checksum verified", path.display());
            return Ok(());
        }
        let mut partial = Partial::open(path)?;
        match self.receive(source, &mut partial).and_then(|()| verify(source, &mut partial)) {
            Ok(()) => partial.finish(path)?,
            Err(error) => {
                partial.leave();
                return Err(error);
            }
        }
        say!("{}: {} bytes, checksum verified", path.display(), source.bytes);
        Ok(())
    }

    /// Fills `partial` to the size of `source`, with one more connection after each pause.
    fn receive(&self, source: &Source, partial: &mut Partial) -> Result<()> {
        say!("fetching {}", source.address);
        let bar = progress_bar(source.bytes);
        let mut pauses = self.pauses.iter();
        loop {
            let error = match self.attempt(source, partial, &bar) {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Connection(error)) => error,
            };
            let Some(pause) = pauses.next() else {
                let (arrived, total) = (partial.bytes(), source.bytes);
                return Err(error.context(format!(
                    "no connection after {arrived} of {total} bytes; run the same command to continue, or {ADVICE}"
                )));
            };
            bar.suspend(|| say!("{error:#}; trying again in {} s", pause.as_secs()));
            thread::sleep(*pause);
        }
    }

    fn attempt(&self, source: &Source, partial: &mut Partial, bar: &ProgressBar) -> Result<(), Failure> {
        if partial.bytes() > source.bytes {
            partial.restart()?;
        }
        if partial.bytes() == source.bytes {
            return Ok(());
        }
        // A client of its own, because one that was shut down makes no further requests.
        let agent = Agent::new_with_config(self.config.clone());
        let (outcome, gave_up) = self.pace.keep(&agent, |arrived| {
            let response = respond(&agent, source, partial)?;
            append(response.into_body(), source, partial, bar, arrived)
        });
        match (outcome, gave_up) {
            (Err(Failure::Connection(_)), Some(recent)) => Err(self.too_slow(source, recent)),
            (outcome, _) => outcome,
        }
    }

    /// The failure of an attempt that was given up with `recent` bytes in the last two windows. Without any, the
    /// connection may be lost; with some, the server is slow, and will be.
    fn too_slow(&self, source: &Source, recent: u64) -> Failure {
        let (address, patience) = (&source.address, self.pace.patience());
        match recent {
            0 => Failure::Connection(anyhow!("{address} sent nothing in {patience:?}")),
            _ => Failure::Final(anyhow!(
                "{address} is too slow: {recent} bytes in {patience:?}; run the same command to continue, or {ADVICE}"
            )),
        }
    }
}

/// The response whose body continues where `partial` ends. Empties `partial` if the server cannot do that.
fn respond(agent: &Agent, source: &Source, partial: &mut Partial) -> Result<Response<Body>, Failure> {
    let mut request = agent.get(source.address.with_secrets());
    if partial.bytes() > 0 {
        request = request.header(header::RANGE, format!("bytes={}-", partial.bytes()));
    }
    let response = request.call().map_err(|error| connection_failure(source, error))?;
    match response.status() {
        StatusCode::OK => partial.restart()?,
        StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(partial.bytes()) => {}
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if partial.bytes() > 0 => {
            partial.restart()?;
            return respond(agent, source, partial);
        }
        status => return Err(anyhow!("{} answered {status}; {ADVICE}", source.address).into()),
    }
    let announced = response.body().content_length().map(|rest| partial.bytes().saturating_add(rest));
    match announced {
        Some(bytes) if bytes != source.bytes => {
            Err(reject(source, partial, format!("it has {bytes} bytes, expected {}", source.bytes)).into())
        }
        _ => Ok(response),
    }
}

/// Whether `path` is the file that `source` describes.
fn is_complete(source: &Source, path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len() == source.bytes && sha256_of(path)? == source.sha256),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Appends `body` up to its end. Rejects the file if the body is too long.
fn append(
    body: Body,
    source: &Source,
    partial: &mut Partial,
    bar: &ProgressBar,
    arrived: &AtomicU64,
) -> Result<(), Failure> {
    let mut reader = body.into_reader();
    let mut buffer = vec![0; 1 << 16];
    while partial.bytes() <= source.bytes {
        bar.set_position(partial.bytes());
        match reader.read(&mut buffer).map_err(|error| connection_failure(source, error.into()))? {
            0 if partial.bytes() == source.bytes => return Ok(()),
            0 => return Err(Failure::Connection(anyhow!("{} ended early", source.address))),
            read => {
                arrived.fetch_add(read as u64, Ordering::Relaxed);
                partial.append(&buffer[..read])?;
            }
        }
    }
    Err(reject(source, partial, format!("it is longer than {} bytes", source.bytes)).into())
}

fn verify(source: &Source, partial: &mut Partial) -> Result<()> {
    let found = partial.sha256();
    if found == source.sha256 {
        return Ok(());
    }
    Err(reject(source, partial, format!("its SHA-256 sum is {found}, expected {}", source.sha256)))
}

/// Deletes a partial download that is not the publisher's file.
fn reject(source: &Source, partial: &mut Partial, reason: String) -> Error {
    match partial.restart() {
        Ok(()) => anyhow!("{} is not the expected file: {reason}; the download is deleted; {ADVICE}", source.address),
        Err(error) => error.context(format!("{} is not the expected file: {reason}", source.address)),
    }
}

fn connection_failure(source: &Source, error: ureq::Error) -> Failure {
    use ureq::Error::{ConnectProxyFailed, ConnectionFailed, HostNotFound, Io, Timeout};
    let lost = matches!(error, Io(_) | Timeout(_) | HostNotFound | ConnectionFailed | ConnectProxyFailed(_));
    let error = anyhow!("{}: {}", source.address, without_secrets(&error.to_string()));
    if lost { Failure::Connection(error) } else { Failure::Final(error) }
}

/// The start of a partial response: N of `Content-Range: bytes N-M/TOTAL`.
fn range_start(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}

/// A progress bar on standard error; it shows only on a terminal.
fn progress_bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
        .expect("the template is well formed, as every test that downloads shows");
    ProgressBar::new(bytes).with_style(style)
}
