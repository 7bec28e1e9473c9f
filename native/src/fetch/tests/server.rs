//! A small loopback HTTP server that can fail in the ways that real servers do.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};

/// What the server does with one connection.
#[derive(Debug, Clone, Copy)]
pub enum Reply {
    /// Serves the file or the requested range; 404 without a file, 416 beyond its end.
    Serve,
    /// Serves the whole file and ignores the range.
    IgnoreRange,
    /// Announces the full length, sends this many bytes and closes.
    Cut(usize),
    /// Announces the full length, sends this many bytes and then nothing until the client gives up.
    Stall(usize),
    /// Announces the full length, and sends a few bytes again and again.
    Drip,
    /// Sends a header line again and again.
    DripHeader,
    /// Redirects, with a page that has no end.
    DripRedirect,
    /// Sends everything without announcing the length.
    Unannounced,
    /// Answers with a different range.
    WrongRange,
    /// Answers with this status and a short page.
    Status(u16),
    /// Redirects to `/moved` and the file's path.
    Redirect,
    /// Redirects to this address.
    RedirectTo(&'static str),
}

/// A server that answers one connection per reply of its script, in order.
pub struct Server {
    /// Its URL, without a slash at the end.
    pub url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(files: &[(&str, &[u8])], script: &[Reply]) -> Self {
        let files: HashMap<_, _> = files.iter().map(|(name, bytes)| (format!("/{name}"), bytes.to_vec())).collect();
        let script = script.to_vec();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = requests.clone();
        thread::spawn(move || {
            for reply in script {
                let (stream, _) = listener.accept().unwrap();
                answer(stream, reply, &files, &log);
            }
        });
        Self { url, requests }
    }

    /// The requests so far: path, range and password, if there were any.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, reply: Reply, files: &HashMap<String, Vec<u8>>, log: &Mutex<Vec<String>>) {
    let (path, start) = read_request(&stream, log);
    let name = path.split('?').next().unwrap();
    let Some(file) = files.get(name.strip_prefix("/moved").unwrap_or(name)) else {
        return send(&mut stream, "404 Not Found", "", b"no such file");
    };
    let rest = file.get(start.unwrap_or(0)..).unwrap_or_default();
    let range = |first: usize| format!("Content-Range: bytes {first}-{}/{}\r\n", file.len() - 1, file.len());
    let (status, headers) = match start {
        Some(first) => ("206 Partial Content", range(first)),
        None => ("200 OK", String::new()),
    };
    match reply {
        Reply::Serve if start.is_some_and(|first| first >= file.len()) => {
            send(&mut stream, "416 Range Not Satisfiable", "", b"");
        }
        Reply::Serve => send(&mut stream, status, &headers, rest),
        Reply::IgnoreRange => send(&mut stream, "200 OK", "", file),
        Reply::Cut(bytes) => send_part(&mut stream, status, &headers, rest, bytes),
        Reply::Stall(bytes) => {
            send_part(&mut stream, status, &headers, rest, bytes);
            let _ = stream.read(&mut [0]);
        }
        Reply::Drip => {
            send_part(&mut stream, status, &headers, rest, 0);
            let _ = rest.chunks(7).all(|bytes| drip(&mut stream, bytes));
        }
        Reply::DripHeader => {
            let _ = write!(stream, "HTTP/1.1 {status}\r\n");
            let _ = (0..200).all(|_| drip(&mut stream, b"X-More: 1\r\n"));
        }
        Reply::DripRedirect => {
            let _ = write!(stream, "HTTP/1.1 302 Found\r\nLocation: /moved\r\nContent-Length: 100000\r\n\r\n");
            let _ = (0..200).all(|_| drip(&mut stream, b"page"));
        }
        Reply::Unannounced => {
            let _ = write!(stream, "HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n");
            let _ = stream.write_all(rest);
        }
        Reply::WrongRange => send(&mut stream, "206 Partial Content", &range(1), &file[1..]),
        Reply::Status(code) => send(&mut stream, &format!("{code} Scripted"), "", b"a page"),
        Reply::RedirectTo(address) => send(&mut stream, "302 Found", &format!("Location: {address}\r\n"), b""),
        Reply::Redirect => send(&mut stream, "302 Found", &format!("Location: /moved{path}\r\n"), b""),
    }
}

/// Sends a few bytes after a pause. Returns whether the client is still there.
fn drip(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    thread::sleep(Duration::from_millis(20));
    stream.write_all(bytes).is_ok()
}

/// A request's path, and the first byte of its range.
fn read_request(stream: &TcpStream, log: &Mutex<Vec<String>>) -> (String, Option<usize>) {
    let lines: Vec<_> =
        BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    let header = |name: &str| {
        let fields = lines.iter().filter_map(|line| line.split_once(": "));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    };
    let (range, user) = (header("range"), header("authorization").map(decoded));
    let parts = [Some(path.as_str()), range, user.as_deref()];
    log.lock().unwrap().push(parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
    let start = range.map(|range| range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap());
    (path, start)
}

/// `user:password` of an `Authorization` header.
fn decoded(authorization: &str) -> String {
    let bytes = BASE64_STANDARD.decode(authorization.strip_prefix("Basic ").unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    send_part(stream, status, headers, body, body.len());
}

/// Announces `body` and sends its first bytes. The client may already have closed.
fn send_part(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8], bytes: usize) {
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(&body[..bytes]);
}
