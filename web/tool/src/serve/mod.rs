//! A small web server for folders: development and tests need the right types and headers, and nothing else.

mod http;

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, ensure};

use http::Request;

/// What the page may load and run. `index.html` has the same policy for hosts that send no headers.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
                                           style-src 'self'; img-src 'self' data: blob:; connect-src 'self' https:; \
                                           base-uri 'none'; form-action 'none'";

/// Serves a folder until it is interrupted.
///
/// # Errors
/// If the folder does not exist, or the port is taken.
pub fn serve(port: u16, folder: &Path) -> Result<()> {
    let has_page = folder.join("index.html").is_file();
    ensure!(has_page, "{}: no index.html; `cargo web build` makes the page", folder.display());
    let listener = listen(port)?;
    println!("http://{}", listener.local_addr()?);
    answer_all(&listener, Site { folders: vec![("/", folder.to_owned())], first_script: None });
    Ok(())
}

/// Opens a port of 127.0.0.1; 0 takes a free one.
///
/// # Errors
/// If it is taken.
pub fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("port {port}"))
}

/// Answers each connection in its own thread: browsers open several and may leave some unused.
pub fn answer_all(listener: &TcpListener, site: Site) {
    let site = Arc::new(site);
    for stream in listener.incoming().flatten() {
        let site = Arc::clone(&site);
        // If the browser goes away, there is nothing to do on this side.
        thread::spawn(move || _ = site.answer(&stream));
    }
}

/// The folders behind the addresses.
#[derive(Debug)]
pub struct Site {
    /// Prefixes of addresses, each ending in `/`, with their folders; the first match counts.
    pub folders: Vec<(&'static str, PathBuf)>,
    /// The address of a script that runs in every page before its own.
    pub first_script: Option<&'static str>,
}

impl Site {
    fn answer(&self, stream: &TcpStream) -> io::Result<()> {
        let request = Request::read(stream)?;
        if request.method != "GET" {
            return http::answer(stream, "405 Method Not Allowed", &[("Allow", "GET")], b"");
        }
        let Some(mut file) = self.find(&request.url).and_then(|path| File::read(&path).ok()) else {
            return http::answer(stream, "404 Not Found", &[], b"not found");
        };
        if let Some(script) = self.first_script.filter(|_| file.media_type.starts_with("text/html")) {
            file.begin_with(script);
        }
        if request.known_tag.as_ref() == Some(&file.tag) {
            return http::answer(stream, "304 Not Modified", &file.headers(), b"");
        }
        http::answer(stream, "200 OK", &file.headers(), &file.bytes)
    }

    /// The file behind an address, which may not leave its folder.
    fn find(&self, url: &str) -> Option<PathBuf> {
        let address = url.split(['?', '#']).next()?;
        let (start, folder) = self.folders.iter().find(|(start, _)| address.starts_with(start))?;
        let inner = Path::new(&address[start.len()..]);
        let stays = inner.components().all(|part| matches!(part, Component::Normal(_)));
        let path = folder.join(inner);
        stays.then(|| if address.ends_with('/') { path.join("index.html") } else { path })
    }
}

/// A file to be sent.
struct File {
    bytes: Vec<u8>,
    media_type: &'static str,
    /// Changes with the file.
    tag: String,
}

impl File {
    fn read(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path)?;
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH).context("before 1970")?;
        let tag = format!("\"{}-{}\"", metadata.len(), changed.as_nanos());
        Ok(Self { bytes: fs::read(path)?, media_type: media_type(path), tag })
    }

    /// Puts a script before the first element of a page's head.
    fn begin_with(&mut self, script: &str) {
        let page = String::from_utf8_lossy(&self.bytes);
        self.bytes = page.replacen("<meta", &format!("<script src=\"{script}\"></script>\n<meta"), 1).into_bytes();
    }

    /// The browser asks each time whether a file has changed, and keeps unchanged files, even the compiled module.
    fn headers(&self) -> [(&str, &str); 4] {
        [
            ("Content-Type", self.media_type),
            ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
            ("Cache-Control", "no-cache"),
            ("ETag", &self.tag),
        ]
    }
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn addresses_lead_to_files_and_never_out_of_their_folder() {
        let site = Site { folders: vec![("/fixtures/", "b".into()), ("/", "a".into())], first_script: None };
        let found = |url: &str| site.find(url).map(|path| path.display().to_string());
        assert_eq!(found("/"), Some("a/index.html".into()));
        assert_eq!(found("/?view=explore#top"), Some("a/index.html".into()));
        assert_eq!(found("/fixtures/kernels.js?x=/../"), Some("b/kernels.js".into()));
        assert_eq!(found("/inner/"), Some("a/inner/index.html".into()));
        for outside in ["/../Cargo.toml", "/fixtures/../../x", "//etc/passwd", "nothing", ""] {
            assert_eq!(found(outside), None, "{outside}");
        }
    }

    #[test]
    fn a_file_is_sent_once_and_then_known_and_a_page_begins_with_the_script() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.wasm"), b"\0asm").unwrap();
        fs::write(folder.path().join("b.html"), "<html><meta charset=x><meta name=y>").unwrap();
        let listener = listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site { folders: vec![("/", folder.path().to_owned())], first_script: Some("/first.js") };
        thread::spawn(move || answer_all(&listener, site));
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let first = ask("GET /a.wasm HTTP/1.1\r\n\r\n");
        assert!(first.starts_with("HTTP/1.1 200 OK\r\n") && first.ends_with("\r\n\r\n\0asm"), "{first}");
        assert!(first.contains("\r\nContent-Type: application/wasm\r\n"), "{first}");
        let (_, tag) = first.split_once("ETag: ").unwrap();
        let (tag, _) = tag.split_once("\r\n").unwrap();
        let second = ask(&format!("GET /a.wasm HTTP/1.1\r\nIf-None-Match: {tag}\r\n\r\n"));
        assert!(second.starts_with("HTTP/1.1 304 ") && second.ends_with("\r\n\r\n"), "{second}");
        let page = ask("GET /b.html HTTP/1.1\r\n\r\n");
        assert!(page.ends_with("<html><script src=\"/first.js\"></script>\n<meta charset=x><meta name=y>"), "{page}");
        assert!(ask("GET /b HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        assert!(ask("POST /a.wasm HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    }
}
