//! No two files depend on each other, directly or through others. Unit tests may use what they test.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::program::Program;

/// The folders of all crates of the workspace.
const CRATES: [&str; 5] = ["src", "native/src", "web/src", "web/tool/src", "benches/stock/src"];

/// The files that each file depends on.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_files_depend_on_each_other() {
    let mut found = Vec::new();
    for folder in CRATES {
        let graph = Program::read(folder).edges();
        assert!(!graph.is_empty(), "{folder}: no file names another");
        found.extend(circles(&graph).iter().map(|circle| format!("{folder}: {circle}")));
    }
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n"));
}

/// For each edge in a circle, a shortest circle: `a.rs -> b.rs -> a.rs`.
fn circles(graph: &Graph) -> BTreeSet<String> {
    let edges = graph.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to)));
    edges.filter_map(|(from, to)| shortest_way(graph, to, from)).map(closed).collect()
}

/// The files on a shortest path along edges, both ends included.
fn shortest_way(graph: &Graph, from: &str, to: &str) -> Option<Vec<String>> {
    let mut seen = BTreeSet::from([from.to_owned()]);
    let mut ways = VecDeque::from([vec![from.to_owned()]]);
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        if last == to {
            return Some(way);
        }
        for next in graph.get(last).into_iter().flatten() {
            if seen.insert(next.clone()) {
                ways.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

/// A circle as text, from its alphabetically first file.
fn closed(mut circle: Vec<String>) -> String {
    let first = (0..circle.len()).min_by_key(|&index| circle[index].clone()).unwrap_or(0);
    circle.rotate_left(first);
    format!("{} -> {}", circle.join(" -> "), circle[0])
}

/// The circles of a crate, given the names and texts of its files.
fn circles_of(sources: &[(&str, &str)]) -> Vec<String> {
    let program = Program::of(sources.iter().map(|&(file, text)| (file, text.to_owned())));
    circles(&program.edges()).into_iter().collect()
}

#[test]
fn circles_through_other_files_are_found() {
    let b = ("b.rs", "fn of_b() { crate::c::of_c() }");
    let c = ("c.rs", "pub fn of_c() { println!(\"{}\", super::a::of_a()) }");
    let root = ("lib.rs", "mod a; mod b; mod c;");
    assert_eq!(circles_of(&[root, ("a.rs", "use super::b::of_b;"), b, c]), ["a.rs -> b.rs -> c.rs -> a.rs"]);
    assert!(circles_of(&[root, ("a.rs", "pub fn of_a() {}"), b, c]).is_empty());
}

#[test]
fn a_parent_depends_on_its_children_only_if_it_uses_what_it_reexports() {
    let child = ("a/child.rs", "use super::Size; pub struct Child(Size);");
    let offers = "mod child; pub use child::Child; pub struct Size;";
    let uses = "mod child; pub use child::Child; pub struct Size; pub fn of(child: &Child) {}";
    let calls = "mod child; pub struct Size; pub fn call() { child::run() }";
    assert!(circles_of(&[("lib.rs", "mod a;"), ("a/mod.rs", offers), child]).is_empty());
    for text in [uses, calls] {
        let found = circles_of(&[("lib.rs", "mod a;"), ("a/mod.rs", text), child]);
        assert_eq!(found, ["a/child.rs -> a/mod.rs -> a/child.rs"]);
    }
}

#[test]
fn a_reexport_leads_to_the_file_that_defines() {
    let parent = ("a/mod.rs", "mod one; mod two; pub use one::One;");
    let (one, two) = (("a/one.rs", "use super::two::Two;"), ("a/two.rs", "use super::{One as Other};"));
    let root = ("lib.rs", "mod a;");
    assert_eq!(circles_of(&[root, parent, one, two]), ["a/one.rs -> a/two.rs -> a/one.rs"]);
    assert!(circles_of(&[root, parent, ("a/one.rs", "pub struct One;"), two]).is_empty());
}

#[test]
fn tests_may_use_what_they_test() {
    let root = ("lib.rs", "mod a;");
    let inline = ("a/mod.rs", "mod child; pub fn of_a() {} #[cfg(test)] mod tests { use super::child::of_child; }");
    let child = ("a/child.rs", "pub fn of_child() { super::of_a() }");
    assert!(circles_of(&[root, inline, child]).is_empty());
    let declared = ("a/mod.rs", "#[cfg(test)] mod tests; pub fn of_a() {} #[cfg(test)] use tests::of_tests;");
    assert!(circles_of(&[root, declared, ("a/tests.rs", "use super::*; fn of_tests() { of_a() }")]).is_empty());
}
