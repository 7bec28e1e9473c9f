//! Warnings, what is missing, and how to repeat the run.

use std::collections::BTreeMap;

use super::history::{Damage, RunHistory, Warning};
use super::text::{escape, thousands};

/// How many damaged events the report names.
const NAMED_MAX: usize = 5;

/// A note on damaged events.
pub fn damage(history: &RunHistory) -> String {
    let damage = &history.damage;
    if damage.is_empty() {
        return String::new();
    }
    let named = damage.iter().take(NAMED_MAX);
    let named =
        named.map(|Damage { line, why }| format!("<li>Line {}: {}.</li>", thousands(*line as u64), escape(why)));
    let more = damage.len().saturating_sub(NAMED_MAX);
    let rest = if more > 0 { format!("<li>And {} more.</li>", thousands(more as u64)) } else { String::new() };
    format!(
        "<section><h2>Damaged events</h2>\n<p>Some lines of <code>events.jsonl</code> are not as they were written, so \
         their figures are missing here.</p>\n<ul>{}{rest}</ul>\n</section>\n",
        named.collect::<String>()
    )
}

/// The warnings: for each kind, the last one and the steps of all.
pub fn warnings(history: &RunHistory) -> String {
    let mut kinds: BTreeMap<&str, Vec<(u64, &Warning)>> = BTreeMap::new();
    for ((step, kind), warning) in &history.warnings {
        kinds.entry(kind).or_default().push((*step, warning));
    }
    let notes: String = kinds.iter().map(|(kind, seen)| note(kind, seen)).collect();
    if notes.is_empty() {
        return notes;
    }
    format!("<section id=\"warnings\"><h2>Warnings</h2>\n{notes}</section>\n")
}

fn note(kind: &str, seen: &[(u64, &Warning)]) -> String {
    let Some((last_step, last)) = seen.last() else { return String::new() };
    let steps = match seen {
        [(first, _), _, ..] => {
            format!("{} times, steps {} to {}", seen.len(), thousands(*first), thousands(*last_step))
        }
        _ => format!("step {}", thousands(*last_step)),
    };
    format!(
        "<article class=\"note\"><h3>{} <span>{steps}</span></h3><dl><dt>Seen</dt><dd>{}</dd>\
         <dt>Meaning</dt><dd>{}</dd><dt>Try</dt><dd>{}</dd></dl></article>\n",
        escape(kind),
        escape(&last.seen),
        escape(&last.meaning),
        escape(&last.advice)
    )
}

/// Version, device with its class, seed, the command that repeats the run, and its configuration.
pub fn setup(history: &RunHistory) -> String {
    let facts = history.started.as_ref().map(|started| {
        let seed = started.seed.map(|seed| seed.to_string()).unwrap_or_default();
        let device = match &started.device_class {
            Some(class) => format!("{}, kernels for {class} devices", started.device),
            None => started.device.clone(),
        };
        let facts = [("Version", format!("slgan {}", started.version)), ("Device", device), ("Seed", seed)];
        facts.map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escape(&value))).concat()
    });
    let configuration = match history.config_toml.as_str() {
        "" => String::new(),
        toml => format!(
            "<dl><dt>Repeat it</dt><dd><code>slgan train --config config.toml</code></dd></dl>\n\
             <details><summary>config.toml</summary><pre>{}</pre></details>\n",
            escape(toml)
        ),
    };
    let facts = facts.map(|facts| format!("<dl>{facts}</dl>")).unwrap_or_default();
    format!("<section class=\"setup\"><h2>How it was made</h2>\n{facts}{configuration}</section>\n")
}
