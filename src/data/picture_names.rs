//! Recognises pictures by their file names.

/// The file name extensions of the formats that are read, in lower case, the usual ones first.
pub(super) const EXTENSIONS: [&str; 17] = [
    "png", "jpg", "jpeg", "bmp", "gif", "webp", "tif", "tiff", "jpe", "jfif", "jfi", "jif", "pjpeg", "pjp", "mpo",
    "apng", "dib",
];

/// Those of common formats that are not read. A file of such a name was meant as a picture too.
const UNREAD: [&str; 6] = ["avif", "avifs", "heic", "heif", "hif", "jxl"];

/// Whether a path ends in one of the extensions, in upper or lower case.
pub(super) fn is_picture(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    let is = |known: &&str| extension.is_some_and(|extension| extension.eq_ignore_ascii_case(known));
    EXTENSIONS.iter().chain(&UNREAD).any(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_counts_in_any_case() {
        for name in ["a.png", "b/a.b.JPE", "a.Jfif", "a.pjp", "a.DIB", "a.tiff", "a.HEIC", "a.jxl"] {
            assert!(is_picture(name), "{name}");
        }
        for name in ["png", "a.png.txt", "jpg/a", "a.pngx", "a."] {
            assert!(!is_picture(name), "{name}");
        }
    }
}
