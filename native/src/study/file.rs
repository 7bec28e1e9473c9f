//! The file of a study: what all runs have in common, the settings, and the seeds.

use std::fs;
use std::path::Path;
use std::slice;

use anyhow::{Result, bail};
use slgan::config::{Config, Layer, parse_file, parse_setting};
use toml::{Table, Value};

use crate::dataset;
use crate::failure::{Usage, usage};

/// The keys of a study.
const KEYS: [&str; 4] = ["about", "common", "seeds", "setting"];

/// A study. The first setting is the control, with which the others are compared.
pub struct Study {
    /// The name of its file, without `.toml`.
    pub name: String,
    /// What it asks, for people; empty if the file does not say.
    pub about: String,
    /// The seeds of each setting; at least one, all different.
    pub seeds: Vec<u64>,
    /// The settings; at least one.
    pub settings: Vec<Setting>,
}

/// A setting of a study.
pub struct Setting {
    /// Its name, which is a part of the names of its run folders.
    pub name: String,
    /// The common keys, those that replace them, then its own.
    pub layers: Vec<Layer>,
    /// Its configuration, with the first seed.
    pub config: Config,
}

impl Study {
    /// Reads and checks a study, with settings `KEY=VALUE` over the common keys.
    ///
    /// # Errors
    /// If the file cannot be read, or something in it is wrong. The error names file and field.
    pub fn read(path: &Path, set: &[String]) -> Result<Self> {
        let origin = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| usage(format!("{origin}: {error}")))?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Self::parse(name, &origin, &text, set)
    }

    /// Checks the text of a study; `origin` is its file.
    fn parse(name: String, origin: &str, text: &str, set: &[String]) -> Result<Self> {
        let mut table = parse_file(origin, text).map_err(usage)?.table;
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            bail!(Usage::new(format!("{origin}: unknown key `{key}`; expected one of {}", KEYS.join(", "))));
        }
        let about = match table.remove("about") {
            None => String::new(),
            Some(Value::String(text)) => text,
            Some(other) => bail!(wrong(origin, "about", "text", &other)),
        };
        let common = match table.remove("common") {
            None => Table::new(),
            Some(Value::Table(common)) => common,
            Some(other) => bail!(wrong(origin, "common", "a table", &other)),
        };
        let seeds = seeds(origin, table.get("seeds"))?;
        let mut common = vec![Layer { origin: format!("{origin}, [common]"), table: common }];
        for setting in set {
            common.push(parse_setting(setting).map_err(usage)?);
        }
        let settings = settings(origin, &common, table.remove("setting"))?;
        Ok(Self { name, about, seeds, settings })
    }
}

fn wrong(origin: &str, key: &str, expected: &str, found: &Value) -> Usage {
    Usage::new(format!("{origin}: {key}: expected {expected}, found {found}"))
}

fn seeds(origin: &str, found: Option<&Value>) -> Result<Vec<u64>> {
    let expected = "a list of different whole numbers of at least 0, such as [0, 1, 2]";
    let Some(found) = found else { bail!(Usage::new(format!("{origin}: seeds: expected {expected}, found none"))) };
    let seed = |value: &Value| value.as_integer().and_then(|seed| u64::try_from(seed).ok());
    let seeds: Option<Vec<u64>> = found.as_array().and_then(|list| list.iter().map(seed).collect());
    let are_different = |seeds: &Vec<u64>| (1..seeds.len()).all(|end| !seeds[..end].contains(&seeds[end]));
    match seeds.filter(|seeds| !seeds.is_empty() && are_different(seeds)) {
        Some(seeds) => Ok(seeds),
        None => bail!(wrong(origin, "seeds", expected, found)),
    }
}

fn settings(origin: &str, common: &[Layer], found: Option<Value>) -> Result<Vec<Setting>> {
    let tables: Option<Vec<Table>> = found.and_then(|found| found.try_into().ok());
    let Some(tables) = tables.filter(|tables| !tables.is_empty()) else {
        bail!(Usage::new(format!("{origin}: setting: expected at least one table [[setting]] with a name")));
    };
    let mut settings: Vec<Setting> = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let setting = Setting::new(origin, index, common, table)?;
        // Their folders would be one where the case of letters does not count.
        if settings.iter().any(|other| other.name.eq_ignore_ascii_case(&setting.name)) {
            bail!(Usage::new(format!("{origin}: setting {}: name: `{}` is taken", index + 1, setting.name)));
        }
        if let Some(other) = settings.iter().find(|other| trains_alike(&other.config, &setting.config)) {
            bail!(Usage::new(format!(
                "{origin}: the runs of setting `{}` would be those of `{}`; expected another value of a key outside \
                 `report`",
                setting.name, other.name
            )));
        }
        settings.push(setting);
    }
    Ok(settings)
}

fn trains_alike(one: &Config, other: &Config) -> bool {
    *one == Config { report: one.report.clone(), ..other.clone() }
}

