//! The settings that reports compare.
//!
//! Programs gain keys. A key that a report's program does not have yet must not make another task of its runs, so keys
//! that came after the first reports only count where they differ from their defaults.

use serde::Serialize;

use crate::config::Config;

/// The JSON of a configuration, or JSON that has one in it, without keys that came after the first reports and have
/// their defaults.
pub fn compared(json: &[u8]) -> Vec<u8> {
    let mut text = str::from_utf8(json).expect("JSON is UTF-8").to_owned();
    for member in later() {
        text = text.replacen(&format!("{member},"), "", 1).replacen(&format!(",{member}"), "", 1);
    }
    text.into_bytes()
}

/// Members of the configuration's JSON that came later, as they are by default.
fn later() -> [String; 5] {
    let Config { strict, shards, label_table, classifier, .. } = Config::default();
    [
        member("strict", &strict),
        member("shards", &shards),
        member("label_table", &label_table),
        member("generator_weight_from", &classifier.generator_weight_from),
        member("generator_weight_until", &classifier.generator_weight_until),
    ]
}

fn member(key: &str, value: &impl Serialize) -> String {
    format!("\"{key}\":{}", serde_json::to_string(value).expect("all keys are text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_keys_count_only_if_they_are_set() {
        let json = |config: &Config| compared(&serde_json::to_vec(config).unwrap());
        let usual = json(&Config::default());
        assert!(later().iter().all(|member| !String::from_utf8_lossy(&usual).contains(member.as_str())));
        let found: serde_json::Value = serde_json::from_slice(&usual).expect("it is still JSON");
        assert_eq!(found["gate"]["tau"], Config::default().gate.tau);
        assert!(json(&Config { strict: true, ..Config::default() }) != usual);
        assert!(json(&Config { seed: 1, ..Config::default() }) != usual);
    }
}
