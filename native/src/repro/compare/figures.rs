//! Numbers of comparisons, for people.

use slgan::repro::compare::{Counts, Measure, Verdict};

/// A distance in two significant digits.
pub fn figure(number: f64) -> String {
    match number.abs() {
        0.0 => "0".to_owned(),
        size if (10.0..10_000.0).contains(&size) => format!("{number:.0}"),
        size if (0.1..10.0).contains(&size) => format!("{number:.1}"),
        _ => format!("{number:.1e}"),
    }
}

/// A distance that may be missing.
pub fn distance(found: Option<f64>) -> String {
    found.map_or("not finite".to_owned(), figure)
}

/// A bound that may be missing.
pub fn bound(allowed: Option<f64>) -> String {
    allowed.map_or("none".to_owned(), figure)
}

/// A distance as a share of its bound, if both are finite: `12 %`.
pub fn share(measure: Measure) -> Option<String> {
    let percent = 100.0 * measure.share();
    match percent {
        _ if !percent.is_finite() => None,
        _ if percent > 0.0 && percent < 1.0 => Some("below 1 %".to_owned()),
        _ if percent < 1e5 => Some(format!("{percent:.0} %")),
        _ => Some(format!("{percent:.0e} %")),
    }
}

/// How many items have which verdict: `3 identical, 4 within budget`.
pub fn counts(counts: Counts) -> String {
    let Counts { identical, absent, within, excused, outside } = counts;
    let all = [
        (Verdict::Identical, identical),
        (Verdict::Within, within),
        (Verdict::Absent, absent),
        (Verdict::Excused, excused),
        (Verdict::Outside, outside),
    ];
    let parts = all.into_iter().filter(|(_, count)| *count > 0).map(|(verdict, count)| {
        let name = if verdict == Verdict::Outside { "OUTSIDE" } else { verdict.name() };
        format!("{count} {name}")
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([0.0, 0.25, 3.0, 12.3, 1.2e-7, 123_456.0].map(figure), ["0", "0.2", "3.0", "12", "1.2e-7", "1.2e5"]);
        assert_eq!((distance(None), bound(None)), ("not finite".to_owned(), "none".to_owned()));
        let of = |found, allowed| share(Measure { found, allowed });
        assert_eq!(of(Some(0.5), Some(2.0)).as_deref(), Some("25 %"));
        assert_eq!(of(Some(1e-9), Some(1.0)).as_deref(), Some("below 1 %"));
        assert_eq!(of(Some(0.0), Some(1.0)).as_deref(), Some("0 %"));
        assert_eq!(of(Some(1e6), Some(1.0)).as_deref(), Some("1e8 %"));
        assert_eq!(of(None, Some(1.0)), None);
        let found = Counts { identical: 3, within: 2, outside: 1, ..Counts::default() };
        assert_eq!(counts(found), "3 identical, 2 within budget, 1 OUTSIDE");
    }
}
