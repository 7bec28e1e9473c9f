//! What systems and tools leave behind among someone's pictures: no class and no picture.

/// Names in lower case, and who leaves such a file or folder.
const NAMES: [(&str, &str); 31] = [
    ("thumbs.db", WINDOWS),
    ("thumbs.db:encryptable", WINDOWS),
    ("ehthumbs.db", WINDOWS),
    ("ehthumbs_vista.db", WINDOWS),
    ("desktop.ini", WINDOWS),
    ("$recycle.bin", WINDOWS),
    ("recycler", WINDOWS),
    ("system volume information", WINDOWS),
    ("__macosx", MACOS),
    // The icon of a folder: its name ends in a carriage return.
    (r"icon\r", MACOS),
    ("network trash folder", MACOS),
    ("temporary items", MACOS),
    ("thevolumesettingsfolder", MACOS),
    ("lost+found", LINUX),
    // Synology.
    ("@eadir", NAS),
    ("#recycle", NAS),
    ("#snapshot", NAS),
    ("@tmp", NAS),
    ("@sharebin", NAS),
    // QNAP; its `.@__thumb` is hidden.
    ("@recycle", NAS),
    ("@recently-snapshot", NAS),
    ("@transcode", NAS),
    // NetApp and ZFS servers.
    ("~snapshot", NAS),
    ("picasa.ini", VIEWER),
    ("zbthumbnail.info", VIEWER),
    ("pspbrwse.jbf", VIEWER),
    ("albumthumbs", VIEWER),
    ("__pycache__", DEVELOPMENT),
    ("node_modules", DEVELOPMENT),
    ("cvs", DEVELOPMENT),
    ("rcs", DEVELOPMENT),
];

/// Endings in lower case of names that stand for half a file or an old one.
const ENDINGS: [(&str, &str); 11] = [
    ("~", BACKUP),
    (".bak", BACKUP),
    (".swp", BACKUP),
    (".tmp", PARTIAL),
    (".temp", PARTIAL),
    (".part", PARTIAL),
    (".partial", PARTIAL),
    (".filepart", PARTIAL),
    (".crdownload", PARTIAL),
    (".opdownload", PARTIAL),
    (".download", PARTIAL),
];

const HIDDEN: &str = "hidden";
const WINDOWS: &str = "left by Windows";
const MACOS: &str = "left by macOS";
const LINUX: &str = "left by a Linux file system";
const NAS: &str = "left by a file server";
const VIEWER: &str = "left by a picture viewer";
const DEVELOPMENT: &str = "left by a development tool";
const BACKUP: &str = "kept as a backup";
const PARTIAL: &str = "only partly written";

/// Why a file or folder of this name is neither a class nor a picture; nothing if it may be one.
///
/// `name` is a single part of a path, as [`shown`](super::names::shown) writes it. What is in such a folder needs no look.
pub fn leftover(name: &str) -> Option<&'static str> {
    if name.starts_with('.') {
        return Some(HIDDEN);
    }
    let name = name.to_lowercase();
    let by_name = || NAMES.iter().find(|(known, _)| *known == name).map(|(_, who)| *who);
    let by_ending = || ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, why)| *why);
    // `~$report.docx` is a lock of an office program, and `#notes.txt#` is what Emacs has not saved yet.
    let is_lock = name.starts_with("~$") || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'));
    by_name().or_else(by_ending).or_else(|| is_lock.then_some(BACKUP))
}

/// The first part of a path that is left over: the path up to there, and why.
pub(super) fn leftover_part(path: &str) -> Option<(&str, &'static str)> {
    let mut start = 0;
    path.split('/').find_map(|part| {
        let end = start + part.len();
        start = end + 1;
        leftover(part).map(|why| (&path[..end], why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_known_in_any_case() {
        for name in [
            ".git",
            "._1.png",
            ".DS_Store",
            ".ipynb_checkpoints",
            ".@__thumb",
            "Thumbs.db",
            "Desktop.ini",
            "$RECYCLE.BIN",
            "System Volume Information",
            "__MACOSX",
            "@eaDir",
            "#recycle",
            "lost+found",
            "__pycache__",
            "Picasa.ini",
            "1.png~",
            "1.png.bak",
            "#1.png#",
            "1.jpg.crdownload",
            "1.jpg.PART",
            "~$names.xlsx",
            r"Icon\r",
        ] {
            assert!(leftover(name).is_some(), "{name}");
        }
    }

    #[test]
    fn pictures_and_classes_are_none() {
        for name in
            ["1.png", "cat", "#1", "#", "@home", "~cat", "part", "tmp", "download.png", "Thumbs", "icon", "1.png.jpg"]
        {
            assert_eq!(leftover(name), None, "{name}");
        }
    }

    #[test]
    fn the_outermost_part_is_reported() {
        assert_eq!(leftover_part("a/@eaDir/.x/1.png"), Some(("a/@eaDir", NAS)));
        assert_eq!(leftover_part("a/b/.x"), Some(("a/b/.x", HIDDEN)));
        assert_eq!(leftover_part(".x"), Some((".x", HIDDEN)));
        assert_eq!(leftover_part("a/b/x"), None);
    }
}
