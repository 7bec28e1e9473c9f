//! The command line of a run, from the keys of its setting.

use std::collections::BTreeMap;

use slgan::config::Layer;
use toml::{Table, Value};

/// Keys with a flag of the same name.
const FLAGS: [&str; 7] = ["batch", "data", "device", "labels", "mode", "preset", "steps"];

/// The arguments of `slgan train` that set the keys of all layers and that `is_wanted`; the last layer decides.
pub fn arguments(layers: &[Layer], is_wanted: fn(&str) -> bool) -> Vec<String> {
    let mut keys = BTreeMap::new();
    layers.iter().for_each(|layer| collect("", &layer.table, &mut keys));
    let (flags, settings): (Vec<_>, Vec<_>) =
        keys.into_iter().filter(|(key, _)| is_wanted(key)).partition(|(key, _)| FLAGS.contains(&key.as_str()));
    let flags = flags.into_iter().map(|(key, value)| [format!("--{key}"), value]);
    let settings = settings.into_iter().map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")]);
    flags.chain(settings).flatten().collect()
}

/// The dotted keys of a table, with their values as a command line takes them.
fn collect(prefix: &str, table: &Table, keys: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        match value {
            Value::Table(table) => collect(&format!("{prefix}{name}."), table, keys),
            // A word needs no quotes unless it would be read as something else.
            Value::String(word) if word.parse::<Value>().is_err() => {
                keys.insert(format!("{prefix}{name}"), word.clone());
            }
            value => {
                keys.insert(format!("{prefix}{name}"), value.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use slgan::config::{Config, parse_file};

    use super::*;
    use crate::cli::{self, Command};
    use crate::shell_line::line;

    #[test]
    fn a_command_line_sets_the_same_keys() {
        let common = "data = 'folder:my pictures'\nlabels = 0.1\nsteps = 20\ngate.tau = 0.8\nreport.judge = true\n";
        let own = "labels = 'none'\nmode = 'unconditional'\n[gate]\ntau = 0.7\n[latent]\npartition = 'voronoi'\n";
        let layers = [common, own].map(|text| parse_file("study", text).unwrap());
        let arguments = arguments(&layers, |_| true);
        let words = ["slgan", "train"].into_iter().chain(arguments.iter().map(String::as_str));
        let Ok(Command::Train(train)) = cli::parse(words.clone()).map(|cli| cli.command) else {
            panic!("{arguments:?}")
        };
        let given = Config::from_layers(&train.layers().unwrap());
        assert_eq!(given, Config::from_layers(&layers));
        assert_eq!(
            line(words),
            "slgan train --data 'folder:my pictures' --labels none --mode unconditional --steps 20 --set gate.tau=0.7 \
             --set latent.partition=voronoi --set report.judge=true"
        );
    }
}
