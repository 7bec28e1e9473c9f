//! The library's modules name only modules below them: exactly those in the table of `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::text;
use crate::program::Program;

const DOCUMENT: &str = "docs/architecture.md";
const HEAD: &str = "| module | may name |";

/// A module of the table, and the modules that it may name.
struct Row {
    module: String,
    allowed: BTreeSet<String>,
}

/// The table, from the top layer down.
fn table() -> Vec<Row> {
    let document = text(DOCUMENT);
    let lines = document.lines().skip_while(|line| *line != HEAD).skip(2).take_while(|line| line.starts_with('|'));
    let rows: Vec<Row> = lines
        .map(|line| {
            let mut names = line.split('`').skip(1).step_by(2).map(str::to_owned);
            Row { module: names.next().unwrap_or_else(|| panic!("no module in {line}")), allowed: names.collect() }
        })
        .collect();
    assert!(!rows.is_empty(), "{DOCUMENT} has no table that starts with {HEAD}");
    rows
}

#[test]
fn the_table_has_every_module_and_names_only_lower_ones() {
    let rows = table();
    let modules: Vec<&str> = rows.iter().map(|row| row.module.as_str()).collect();
    let program = Program::read("src");
    assert_eq!(
        modules.iter().copied().collect::<BTreeSet<_>>(),
        program.top_modules(),
        "modules of {DOCUMENT} and src"
    );
    assert_eq!(modules.len(), program.top_modules().len(), "{DOCUMENT} has a module twice");
    for (index, row) in rows.iter().enumerate() {
        for name in &row.allowed {
            let below = modules[index + 1..].contains(&name.as_str());
            assert!(below, "{DOCUMENT}: {} may name {name}, which is not below it", row.module);
        }
    }
}

#[test]
fn modules_name_exactly_what_the_table_allows() {
    let rows = table();
    let program = Program::read("src");
    let modules = program.top_modules();
    let mut unused: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        unused.insert(&row.module, row.allowed.iter().map(String::as_str).collect());
    }
    let mut failures = BTreeSet::new();
    for (place, module, named) in program.top_mentions() {
        let foreign = named != module && modules.contains(named.as_str());
        if foreign && !rows.iter().any(|row| row.module == module && row.allowed.contains(&named)) {
            failures.insert(format!("src/{place}: {module} may not name {named}"));
        }
        if let Some(names) = unused.get_mut(module) {
            names.remove(named.as_str());
        }
    }
    let idle = unused.iter().flat_map(|(module, names)| names.iter().map(move |name| (module, name)));
    failures.extend(idle.map(|(module, name)| format!("{DOCUMENT}: {module} does not name {name}")));
    assert!(failures.is_empty(), "{}", failures.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn names_are_found_everywhere_in_a_file() {
    let root = ("lib.rs", "mod a; mod b; mod c;");
    let found = |text: &str| {
        let sources = [root, ("b.rs", ""), ("c.rs", ""), ("a/mod.rs", "mod inner;"), ("a/inner.rs", text)];
        let program = Program::of(sources.into_iter().map(|(file, text)| (file, text.to_owned())));
        let named =
            program.top_mentions().into_iter().filter(|(place, module, name)| *place == "a/inner.rs" && name != module);
        named.map(|(_, _, name)| name).collect::<Vec<_>>()
    };
    let imports = "use crate::{\n    b::{One, Two as Other},\n    c,\n};";
    assert_eq!(found(imports), ["b", "b", "c"]);
    let code = "fn f() -> super::super::b::X {\n    crate::c::g::<u8>()\n}";
    assert_eq!(found(code), ["b", "c"]);
    assert_eq!(found("#[error(\"{}\", crate::b::TEXT)]\nstruct X;"), ["b"]);
    assert_eq!(found("fn f() {\n    assert!(vec![crate::c::X].is_empty())\n}"), ["c"]);
    assert_eq!(found("#[cfg(test)]\nmod tests {\n    use super::super::super::b::X;\n}"), ["b"]);
    assert!(found("use super::inner::X;\nuse burn::b::Y;\nfn f() { X.b() }").is_empty());
}
