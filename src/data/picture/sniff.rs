//! What a file contains, by its first bytes.

use std::fmt;

/// A picture format that [`decode`](super::decode) reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// PNG, also animated.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF, also BigTIFF.
    Tiff,
    /// WebP.
    WebP,
}

/// What a file contains. Its `Display` is a noun with an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A picture that is read.
    Picture(Format),
    /// A picture of a known format that is not read, such as `an AVIF picture`.
    Unread(&'static str),
    /// A pointer of Git LFS, which stands in the place of a file.
    LfsPointer,
    /// A pointer of git-annex, which stands in the place of a file.
    AnnexPointer,
    /// No bytes at all.
    Empty,
    /// Something else that is known, such as `a zip archive`.
    Other(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// Text that a file starts with, in any case, after white space and a byte order mark.
const TEXTS: [(&str, Kind); 8] = [
    ("version https://git-lfs.github.com/spec/", Kind::LfsPointer),
    ("version https://hawser.github.com/spec/", Kind::LfsPointer),
    ("<!doctype html", Kind::Other("an HTML page")),
    ("<html", Kind::Other("an HTML page")),
    ("<svg", Kind::Unread("an SVG drawing")),
    ("<!doctype svg", Kind::Unread("an SVG drawing")),
    ("<?xml", Kind::Other("an XML document")),
    ("%pdf-", Kind::Other("a PDF document")),
];

/// Bytes that a file starts with.
const MAGICS: [(&[u8], Kind); 35] = [
    (b"\x89PNG\r\n\x1a\n", Kind::Picture(Format::Png)),
    (b"\x89PNG", Kind::Picture(Format::Png)),
    (b"\xff\xd8\xff", Kind::Picture(Format::Jpeg)),
    (b"GIF87a", Kind::Picture(Format::Gif)),
    (b"GIF89a", Kind::Picture(Format::Gif)),
    (b"II*\0", Kind::Picture(Format::Tiff)),
    (b"MM\0*", Kind::Picture(Format::Tiff)),
    (b"II+\0", Kind::Picture(Format::Tiff)),
    (b"MM\0+", Kind::Picture(Format::Tiff)),
    (b"II\xbc\x01", Kind::Unread("a JPEG XR picture")),
    (b"IIRO", Kind::Unread("an Olympus raw picture")),
    (b"IIRS", Kind::Unread("an Olympus raw picture")),
    (b"MMOR", Kind::Unread("an Olympus raw picture")),
    (b"IIU\0", Kind::Unread("a Panasonic raw picture")),
    (b"FUJIFILMCCD-RAW", Kind::Unread("a Fujifilm raw picture")),
    (b"\xff\x0a", Kind::Unread("a JPEG XL picture")),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Kind::Unread("a JPEG XL picture")),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Kind::Unread("a JPEG 2000 picture")),
    (b"\xff\x4f\xff\x51", Kind::Unread("a JPEG 2000 picture")),
    (b"8BPS", Kind::Unread("a Photoshop picture")),
    (b"gimp xcf", Kind::Unread("a GIMP picture")),
    (b"\x76\x2f\x31\x01", Kind::Unread("an OpenEXR picture")),
    (b"#?RADIANCE", Kind::Unread("a Radiance HDR picture")),
    (b"qoif", Kind::Unread("a QOI picture")),
    (b"farbfeld", Kind::Unread("a farbfeld picture")),
    (b"DDS ", Kind::Unread("a DirectDraw surface")),
    (b"\0\0\x01\0", Kind::Unread("a Windows icon")),
    (b"icns", Kind::Unread("an Apple icon")),
    (b"SIMPLE  =", Kind::Unread("a FITS picture")),
    (b"MATLAB 7.3", Kind::Other("a MATLAB 7.3 file, which is HDF5")),
    (b"MATLAB 5.0", Kind::Other("a MATLAB 5 file")),
    (b"\x89HDF", Kind::Other("an HDF5 file")),
    (b"\x1f\x8b", Kind::Other("gzip data")),
    (b"PK\x03\x04", Kind::Other("a zip archive")),
    (b"PK\x05\x06", Kind::Other("a zip archive")),
];

