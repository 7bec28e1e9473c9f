//! What can be wrong with a picture.

use super::sniff::Kind;

/// Why a file gives no picture. Its `Display` is a whole sentence about the file, without the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    /// The file ends before its picture does.
    #[error("it is cut short: the file ends before the picture does, as after a download that broke off")]
    CutShort,
    /// A picture of a known format that is not read.
    #[error("it is {0}, which cannot be read; convert it to PNG or JPEG")]
    Format(&'static str),
    /// Its format is read, but not this kind of it.
    #[error("it cannot be read: {0}; convert it to PNG or JPEG")]
    Unsupported(String),
    /// A pointer of Git LFS stands in its place.
    #[error("it is a Git LFS pointer, not the file itself, which `git lfs pull` fetches")]
    LfsPointer,
    /// A pointer of git-annex stands in its place.
    #[error("it is a git-annex pointer, not the file itself, which `git annex get` fetches")]
    AnnexPointer,
    /// A link to a file that does not exist. Only sources can find this one.
    #[error("it is a link to nothing: there is no {target}")]
    DeadLink {
        /// Where the link leads.
        target: String,
    },
    /// Decoding takes more memory than is allowed.
    #[error(
        "it is too large: {width} x {height} pixels take at least {} MiB of memory, and at most {} MiB are allowed",
        .memory.div_ceil(1 << 20),
        .limit >> 20
    )]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes that it would take, at least.
        memory: u64,
        /// Bytes that are allowed.
        limit: u64,
    },
    /// The file alone takes more memory than is allowed. Sources find this one before they read.
    #[error(
        "it is too large: the file has {} MiB, and one picture may take at most {} MiB of memory",
        .bytes.div_ceil(1 << 20),
        .limit >> 20
    )]
    LargeFile {
        /// Bytes of the file.
        bytes: u64,
        /// Bytes that are allowed.
        limit: u64,
    },
    /// The content is no picture.
    #[error("it is {0}, not a picture")]
    NotAPicture(Kind),
    /// The content does not follow its format.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

impl PictureFault {
    /// What is wrong with a file of a kind; nothing if it is a picture that is read.
    pub fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Picture(_) => None,
            Kind::Unread(name) => Some(Self::Format(name)),
            Kind::LfsPointer => Some(Self::LfsPointer),
            Kind::AnnexPointer => Some(Self::AnnexPointer),
            Kind::Empty | Kind::Other(_) | Kind::Unknown => Some(Self::NotAPicture(kind)),
        }
    }

    /// A short phrase to count pictures by: `2 cut short, 1 Git LFS pointers`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::CutShort => "cut short",
            Self::Format(_) | Self::Unsupported(_) => "of a format that cannot be read",
            Self::LfsPointer => "Git LFS pointers",
            Self::AnnexPointer => "git-annex pointers",
            Self::DeadLink { .. } => "links to nothing",
            Self::TooLarge { .. } | Self::LargeFile { .. } => "too large",
            Self::NotAPicture(_) => "not pictures",
            Self::Damaged(_) => "damaged",
        }
    }
}
