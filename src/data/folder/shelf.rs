//! A part of a folder's pictures: those below one of its folders.

/// The pictures below a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shelf<'a> {
    /// The folder, with a `/` at its end; empty for the outermost.
    pub path: &'a str,
    /// The paths of the pictures, sorted.
    pub pictures: &'a [String],
}

impl<'a> Shelf<'a> {
    /// All pictures.
    pub fn outermost(pictures: &'a [String]) -> Self {
        Self { path: "", pictures }
    }

    /// The folder's own name.
    pub fn name(self) -> &'a str {
        let path = self.path.trim_end_matches('/');
        path.rsplit('/').next().unwrap_or(path)
    }

    /// The folders directly in this one that have pictures below them.
    pub fn folders(self) -> Vec<Self> {
        let start = self.path.len();
        let folder = |path: &'a String| path[start..].find('/').map(|end| &path[..=start + end]);
        let same = |one: &String, other: &String| {
            let name = |path: &str| path[start..].split_once('/').map(|(name, _)| name.to_owned());
            name(one) == name(other)
        };
        let chunks = self.pictures.chunk_by(same);
        chunks.filter_map(|pictures| Some(Self { path: folder(&pictures[0])?, pictures })).collect()
    }

    /// Whether pictures lie directly in this folder.
    pub fn has_own_pictures(self) -> bool {
        self.pictures.iter().any(|path| !path[self.path.len()..].contains('/'))
    }
}
