//! Numbers in JSON, to the last bit.

/// The number of the first field with a name; none if there is none, or it is null. `serde_json` may miss the last bit of
/// a number that it reads, and equal runs must choose equally.
pub fn exact(json: &str, name: &str) -> Option<f64> {
    let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
    let end = rest.find([',', '}', ']']).unwrap_or(rest.len());
    rest[..end].trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_a_round_trip() {
        for number in (1..2_000).map(|number| (f64::from(number) * 0.37).sin()) {
            let json = serde_json::json!({ "judge_nmi": 1, "nmi": number, "ari": null }).to_string();
            assert_eq!(exact(&json, "nmi"), Some(number));
            assert_eq!((exact(&json, "ari"), exact(&json, "accuracy")), (None, None));
        }
        assert_eq!(exact("{\n  \"value\": 1e-7\n}", "value"), Some(1e-7));
    }
}