impl Setting {
    fn new(origin: &str, index: usize, common: &[Layer], mut table: Table) -> Result<Self> {
        let is_name = |name: &str| {
            let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
            name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.chars().all(is_letter)
        };
        let name = match table.remove("name") {
            Some(Value::String(name)) if is_name(&name) => name,
            found => {
                let found = found.map_or_else(|| "none".to_owned(), |value| value.to_string());
                let expected = "letters, digits and -_.+, a letter or digit first";
                bail!(Usage::new(format!("{origin}: setting {}: name: expected {expected}, found {found}", index + 1)));
            }
        };
        let own = Layer { origin: format!("{origin}, setting `{name}`"), table };
        let layers = [common, slice::from_ref(&own)].concat();
        if let Some(layer) = layers.iter().find(|layer| layer.table.contains_key("seed")) {
            bail!(Usage::new(format!("{}: seed: expected the list `seeds`, which all settings share", layer.origin)));
        }
        let config = Config::from_layers(&layers).map_err(usage)?;
        dataset::parse(&config.data).map_err(|error| usage(format!("{}: {error}", own.origin)))?;
        Ok(Self { name, layers, config })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "seeds = [0, 1]\n[common]\nsteps = 20\n[[setting]]\nname = 'a'\n[[setting]]\nname = 'b'\n\
                        gate.tau = 0.7\n";

    fn error(text: &str) -> String {
        let error = Study::parse("s".into(), "s.toml", text, &[]).err().unwrap_or_else(|| panic!("{text} is refused"));
        assert!(error.is::<Usage>(), "{error:#}");
        format!("{error:#}")
    }

    #[test]
    fn settings_are_laid_over_what_is_common() {
        let study = Study::parse("s".into(), "s.toml", GOOD, &[]).unwrap();
        let found: Vec<_> =
            study.settings.iter().map(|one| (one.name.as_str(), one.config.steps, one.config.gate.tau)).collect();
        assert_eq!((study.seeds, found), (vec![0, 1], vec![("a", 20, 0.9), ("b", 20, 0.7)]));
    }

    #[test]
    fn what_is_set_lies_between_common_keys_and_a_settings_own() {
        let set = |set: &[&str]| {
            let set: Vec<String> = set.iter().map(|set| (*set).to_owned()).collect();
            Study::parse("s".into(), "s.toml", GOOD, &set).map_err(|error| format!("{error:#}"))
        };
        let study = set(&["steps=30", "gate.tau=0.8"]).ok().unwrap();
        let found: Vec<_> = study.settings.iter().map(|one| (one.config.steps, one.config.gate.tau)).collect();
        assert_eq!(found, [(30, 0.8), (30, 0.7)]);
        for (setting, part) in [("steps", "--set: expected KEY=VALUE"), ("setps=3", "`steps`"), ("seed=3", "`seeds`")] {
            let error = set(&[setting]).err().unwrap();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn errors_name_file_and_field() {
        for (before, after, parts) in [
            ("[common]", "[comon]", ["s.toml: unknown key `comon`", "about, common, seeds, setting"]),
            ("steps = 20", "setps = 20", ["s.toml, [common]: unknown key `setps`", "`steps`"]),
            ("steps = 20", "steps = 'x'", ["s.toml, [common]: steps: expected a whole number", "\"x\""]),
            ("steps = 20", "seed = 3", ["s.toml, [common]: seed: ", "`seeds`"]),
            ("gate.tau = 0.7", "gate.tau = 7", ["s.toml, setting `b`: gate.tau: expected a number", "7"]),
            ("gate.tau = 0.7", "data = 'cifra10'", ["s.toml, setting `b`: data: ", "cifra10"]),
            ("gate.tau = 0.7", "steps = 20", ["the runs of setting `b` would be those of `a`", "another value"]),
            ("gate.tau = 0.7", "report.keep = 7", ["the runs of setting `b` would be those of `a`", "`report`"]),
            ("name = 'b'", "name = 'A'", ["setting 2: name: ", "`A` is taken"]),
            ("name = 'b'", "name = '../b'", ["setting 2: name: expected letters", "../b"]),
            ("name = 'b'\n", "", ["setting 2: name: expected letters", "found none"]),
            ("seeds = [0, 1]", "", ["s.toml: seeds: expected a list", "found none"]),
            ("seeds = [0, 1]", "seeds = [1, 1]", ["seeds: expected a list of different", "[1, 1]"]),
            ("seeds = [0, 1]", "seeds = [-1]", ["seeds: expected a list", "[-1]"]),
            ("seeds = [0, 1]", "seeds = []", ["seeds: expected a list", "[]"]),
            ("seeds = [0, 1]", "seeds = x", ["s.toml, line 1", "s.toml"]),
        ] {
            assert!(GOOD.contains(before), "{before}");
            let error = error(&GOOD.replacen(before, after, 1));
            assert!(parts.iter().all(|part| error.contains(part)), "{after}: {error}");
        }
        assert!(error("seeds = [0]\n").contains("setting: expected at least one table [[setting]]"));
    }

    #[test]
    fn the_studies_of_this_repository_are_sound() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../studies");
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 4);
        for file in files {
            let study = Study::read(&file, &[]).unwrap();
            assert!(!study.about.is_empty() && study.settings.len() > 1, "{}", file.display());
        }
    }
}
