//! All reports against the first, in tables.

use slgan::repro::Layer;
use slgan::repro::compare::{Comparison, Counts, Pair, Row, RunParting, Verdict, rows};

use super::figures;

/// Layers that have nothing but hashes.
const HASHES: [Layer; 2] = [Layer::Exact, Layer::Strict];

/// One row for each report, with a head.
pub fn reports(comparison: &Comparison) -> Vec<Vec<String>> {
    let mut table = vec![
        ["report", "made on", "exact", "strict", "kernels", "training", "verdict", "first parting of a run"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut reports = comparison.reports.iter();
    if let Some(reference) = reports.next() {
        let cells = [reference.name.as_str(), &reference.about, "", "", "", "", "reference", ""];
        table.push(cells.map(str::to_owned).to_vec());
    }
    for (subject, pair) in reports.zip(&comparison.pairs) {
        let mut row = vec![subject.name.clone(), subject.about.clone()];
        row.extend(pair.layers.iter().map(|layer| figures::counts(layer.counts)));
        row.push(verdict(pair.verdict).to_owned());
        row.push(
            pair.partings.iter().min_by_key(|found| found.parting.step).map(RunParting::place).unwrap_or_default(),
        );
        table.push(row);
    }
    table
}

/// One row for each kind of item and one column for each report but the reference, with a head. The items of a layer
/// of hashes share a row.
pub fn items(comparison: &Comparison) -> Vec<Vec<String>> {
    let of_pairs: Vec<Vec<Row>> = comparison.pairs.iter().map(of_layers).collect();
    let mut names: Vec<(Layer, String)> = Vec::new();
    for row in of_pairs.iter().flatten() {
        let name = (row.layer, row.full_name());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_by_key(|(layer, _)| *layer);
    let mut table = vec![["layer".to_owned(), "item".to_owned()].to_vec()];
    table[0].extend(comparison.pairs.iter().map(|pair| pair.name.clone()));
    for of_hashes in HASHES {
        let cells = comparison.pairs.iter().map(|pair| figures::counts(layer(pair, of_hashes)));
        table.push([of_hashes.name().to_owned(), "all hashes".to_owned()].into_iter().chain(cells).collect());
    }
    for (layer, name) in names {
        let found = |rows: &Vec<Row>| rows.iter().find(|row| row.layer == layer && row.full_name() == name).map(cell);
        let cells = of_pairs.iter().map(|rows| found(rows).unwrap_or_default());
        table.push([layer.name().to_owned(), name.clone()].into_iter().chain(cells).collect());
    }
    table
}

/// A verdict that nobody overlooks.
pub fn verdict(verdict: Verdict) -> &'static str {
    if verdict == Verdict::Outside { "OUTSIDE" } else { verdict.name() }
}

/// Where a row has its first item of its verdict, and what there is to say about it unless all is well.
pub fn place(row: &Row) -> String {
    let note = if row.verdict == Verdict::Within { "" } else { row.note.as_str() };
    let parts = [row.first.as_deref().unwrap_or_default(), note];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// The counts of a layer.
pub fn layer(pair: &Pair, layer: Layer) -> Counts {
    pair.layers.iter().find(|found| found.layer == layer).map(|found| found.counts).unwrap_or_default()
}

fn of_layers(pair: &Pair) -> Vec<Row> {
    rows(&pair.items).into_iter().filter(|row| !HASHES.contains(&row.layer)).collect()
}

fn cell(row: &Row) -> String {
    let share = row.measure.filter(|_| row.verdict != Verdict::Identical).and_then(figures::share);
    match share {
        Some(share) => format!("{} ({share})", verdict(row.verdict)),
        None => verdict(row.verdict).to_owned(),
    }
}
