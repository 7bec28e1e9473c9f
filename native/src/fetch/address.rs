//! URLs that are shown without their secrets.
//!
//! A mirror may ask for a password, or for a token in the query. Logs and pasted errors must not spread them.

use std::fmt;

use anyhow::Result;
use ureq::http::Uri;

use crate::failure::Usage;

/// The URL of a file. It shows itself without user, password and query.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The file `name` in the folder `base`, whose query is kept.
    ///
    /// # Errors
    /// If `base` is not an address of HTTP or HTTPS. The error does not repeat it.
    pub fn of(base: &str, name: &str) -> Result<Self> {
        let base = base.split('#').next().unwrap_or_default();
        let (folder, query) = base.split_once('?').map_or((base, None), |(folder, query)| (folder, Some(query)));
        let mut url = format!("{}/{name}", folder.trim_end_matches('/'));
        if let Some(query) = query {
            url.extend(["?", query]);
        }
        let known = |uri: &Uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
        };
        if url.parse().ok().as_ref().is_some_and(known) {
            return Ok(Self(url));
        }
        Err(Usage::new("--url: expected an address such as https://host/folder, of HTTP or HTTPS").into())
    }

    /// The whole URL, for the request alone.
    pub fn with_secrets(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&without_secrets(&self.0))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A text, such as an error of the HTTP client, whose URLs have no user, password or query.
pub fn without_secrets(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let (word, end) = word.split_at(word.trim_end().len());
        let (path, query) = word.split_once('?').map_or((word, ""), |(path, _)| (path, "?***"));
        format!("{}{query}{end}", without_user(path))
    });
    words.collect()
}

/// `//USER:PASSWORD@HOST` without what is before the host.
fn without_user(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("//") else { return word.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}//***{}", &rest[at..]),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_before_the_query() {
        for (base, expected) in [
            ("https://host", "https://host/a.bin"),
            ("https://host/", "https://host/a.bin"),
            ("http://host:81/b//", "http://host:81/b/a.bin"),
            ("https://u:p@host/b/?token=1#end", "https://u:p@host/b/a.bin?token=1"),
        ] {
            assert_eq!(Address::of(base, "a.bin").unwrap().with_secrets(), expected);
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = |base| Address::of(base, "a.bin").unwrap().to_string();
        assert_eq!(shown("https://user:secret@host/b"), "https://***@host/b/a.bin");
        assert_eq!(shown("https://secret@host:8080"), "https://***@host:8080/a.bin");
        assert_eq!(shown("https://user:sec@ret@host"), "https://***@host/a.bin");
        assert_eq!(shown("https://host/b?token=secret&x=1"), "https://host/b/a.bin?***");
        assert_eq!(shown("https://host/@b"), "https://host/@b/a.bin");
        assert_eq!(format!("{:?}", Address::of("http://user:secret@host", "a").unwrap()), "http://***@host/a");
        assert_eq!(
            without_secrets("bad uri: ftp://user:secret@host/a?token=secret is missing a scheme"),
            "bad uri: ftp://***@host/a?*** is missing a scheme"
        );
    }

    #[test]
    fn a_wrong_address_is_refused_and_not_repeated() {
        for base in ["", "host/b", "ftp://user:secret@host", "file:///etc", "http://", "http://user:sec ret@host"] {
            let error = Address::of(base, "a.bin").unwrap_err();
            assert!(error.downcast_ref::<Usage>().is_some());
            let error = format!("{error:#}");
            assert!(error.contains("--url") && !error.contains("secret") && !error.contains("sec ret"), "{error}");
        }
    }
}
