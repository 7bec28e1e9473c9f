//! The tree in `docs/architecture.md` has every folder of the sources, and no others.

use std::collections::BTreeSet;

use crate::files::{folders, text};

const ROOTS: [&str; 6] = ["benches", "native", "shaders", "src", "tests", "web"];

/// Folders that tools create among the sources and git ignores.
const IGNORED: [&str; 4] = ["__pycache__", "dist", "node_modules", "target"];

/// The folders of the tree: first words that end with a slash. The nearest less indented folder above is the parent.
fn documented() -> BTreeSet<String> {
    let document = text("docs/architecture.md");
    let tree = document.split_once("## The tree").map_or("", |(_, rest)| rest);
    let mut found = BTreeSet::new();
    let mut above: Vec<(usize, String)> = Vec::new();
    for line in tree.lines() {
        let indent = line.len() - line.trim_start().len();
        let Some(name) = line.split_whitespace().next().and_then(|word| word.strip_suffix('/')) else { continue };
        above.retain(|(other, _)| *other < indent);
        let path = above.last().map_or_else(|| name.to_owned(), |(_, folder)| format!("{folder}/{name}"));
        found.insert(path.clone());
        above.push((indent, path));
    }
    found
}

#[test]
fn the_tree_has_every_folder_and_no_others() {
    let there: BTreeSet<String> = ROOTS.into_iter().flat_map(|root| folders(root, &IGNORED)).collect();
    let in_roots = |path: &String| ROOTS.iter().any(|root| path.split('/').next() == Some(*root));
    let documented: BTreeSet<String> = documented().into_iter().filter(in_roots).collect();
    let missing: Vec<&String> = there.difference(&documented).collect();
    let gone: Vec<&String> = documented.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the tree: {missing:?}; only in the tree: {gone:?}");
}
