//! A summary of each kernel over all shapes.

use super::median::median;
use super::row::Row;
use super::table;

/// Prints one line per kernel, in the order of first rows.
pub fn print(rows: &[Row]) {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.name.as_str()) {
            names.push(&row.name);
        }
    }
    let head = ["kernel", "shapes", "ratio: median (least to most)", "nearer ceiling", "share of it"];
    table::print(head, &names.into_iter().map(|name| line(name, rows)).collect::<Vec<_>>());
}

fn line(name: &str, rows: &[Row]) -> [String; 5] {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.name == name).collect();
    let numbers = |of: fn(&Row) -> f64| rows.iter().map(|row| of(row)).collect::<Vec<f64>>();
    let (ratios, shares) = (numbers(|row| row.ratio_to_stock), numbers(|row| 100.0 * row.share_of_ceiling));
    let ([least, most], [smallest, largest]) = (range(&ratios), range(&shares));
    let bound = |name| rows.iter().filter(|row| row.bound == name).count();
    [
        name.to_owned(),
        rows.len().to_string(),
        format!("{:.2} ({least:.2} to {most:.2})", median(ratios)),
        if bound("compute") > bound("bandwidth") { "compute" } else { "bandwidth" }.to_owned(),
        format!("{smallest:.0} to {largest:.0} %"),
    ]
}

fn range(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], &value| [least.min(value), most.max(value)])
}
