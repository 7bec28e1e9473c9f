//! The part of HTTP that a browser on the same machine needs: one request and one answer per connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Browsers also open connections that they do not use.
const PATIENCE: Duration = Duration::from_secs(30);

/// The limit for the lines above a request's body.
const LONGEST_HEAD_BYTES: u64 = 64 << 10;

/// A request.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET` or another method.
    pub method: String,
    /// The address within this host.
    pub url: String,
    /// The tag of the version that the browser has.
    pub known_tag: Option<String>,
}

impl Request {
    /// Reads the head of a request.
    ///
    /// # Errors
    /// If the browser goes away, is silent, or sends no request.
    pub fn read(stream: &TcpStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(PATIENCE))?;
        Self::parse(BufReader::new(stream.take(LONGEST_HEAD_BYTES)))
    }

    fn parse(reader: impl BufRead) -> io::Result<Self> {
        let mut lines = reader.lines();
        let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        let mut words = first.split(' ').map(str::to_owned);
        let (Some(method), Some(url)) = (words.next(), words.next()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no request"));
        };
        let mut known_tag = None;
        for line in lines {
            let line = line?;
            if line.is_empty() {
                break;
            }
            if let Some((field, value)) = line.split_once(':')
                && field.eq_ignore_ascii_case("if-none-match")
            {
                known_tag = Some(value.trim().to_owned());
            }
        }
        Ok(Self { method, url, known_tag })
    }
}

/// Writes an answer.
///
/// # Errors
/// If the browser goes away.
pub fn answer(mut stream: &TcpStream, status: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (field, value) in headers {
        head += &format!("{field}: {value}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes())?;
    stream.write_all(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_to_the_end_of_its_head() {
        let sent = b"GET /a?b HTTP/1.1\r\nHost: here\r\nif-none-match: \"7\"\r\n\r\nIf-None-Match: \"8\"\r\n";
        let expected = Request { method: "GET".into(), url: "/a?b".into(), known_tag: Some("\"7\"".into()) };
        assert_eq!(Request::parse(&sent[..]).unwrap(), expected);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for sent in [&b""[..], b"GET\r\n\r\n", b"\xff\xfe\r\n"] {
            assert!(Request::parse(sent).is_err(), "{sent:?}");
        }
    }
}
