//! Artificial labels against classes, as a table shaded by each row's shares.

use super::history::{Confusion, RunHistory};
use super::text::{escape, percent, thousands};

/// From this share on, a cell's colour is so strong that its text needs another one.
const STRONG_SHARE: f64 = 0.7;

/// The last evaluation's table, if classes are known.
pub fn render(history: &RunHistory) -> String {
    let evaluated =
        history.last_evaluation().and_then(|(step, evaluation)| Some((step, evaluation.confusion.as_ref()?)));
    let Some((step, Confusion { counts })) = evaluated else { return String::new() };
    let classes = counts.iter().map(Vec::len).max().unwrap_or(0);
    let head: String = (0..classes).map(|class| column_head(class, history.class_names())).collect();
    let rows: String = counts.iter().enumerate().map(|(label, row)| table_row(history, label, row)).collect();
    format!(
        "<section><h2>Labels against classes</h2>\n<p>The teacher’s label for each of {} held-out images at step {}, \
         against its true class. The deeper the colour, the larger the share of the row.</p>\n\
         <div class=\"scroll\"><table><thead><tr><th scope=\"col\">label</th>{head}<th scope=\"col\">images</th></tr>\
         </thead>\n<tbody>{rows}</tbody></table></div></section>\n",
        thousands(counts.iter().flatten().sum()),
        thousands(step)
    )
}

fn column_head(class: usize, names: &[String]) -> String {
    let name = names.get(class).map_or_else(|| class.to_string(), |name| escape(name));
    format!("<th scope=\"col\">{name}</th>")
}

fn table_row(history: &RunHistory, label: usize, row: &[u64]) -> String {
    let total: u64 = row.iter().sum();
    let number = label.to_string();
    let class = history.class_of(label).filter(|class| *class != number).map(escape).unwrap_or_default();
    let cells: String = row.iter().map(|&count| cell(count, count as f64 / total.max(1) as f64)).collect();
    format!(
        "<tr><th scope=\"row\"><b>{number}</b> {class}</th>{cells}<td class=\"total\">{}</td></tr>\n",
        thousands(total)
    )
}

fn cell(count: u64, share: f64) -> String {
    let class = if share >= STRONG_SHARE { " class=\"strong\"" } else { "" };
    let text = if count == 0 { "·".into() } else { thousands(count) };
    format!("<td{class} style=\"--share:{share:.3}\" title=\"{}\">{text}</td>", percent(share))
}
