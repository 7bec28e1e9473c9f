//! The settings that reports compare.
//!
//! Programs gain keys. A key that an older program does not have must not make another task of a report's runs, so keys
//! that came after the first reports only count where they differ from what those programs did.

use serde::Serialize;

use crate::config::{Config, LabelTableConfig};

/// How far the members of a configuration are indented in the header of a checkpoint.
const INDENT: &str = "    ";

/// JSON that is a configuration, or the header of a checkpoint, without keys that came after the first reports and have
/// their defaults.
pub fn compared(json: &[u8]) -> Vec<u8> {
    let mut text = str::from_utf8(json).expect("JSON is UTF-8").to_owned();
    later().iter().flatten().for_each(|member| remove(&mut text, member));
    text.into_bytes()
}

/// Members that came later, as they are by default: on one line, and on several.
fn later() -> [[String; 2]; 8] {
    let Config { strict, shards, classifier, .. } = Config::default();
    [
        member("strict", &strict),
        member("shards", &shards),
        member("label_table", &LabelTableConfig::default()),
        member("augment_generated", &classifier.augment_generated),
        member("information_weight", &classifier.information_weight),
        member("match_manual", &false),
        member("generator_weight_from", &classifier.generator_weight_from),
        member("generator_weight_until", &classifier.generator_weight_until),
    ]
}

fn member(key: &str, value: &impl Serialize) -> [String; 2] {
    let [short, long] = [serde_json::to_string(value), serde_json::to_string_pretty(value)]
        .map(|text| text.expect("all keys are text").replace('\n', &format!("\n{INDENT}")));
    [format!("\"{key}\":{short}"), format!("\"{key}\": {long}")]
}

/// Removes a member with the comma that follows or, after the last member, precedes it.
fn remove(text: &mut String, member: &str) {
    let Some(start) = text.find(member) else { return };
    let (before, end) = (text[..start].trim_end(), start + member.len());
    if text[end..].starts_with(',') {
        text.replace_range(before.len()..=end, "");
    } else {
        text.replace_range(before.trim_end_matches(',').len()..end, "");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn later_keys_count_only_if_they_are_set() {
        let json = |config: &Config| compared(&serde_json::to_vec(config).unwrap());
        let config = Config { label_table: LabelTableConfig::default(), ..Config::default() };
        let usual = json(&config);
        let found: Value = serde_json::from_slice(&usual).expect("it is still JSON");
        assert_eq!(found["gate"]["tau"], Config::default().gate.tau);
        for key in ["/strict", "/shards", "/label_table", "/classifier/generator_weight_from"] {
            assert!(found.pointer(key).is_none(), "{key} is still there");
        }
        assert!(json(&Config { strict: true, ..config.clone() }) != usual);
        assert!(json(&Config { seed: 1, ..config }) != usual);
    }

    #[test]
    fn members_are_removed_with_their_commas() {
        for (text, expected) in
            [("{\"a\":1,\"b\":2}", "{\"b\":2}"), ("{\"b\":2,\"a\":1}", "{\"b\":2}"), ("{\"b\":2}", "{\"b\":2}")]
        {
            let mut text = text.to_owned();
            remove(&mut text, "\"a\":1");
            assert_eq!(text, expected);
        }
        let mut lines = "{\n  \"a\": 1,\n  \"b\": 2\n}".to_owned();
        remove(&mut lines, "\"a\": 1");
        assert_eq!(lines, "{\n  \"b\": 2\n}");
        remove(&mut lines, "\"b\": 2");
        assert_eq!(lines, "{\n}");
    }
}
