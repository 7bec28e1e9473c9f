//! Sentences and tables of a pair.

use slgan::repro::Layer;
use slgan::repro::compare::{Counts, NamedReport, Pair, Verdict, rows};

use crate::report::escape;
use crate::repro::compare::{figures, overview};

/// The verdict, and what can be said of its cause.
pub fn headline(pair: &Pair) -> String {
    let causes: String = pair.causes.iter().map(|cause| format!("<li>{}</li>", escape(cause))).collect();
    format!(
        "<h2><span class=\"verdict {}\">{}</span> {}</h2>\n<p class=\"lede\">{}</p>\n<ul class=\"causes\">{causes}</ul>\n",
        class(pair.verdict),
        overview::verdict(pair.verdict),
        escape(&pair.name),
        escape(&pair.sentence)
    )
}

/// A tile for each layer.
pub fn layers(pair: &Pair) -> String {
    let tile = |name: &str, about: &str, counts: Counts| {
        format!(
            "<div class=\"tile\"><h2>{name}</h2><div class=\"value {}\">{}</div><p>{}</p><p>{about}</p></div>",
            class(counts.worst()),
            overview::verdict(counts.worst()),
            figures::counts(counts)
        )
    };
    let tiles = pair.layers.iter().map(|layer| tile(layer.layer.name(), about(layer.layer), layer.counts));
    format!("<div class=\"tiles layers\">{}</div>\n", tiles.collect::<String>())
}

fn about(layer: Layer) -> &'static str {
    match layer {
        Layer::Exact => "Random numbers, labels, order and pictures must be equal everywhere.",
        Layer::Strict => "Strict arithmetic must have the same bits everywhere.",
        Layer::Kernels => "Operations may round otherwise, as far as each one’s budget.",
        Layer::Training => "Small runs may move apart as far as rounding explains.",
    }
}

/// Where runs part.
pub fn partings(pair: &Pair) -> String {
    let lines: String = pair.partings.iter().map(|parting| format!("<li>{}</li>", escape(&parting.place()))).collect();
    if lines.is_empty() { lines } else { format!("<h3>Where runs part, bit by bit</h3>\n<ul>{lines}</ul>\n") }
}

/// What differs between the environments; what can change bits is marked.
pub fn environments(pair: &Pair, reference: &NamedReport, other: &NamedReport) -> String {
    if pair.differences.is_empty() {
        return "<h3>Environments</h3>\n<p>Nothing differs.</p>\n".to_owned();
    }
    let mut lines = vec![["", reference.name.as_str(), &other.name, "can change bits"].map(str::to_owned).to_vec()];
    lines.extend(pair.differences.iter().map(|difference| {
        let bears = if difference.bears { "yes" } else { "no" };
        [&difference.what, &difference.reference, &difference.other, bears].map(str::to_owned).to_vec()
    }));
    let (open, count) = (if lines.len() < 12 { " open" } else { "" }, lines.len() - 1);
    format!("<details{open}><summary>{count} differences of the environments</summary>\n{}</details>\n", table(&lines))
}

/// Kinds of items that differ.
pub fn differing(pair: &Pair) -> String {
    let titles = ["layer", "item", "verdict", "differ", "farthest", "allowed", "first at"];
    let mut lines = vec![titles.map(str::to_owned).to_vec()];
    lines.extend(rows(&pair.items).iter().filter(|row| row.verdict != Verdict::Identical).map(|row| {
        let differ = format!("{} of {}", row.counts.all() - row.counts.identical, row.counts.all());
        let [farthest, allowed] = row.measure.map_or_else(Default::default, |measure| {
            [figures::distance(measure.found), figures::bound(measure.allowed)]
        });
        let verdict = overview::verdict(row.verdict).to_owned();
        vec![row.layer.name().to_owned(), row.full_name(), verdict, differ, farthest, allowed, overview::place(row)]
    }));
    if lines.len() == 1 { String::new() } else { format!("<h3>What differs</h3>\n{}", table(&lines)) }
}

/// Rows as a table that scrolls on narrow screens; the first is its head. Verdicts are coloured.
pub fn table(lines: &[Vec<String>]) -> String {
    let Some((head, body)) = lines.split_first() else { return String::new() };
    let head: String = head.iter().map(|title| format!("<th>{}</th>", escape(title))).collect();
    let cell = |text: &String| {
        let verdict = Verdict::ALL.into_iter().find(|&verdict| text.starts_with(overview::verdict(verdict)));
        let class = verdict.map(|verdict| format!(" class=\"{}\"", class(verdict))).unwrap_or_default();
        format!("<td{class}>{}</td>", escape(text))
    };
    let rows: String =
        body.iter().map(|row| format!("<tr>{}</tr>\n", row.iter().map(cell).collect::<String>())).collect();
    format!(
        "<div class=\"scroll\"><table class=\"list\"><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    )
}

/// The CSS class of a verdict.
fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Identical | Verdict::Absent => "identical",
        Verdict::Within => "within",
        Verdict::Excused => "excused",
        Verdict::Outside => "outside",
    }
}
