//! The files of a crate, and the file that each path leads to.

use std::collections::{BTreeMap, BTreeSet};

use crate::files::{files, text};
use crate::names::{self, Mention};

/// A path from the root of a crate.
type Names = Vec<String>;

/// The maximum number of re-exports on the way to an item.
const MOST_REEXPORTS: usize = 16;

/// A crate.
pub struct Program {
    /// The file of each module.
    files: BTreeMap<Names, String>,
    /// What an imported name stands for, by module and name.
    imports: BTreeMap<Names, Names>,
    /// The paths that each file names.
    mentions: Vec<(String, Mention)>,
}

impl Program {
    /// The crate whose sources are in a folder.
    pub fn read(folder: &str) -> Self {
        let paths = files(folder, ".rs");
        assert!(!paths.is_empty(), "{folder} has no sources");
        Self::of(paths.iter().map(|path| (&path[folder.len() + 1..], text(path))))
    }

    /// The crate with these files: names relative to its folder, and texts.
    pub fn of<'a>(sources: impl Iterator<Item = (&'a str, String)>) -> Self {
        let mut program = Self { files: BTreeMap::new(), imports: BTreeMap::new(), mentions: Vec::new() };
        let mut test_modules = Vec::new();
        for (file, text) in sources {
            let module = module_of(file);
            let names = names::read(&text, &module).unwrap_or_else(|error| panic!("{file}: {error}"));
            program.mentions.extend(names.mentions.into_iter().map(|mention| (file.to_owned(), mention)));
            program.files.insert(module, file.to_owned());
            test_modules.extend(names.test_modules);
        }
        for (_, mention) in &mut program.mentions {
            mention.test |= test_modules.iter().any(|module| mention.module.starts_with(module));
        }
        program.imports = program.imports();
        program
    }

    /// The modules below the root.
    pub fn top_modules(&self) -> BTreeSet<&str> {
        self.files.keys().filter_map(|module| module.first()).map(String::as_str).collect()
    }

    /// Each path that leads into the crate: the file and the top module that name it, and the top module that it names.
    pub fn top_mentions(&self) -> Vec<(String, &str, String)> {
        let mut found = Vec::new();
        for (file, mention) in &self.mentions {
            let (Some(module), Some(path)) = (mention.module.first(), self.absolute(mention)) else { continue };
            if let Some(named) = path.into_iter().next() {
                found.push((file.clone(), module.as_str(), named));
            }
        }
        found
    }

    /// Which files name what other files define. Tests do not count.
    pub fn edges(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (file, mention) in self.mentions.iter().filter(|(_, mention)| !mention.test) {
            let Some(path) = self.absolute(mention) else { continue };
            // A module that only re-exports what its children define does not depend on them.
            let offers = mention.import.as_ref().is_some_and(|import| import.public);
            if offers && path.starts_with(&mention.module) {
                continue;
            }
            if let Some(home) = self.home(path).filter(|home| home != file) {
                edges.entry(file.clone()).or_default().insert(home);
            }
        }
        edges
    }

    fn imports(&self) -> BTreeMap<Names, Names> {
        let named = self.mentions.iter().filter(|(_, mention)| !mention.test);
        let imports = named.filter_map(|(_, mention)| {
            let name = mention.import.as_ref()?.name.clone();
            Some((joined(&mention.module, &[name]), self.absolute(mention)?))
        });
        imports.collect()
    }

    /// The path from the root of the crate; none if it leads to another crate, or is a name that the file defines.
    fn absolute(&self, mention: &Mention) -> Option<Names> {
        let (module, path) = (mention.module.as_slice(), mention.path.as_slice());
        let supers = path.iter().take_while(|name| *name == "super").count();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some(joined(module, &path[1..])),
            "super" => Some(joined(&module[..module.len().checked_sub(supers)?], &path[supers..])),
            _ => {
                let name = joined(module, &path[..1]);
                let child = self.files.contains_key(&name).then_some(&name);
                Some(joined(self.imports.get(&name).or(child)?, &path[1..]))
            }
        }
    }

    /// The file that defines what a path leads to, through re-exports; none if it leads to a module.
    fn home(&self, mut path: Names) -> Option<String> {
        for _ in 0..MOST_REEXPORTS {
            let length = (0..=path.len()).rev().find(|&length| self.files.contains_key(&path[..length]))?;
            if length == path.len() {
                return None;
            }
            let Some(target) = self.imports.get(&path[..=length]) else {
                return self.files.get(&path[..length]).cloned();
            };
            path = joined(target, &path[length + 1..]);
        }
        panic!("{} is re-exported in a circle", path.join("::"))
    }
}

/// The module of a file, from its name relative to the folder of the crate.
fn module_of(file: &str) -> Names {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut module: Names = stem.split('/').map(str::to_owned).collect();
    module.pop_if(|last| matches!(last.as_str(), "mod" | "lib" | "main"));
    module
}

fn joined(start: &[String], rest: &[String]) -> Names {
    [start, rest].concat()
}
