//! Which files are pictures, by their names.

/// The file name extensions of the formats that can be decoded, in lower case.
pub(super) const EXTENSIONS: [&str; 8] = ["png", "jpg", "jpeg", "bmp", "gif", "webp", "tif", "tiff"];

/// Whether a path ends in one of the extensions, in capitals or not.
pub(super) fn is_picture(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}
