//! Generated images: the last grid, large and with names of its rows, and all grids in the order of their steps.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::history::{RunHistory, SampleGrid};
use super::text::{escape, thousands};

/// Largest width to which a whole number scales the last grid up, in CSS pixels.
const SHOWN_WIDTH: u32 = 680;
/// With more rows than this, rows are too low for names beside them.
const NAMED_ROWS_MAX: usize = 32;

/// The last grid and the strip of all grids.
pub fn render(history: &RunHistory) -> String {
    let Some(last) = history.samples.last() else { return String::new() };
    let scale = (SHOWN_WIDTH / last.width.max(1)).max(1);
    let (width, height) = (last.width.saturating_mul(scale), last.height.saturating_mul(scale));
    format!(
        "<section><h2>Generated images</h2>\n<div class=\"gallery\"><div>\
         <div class=\"plate\">{rows}<img id=\"shown\" width=\"{width}\" height=\"{height}\" src=\"{source}\" \
         alt=\"Generated images, one row per artificial label\"></div>{player}</div>\n\
         <aside>{guide}</aside></div>\n{strip}</section>\n",
        rows = row_names(history).unwrap_or_default(),
        source = data_uri(last),
        player = player(last, history.samples.len()),
        guide = guide(history),
        strip = strip(&history.samples),
    )
}

/// The labels beside the rows of the grid.
fn row_names(history: &RunHistory) -> Option<String> {
    let rows = row_labels(history).filter(|rows| (1..=NAMED_ROWS_MAX).contains(&rows.len()))?;
    let name = |label: usize| {
        let number = label.to_string();
        let class = history.class_of(label).filter(|class| *class != number).map(escape).unwrap_or_default();
        format!("<li><b>{number}</b> {class}</li>")
    };
    Some(format!("<ol class=\"rows\">{}</ol>", rows.into_iter().map(name).collect::<String>()))
}

/// The artificial labels of the last grid's rows.
fn row_labels(history: &RunHistory) -> Option<Vec<usize>> {
    match &history.samples.last()?.labels {
        all if all.is_empty() => Some((0..history.label_count()?).collect()),
        chosen => Some(chosen.clone()),
    }
}

/// The slider, which the script shows if there are several grids.
fn player(last: &SampleGrid, grids: usize) -> String {
    let slider = "<input id=\"slider\" type=\"range\" min=\"0\" step=\"1\" hidden aria-label=\"Step\">";
    format!(
        "<p class=\"player\"><span id=\"caption\">Step {}</span>{}</p>",
        thousands(last.step),
        if grids > 1 { slider } else { "" }
    )
}

fn guide(history: &RunHistory) -> String {
    let aligned = history.last_evaluation().is_some_and(|(_, evaluation)| evaluation.accuracy.is_some());
    let names = match (history.class_of(0), aligned) {
        (None, _) => "",
        (Some(_), true) => "<p>Manual labels tie each row to a class. If training works, each row shows its class.</p>",
        (Some(_), false) => {
            "<p>No manual label ties rows to classes. The name beside a row is the most frequent class of held-out \
             images with that label.</p>"
        }
    };
    format!(
        "<h3>How to read it</h3>\
         <p><b>One row per artificial label{choice}.</b> A label is a region of the latent space, and each picture in a row \
         comes from a point in that row’s region.</p>{names}\
         <p>A good row shows one kind of picture, with variety. Equal pictures in a row, or rows that look alike, are \
         signs of collapse.</p>{facts}",
        choice = choice(history),
        facts = facts(history)
    )
}

/// A remark if the grid has rows for some labels only.
fn choice(history: &RunHistory) -> String {
    let rows = history.samples.last().map_or(0, |grid| grid.labels.len());
    match history.label_count() {
        Some(count) if rows > 0 => format!(", for {rows} of {}", thousands(count as u64)),
        _ => String::new(),
    }
}

/// The part of the configuration that defines the rows.
fn facts(history: &RunHistory) -> String {
    let facts = [
        ("Data", "/data"),
        ("Labels", "/labels"),
        ("Mode", "/mode"),
        ("Networks", "/preset"),
        ("Rows", "/latent/artificial_labels"),
        ("Latent space", "/latent/partition"),
        ("Gate threshold", "/gate/tau"),
    ];
    let fact = |(name, pointer)| {
        let value = match history.config(pointer)? {
            Value::String(word) => escape(word),
            value => escape(&value.to_string()),
        };
        Some(format!("<dt>{name}</dt><dd>{value}</dd>"))
    };
    format!("<dl>{}</dl>", facts.into_iter().filter_map(fact).collect::<String>())
}

/// All grids with their steps.
fn strip(grids: &[SampleGrid]) -> String {
    if grids.len() < 2 {
        return String::new();
    }
    let figure = |grid: &SampleGrid| {
        format!(
            "<figure><img width=\"{}\" height=\"{}\" src=\"{}\" alt=\"\"><figcaption>Step {}</figcaption></figure>\n",
            grid.width,
            grid.height,
            data_uri(grid),
            thousands(grid.step)
        )
    };
    format!("<h3>Over time</h3><div id=\"strip\">\n{}</div>", grids.iter().map(figure).collect::<String>())
}

/// A grid as a URL that holds it.
pub fn data_uri(grid: &SampleGrid) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(&grid.png))
}
