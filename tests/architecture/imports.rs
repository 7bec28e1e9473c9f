//! Shaders import what they use, once, from files that hold nothing but functions, constants and types.

use std::collections::{BTreeMap, BTreeSet};

use crate::wgsl::{code, declared, mentions, own_texts, shared_texts};

const DIRECTIVE: &str = "#import ";

/// What begins a line of a shared file: a declaration, what is in one, its end, or nothing.
const ALLOWED: [&str; 6] = ["fn ", "const ", "struct ", " ", "}", ")"];

/// The names that a shader imports, and the rest of its text.
fn split(text: &str) -> (Vec<&str>, String) {
    let is_import = |line: &&str| line.starts_with(DIRECTIVE);
    let names = text.lines().take_while(is_import).map(|line| line.trim_start_matches(DIRECTIVE)).collect();
    (names, code(&text.lines().skip_while(is_import).collect::<Vec<_>>().join("\n")))
}

/// What is wrong with the imports of a shader. A file is used if something after it names what it declares: files
/// that need others come after them.
fn faults(shader: &str, text: &str, shared: &BTreeMap<String, String>) -> Vec<String> {
    let (names, own) = split(text);
    let mut faults = Vec::new();
    if own.contains('#') {
        faults.push(format!("{shader}.wgsl: imports are its first lines, and nothing else begins with #"));
    }
    for (place, name) in names.iter().enumerate() {
        let Some(imported) = shared.get(*name) else {
            faults.push(format!("{shader}.wgsl: there is no shared/{name}.wgsl to import"));
            continue;
        };
        if names[..place].contains(name) {
            faults.push(format!("{shader}.wgsl: it imports {name} twice"));
        }
        let later = names[place + 1..].iter().filter_map(|other| shared.get(*other)).map(|text| code(text));
        let users: Vec<String> = later.chain([own.clone()]).collect();
        let is_used = |word: &String| users.iter().any(|user| mentions(user, word));
        if !declared(imported).iter().any(is_used) {
            faults.push(format!("{shader}.wgsl: nothing after the import of {name} uses it"));
        }
    }
    faults
}

#[test]
fn shaders_import_what_they_use_once() {
    let shared = shared_texts();
    let faults: Vec<String> = own_texts().iter().flat_map(|(shader, text)| faults(shader, text, &shared)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn shared_files_have_several_users() {
    let (shared, shaders) = (shared_texts(), own_texts());
    assert!(!shared.is_empty(), "shared files are found");
    let users = |name: &String| shaders.values().filter(|text| split(text).0.contains(&name.as_str())).count();
    let idle: BTreeSet<&String> = shared.keys().filter(|name| users(name) < 2).collect();
    assert!(idle.is_empty(), "fewer than two shaders import {idle:?}");
}

#[test]
fn shared_files_have_only_functions_constants_and_types() {
    for (name, text) in shared_texts() {
        let code = code(&text);
        let is_other = |line: &&str| !line.is_empty() && !ALLOWED.iter().any(|start| line.starts_with(start));
        let others: Vec<&str> = code.lines().filter(is_other).collect();
        assert!(others.is_empty(), "shared/{name}.wgsl has {others:?}");
        assert!(!mentions(&code, "main"), "shared/{name}.wgsl names an entry point");
    }
}

#[test]
fn wrong_imports_are_found() {
    let shared = [("one", "fn one() {}\n"), ("two", "const TWO: u32 = 2u;\nfn two() { one(); }\n")];
    let shared = shared.map(|(name, text)| (name.to_owned(), text.to_owned())).into_iter().collect();
    let found = |text: &str| faults("test", text, &shared).join("\n");
    assert_eq!(found("fn main() {}\n"), "");
    assert_eq!(found("#import one\n#import two\n\nfn main() { two(); }\n"), "");
    assert_eq!(found("#import two\nconst FOUR: u32 = 2u * TWO;\n"), "");
    let unused = "test.wgsl: nothing after the import of one uses it";
    assert_eq!(found("#import one\nfn main() {}\n"), unused);
    assert_eq!(found("#import one\n// Not one().\nfn main() { one_more(); }\n"), unused);
    assert_eq!(found("#import two\n#import one\nfn main() { two(); }\n"), unused);
    assert_eq!(found("#import one\n#import one\nfn main() { one(); }\n"), "test.wgsl: it imports one twice");
    assert_eq!(found("#import three\n"), "test.wgsl: there is no shared/three.wgsl to import");
    assert!(found("\n#import one\nfn main() { one(); }\n").contains("first lines"));
}
