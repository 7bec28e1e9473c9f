//! Artificial labels against classes, as a table shaded by each row's shares. With very many labels or classes it lists
//! the labels that are spread most over classes instead.

use super::history::{Confusion, RunHistory};
use super::text::{escape, percent, thousands};

/// Most rows and columns of a table that people can read.
const TABLE_MAX: usize = 40;
/// Most classes beside a label in the list.
const LISTED_CLASSES: usize = 4;
/// From this share on, a cell's colour is so strong that its text needs another one.
const STRONG_SHARE: f64 = 0.7;

/// The last evaluation's table, if classes are known.
pub fn render(history: &RunHistory) -> String {
    let evaluated =
        history.last_evaluation().and_then(|(step, evaluation)| Some((step, evaluation.confusion.as_ref()?)));
    let Some((step, Confusion { counts })) = evaluated else { return String::new() };
    let classes = counts.iter().map(Vec::len).max().unwrap_or(0);
    if counts.len().max(classes) > TABLE_MAX {
        return list(history, counts);
    }
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

/// The labels whose images are spread most over classes, each with its most frequent classes.
fn list(history: &RunHistory, counts: &[Vec<u64>]) -> String {
    let mut rows: Vec<(f64, usize)> = counts
        .iter()
        .enumerate()
        .filter_map(|(label, row)| {
            let total: u64 = row.iter().sum();
            let most = *row.iter().max().filter(|&&most| most > 0)?;
            Some((most as f64 / total as f64, label))
        })
        .collect();
    rows.sort_by(|a, b| a.partial_cmp(b).expect("shares of images are numbers"));
    rows.truncate(TABLE_MAX);
    let shown: String = rows.iter().map(|&(_, label)| list_row(history, label, &counts[label])).collect();
    format!(
        "<section><h2>Labels against classes</h2>\n<p>There are {} labels. This list shows the {} whose held-out images \
         are spread most over classes, each with its most frequent classes.</p>\n\
         <div class=\"scroll\"><table class=\"list\"><thead><tr><th scope=\"col\">label</th>\
         <th scope=\"col\" colspan=\"{LISTED_CLASSES}\">classes</th><th scope=\"col\">images</th></tr></thead>\n\
         <tbody>{shown}</tbody></table></div></section>\n",
        thousands(counts.len() as u64),
        rows.len()
    )
}

fn list_row(history: &RunHistory, label: usize, row: &[u64]) -> String {
    let total: u64 = row.iter().sum();
    let mut classes: Vec<usize> = (0..row.len()).filter(|&class| row[class] > 0).collect();
    classes.sort_by_key(|&class| (std::cmp::Reverse(row[class]), class));
    let cells: String = (0..LISTED_CLASSES)
        .map(|place| match classes.get(place) {
            None => "<td></td>".to_owned(),
            Some(&class) => {
                let name = history.class_names().get(class).map_or_else(|| class.to_string(), |name| escape(name));
                let share = row[class] as f64 / total as f64;
                let strong = if share >= STRONG_SHARE { " class=\"strong\"" } else { "" };
                format!("<td{strong} style=\"--share:{share:.3}\">{name} {}</td>", percent(share))
            }
        })
        .collect();
    format!("<tr><th scope=\"row\"><b>{label}</b></th>{cells}<td class=\"total\">{}</td></tr>\n", thousands(total))
}
