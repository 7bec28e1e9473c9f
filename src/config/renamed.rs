//! Keys with several names: those that had other names in older versions, and those that people know by another name.

use std::fmt;

use toml::{Table, Value};

/// Old keys with their present names. Both belong to the same table of a file.
const RENAMED: [(&str, &str); 1] = [("gate.labels", "gate.pseudo_label")];

/// Other names of keys, which are as good as theirs. Shards that one process computes one after the other are known as
/// gradient accumulation.
const SYNONYMS: [(&str, &str); 1] = [("accumulate", "shards")];

/// A key that a file has under its old name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenamedKey {
    /// Its old name.
    pub old: &'static str,
    /// Its present name.
    pub new: &'static str,
}

impl fmt::Display for RenamedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the key `{}` is now called `{}`", self.old, self.new)
    }
}

/// Gives keys their present names, and returns those that had an old one. If a table has both names, the other one
/// stays, and the check for unknown keys reports it.
pub(super) fn rename_keys(table: &mut Table) -> Vec<RenamedKey> {
    for (synonym, key) in SYNONYMS {
        rename(table, synonym, key);
    }
    let renamed = RENAMED.into_iter().filter(|(old, new)| rename(table, old, new));
    renamed.map(|(old, new)| RenamedKey { old, new }).collect()
}

fn rename(table: &mut Table, old: &str, new: &str) -> bool {
    if let (Some((section, old)), Some((_, new))) = (old.split_once('.'), new.split_once('.')) {
        let inner = table.get_mut(section).and_then(Value::as_table_mut);
        return inner.is_some_and(|table| rename(table, old, new));
    }
    if table.contains_key(new) {
        return false;
    }
    let value = table.remove(old);
    let is_there = value.is_some();
    table.extend(value.map(|value| (new.to_owned(), value)));
    is_there
}