/// What a file contains, by its first bytes: give 64 of them, or all if there are fewer. Its name has no say.
pub fn sniff(head: &[u8]) -> Kind {
    if head.is_empty() {
        return Kind::Empty;
    }
    let by_magic = || MAGICS.iter().find(|(magic, _)| is_start(head, magic)).map(|&(_, kind)| kind);
    let known = text(head).or_else(|| inner(head)).or_else(by_magic);
    known.or_else(|| brand(head)).or_else(|| bitmap(head)).unwrap_or(Kind::Unknown)
}

/// Whether a file starts with `magic`, or ends within it, if it has bytes that no text has.
fn is_start(head: &[u8], magic: &[u8]) -> bool {
    head.starts_with(magic) || (head.len() >= 2 && !head.is_ascii() && magic.starts_with(head))
}

/// A kind that is named after a general start.
fn inner(head: &[u8]) -> Option<Kind> {
    let is_at = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    match head {
        [b'R', b'I', b'F', b'F', ..] if is_at(8, b"WEBP") => Some(Kind::Picture(Format::WebP)),
        [b'I', b'I', b'*', 0, ..] if is_at(8, b"CR\x02") => Some(Kind::Unread("a Canon raw picture")),
        _ if is_at(128, b"DICM") => Some(Kind::Unread("a DICOM picture")),
        _ => None,
    }
}

fn text(head: &[u8]) -> Option<Kind> {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let is_start =
        |text: &str| start.get(..text.len()).is_some_and(|found| found.eq_ignore_ascii_case(text.as_bytes()));
    match TEXTS.iter().find(|(text, _)| is_start(text)) {
        Some((_, Kind::Other(_))) if is_start("<?xml") && contains(start, b"<svg") => {
            Some(Kind::Unread("an SVG drawing"))
        }
        Some(&(_, kind)) => Some(kind),
        // A link to a key is a text file where the file system has no links.
        None => {
            let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let is_pointer = line.starts_with(b"/annex/objects/") || contains(line, b".git/annex/objects/");
            is_pointer.then_some(Kind::AnnexPointer)
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The kind of a file in boxes, as MP4 has them: its brand, and then the brands that it is compatible with.
fn brand(head: &[u8]) -> Option<Kind> {
    let kind = |brand: &[u8]| match brand {
        b"avif" | b"avis" => Some("an AVIF picture"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => Some("a HEIC picture"),
        b"crx " => Some("a Canon raw picture"),
        _ => None,
    };
    let brands = head.get(8..).filter(|_| head[4..].starts_with(b"ftyp"))?;
    let length = u32::from_be_bytes(*head.first_chunk()?) as usize;
    let brands = || brands[..length.saturating_sub(8).min(brands.len())].chunks_exact(4);
    let is_heif = || brands().any(|brand| matches!(brand, b"mif1" | b"mif2" | b"msf1" | b"miaf"));
    let known = brands().find_map(kind).or_else(|| is_heif().then_some("a HEIF picture"));
    Some(known.map_or(Kind::Other("a video"), Kind::Unread))
}

/// A Windows bitmap. Text may start with its two letters too, so its header must have a known size.
fn bitmap(head: &[u8]) -> Option<Kind> {
    let rest = head.strip_prefix(b"BM")?;
    let is_header = match rest.get(12..16) {
        Some(size) => matches!(size, [12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]),
        None => rest.contains(&0),
    };
    is_header.then_some(Kind::Picture(Format::Bmp))
}

impl fmt::Display for Format {
    /// `PNG`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::WebP => "WebP",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Picture(format) => write!(formatter, "a {format} picture"),
            Self::Unread(name) | Self::Other(name) => formatter.write_str(name),
            Self::LfsPointer => formatter.write_str("a Git LFS pointer"),
            Self::AnnexPointer => formatter.write_str("a git-annex pointer"),
            Self::Empty => formatter.write_str("an empty file"),
            Self::Unknown => formatter.write_str("a file of an unknown kind"),
        }
    }
}
