//! Numbers and text in readable form.

/// Text made safe for HTML, in elements and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            other => out.push(other),
        }
    }
    out
}

/// A fraction from 0 to 1 as a percentage with one decimal and a narrow space: `84.1 %`.
pub fn percent(fraction: f64) -> String {
    format!("{:.1}\u{202f}%", fraction * 100.0)
}

/// A number with about three significant digits.
pub fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{value:.2e}"),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A count with separated thousands: `12,500`.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A time in a suitable unit: `42 s`, `7.8 min`, `3.2 h`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        _ if seconds < 90.0 => format!("{seconds:.0}\u{202f}s"),
        _ if seconds < 90.0 * 60.0 => format!("{:.1}\u{202f}min", seconds / 60.0),
        _ => format!("{:.1}\u{202f}h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape(r#"<a href="x">R&D's</a>"#), "&lt;a href=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/a&gt;");
        assert_eq!(escape("grün"), "grün");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(percent(0.8406), "84.1\u{202f}%");
        assert_eq!([-0.123, 12.34, 1234.5, 2.5e8].map(number), ["-0.12", "12.3", "1234", "2.50e8"]);
        assert_eq!([41.6, 466.0, 11_555.0].map(duration), ["42\u{202f}s", "7.8\u{202f}min", "3.2\u{202f}h"]);
    }
}
