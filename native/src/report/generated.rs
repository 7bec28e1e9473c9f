//! What the judge says of generated images, class by class.
//!
//! A mean hides a class that is drawn badly or not at all, so each class has a line, and the worst figures are marked.

use super::history::{ClassFigures, Generated, RunHistory};
use super::text::{escape, number, percent, thousands};

/// Most lines that people can compare.
const LINES_MAX: usize = 40;

/// The figures of a class: the agreement of its rows, from the lowest to the highest, and those of all its images.
struct Line {
    class: usize,
    agreement: Option<[f64; 2]>,
    figures: ClassFigures,
}

/// A column: its heading, what it means, and its value in a line.
struct Column {
    name: &'static str,
    meaning: &'static str,
    value: fn(&Line) -> Option<f64>,
    text: fn(&Line) -> Option<String>,
    low_is_bad: bool,
}

const COLUMNS: [Column; 4] = [
    Column {
        name: "agreement",
        meaning: "<b>Agreement</b> is the share of the pictures of a class’s rows that the judge takes for this class; \
                  of several rows, the lowest and the highest.",
        value: |line| line.agreement.map(|[lowest, _]| lowest),
        text: |line| line.agreement.map(range),
        low_is_bad: true,
    },
    Column {
        name: "Fréchet distance",
        meaning: "<b>Fréchet distance</b> is between them and the held-out images of the class, in the judge’s \
                  features; 0 is perfect.",
        value: |line| line.figures.frechet,
        text: |line| line.figures.frechet.map(number),
        low_is_bad: false,
    },
    Column {
        name: "coverage",
        meaning: "<b>Coverage</b> is the share of held-out images with a generated one nearer than their fifth \
                  neighbour among the held-out ones.",
        value: |line| line.figures.coverage,
        text: |line| line.figures.coverage.map(percent),
        low_is_bad: true,
    },
    Column {
        name: "recall",
        meaning: "<b>Recall</b> is the share of held-out images that are nearer to a generated one than its fifth \
                  neighbour among the generated ones; it falls if these lack variety.",
        value: |line| line.figures.recall,
        text: |line| line.figures.recall.map(percent),
        low_is_bad: true,
    },
];

/// The last evaluation's figures by class, if a judge watched.
pub fn render(history: &RunHistory) -> String {
    let evaluated =
        history.last_evaluation().and_then(|(step, evaluation)| Some((step, evaluation.generated.as_ref()?)));
    let Some((step, generated)) = evaluated else { return String::new() };
    let mut lines = lines(generated, history.class_names().len());
    let columns: Vec<(&Column, Option<f64>)> = COLUMNS
        .iter()
        .filter(|column| lines.iter().any(|line| (column.value)(line).is_some()))
        .map(|column| (column, worst(column, &lines)))
        .collect();
    if columns.is_empty() {
        return String::new();
    }
    let choice = choose(&mut lines);
    let head: String = columns.iter().map(|(column, _)| format!("<th scope=\"col\">{}</th>", column.name)).collect();
    let meanings: Vec<&str> = columns.iter().map(|(column, _)| column.meaning).collect();
    let rows: String = lines.iter().map(|line| row(history, line, &columns)).collect();
    format!(
        "<section><h2>Generated pictures, by class</h2>\n<p>At step {}, in the eyes of the judge, a classifier that \
         saw all true labels and only watches. {} The worst of each column is marked.{choice}</p>\n\
         <div class=\"scroll\"><table class=\"figures\"><thead><tr><th scope=\"col\">class</th>{head}</tr></thead>\n\
         <tbody>{rows}</tbody></table></div></section>\n",
        thousands(step),
        meanings.join(" ")
    )
}

/// A line for each class. Neighbouring rows belong to a class, the same number to each.
fn lines(generated: &Generated, named: usize) -> Vec<Line> {
    let classes = if generated.classes.is_empty() { named } else { generated.classes.len() };
    let per_class = generated.rows.len() / classes.max(1);
    let line = |class: usize| {
        let rows = generated.rows.iter().skip(class * per_class).take(per_class).flatten().copied();
        let lowest = rows.clone().min_by(f64::total_cmp);
        let agreement = lowest.zip(rows.max_by(f64::total_cmp)).map(|(lowest, highest)| [lowest, highest]);
        Line { class, agreement, figures: generated.classes.get(class).copied().unwrap_or_default() }
    };
    (0..classes).map(line).collect()
}

/// Leaves the lines with the lowest agreement if there are too many, and says so.
fn choose(lines: &mut Vec<Line>) -> String {
    let all = lines.len();
    if all <= LINES_MAX {
        return String::new();
    }
    let lowest = |line: &Line| line.agreement.map_or(f64::INFINITY, |[lowest, _]| lowest);
    lines.sort_by(|a, b| lowest(a).total_cmp(&lowest(b)));
    lines.truncate(LINES_MAX);
    format!(" There are {} classes; these are the {LINES_MAX} with the lowest agreement.", thousands(all as u64))
}

/// The worst value of a column, unless no line is better.
fn worst(column: &Column, lines: &[Line]) -> Option<f64> {
    let values = || lines.iter().filter_map(column.value);
    let (lowest, highest) = (values().min_by(f64::total_cmp)?, values().max_by(f64::total_cmp)?);
    let worst = if column.low_is_bad { lowest } else { highest };
    (lowest < highest).then_some(worst)
}

fn row(history: &RunHistory, line: &Line, columns: &[(&Column, Option<f64>)]) -> String {
    let name = history.class_names().get(line.class).map_or_else(|| line.class.to_string(), |name| escape(name));
    let cells: String = columns.iter().map(|(column, worst)| cell(column, *worst, line)).collect();
    format!("<tr><th scope=\"row\"><b>{name}</b></th>{cells}</tr>\n")
}

fn cell(column: &Column, worst: Option<f64>, line: &Line) -> String {
    let text = (column.text)(line).unwrap_or_else(|| "–".into());
    if worst.is_some() && (column.value)(line) == worst {
        format!("<td class=\"worst\" title=\"the worst of all classes\">{text}</td>")
    } else {
        format!("<td>{text}</td>")
    }
}

/// A share, or two if the rows of a class differ.
fn range([lowest, highest]: [f64; 2]) -> String {
    if lowest < highest { format!("{} to {}", percent(lowest), percent(highest)) } else { percent(lowest) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::history::{Evaluation, Started};

    /// The section of a run with classes `a` and `b`, whose last evaluation has these figures.
    fn section(generated: &str) -> String {
        let evaluation = serde_json::from_str::<Evaluation>(&format!("{{\"generated\":{generated}}}")).unwrap();
        let started = Started { class_names: Some(vec!["a".into(), "b".into()]), ..Started::default() };
        render(&RunHistory { started: Some(started), evaluations: [(2, evaluation)].into(), ..RunHistory::default() })
    }

    fn line(name: &str, cells: &[&str]) -> String {
        format!("<tr><th scope=\"row\"><b>{name}</b></th>{}</tr>\n", cells.concat())
    }

    #[test]
    fn every_class_has_a_line_and_the_worst_of_a_column_is_marked() {
        let classes = r#"{"frechet":8.5,"coverage":0.25,"recall":null},{"frechet":2.0,"coverage":0.75}"#;
        let html = section(&format!("{{\"rows\":[0.5,1.0],\"classes\":[{classes}]}}"));
        let worst = ["50.0\u{202f}%", "8.50", "25.0\u{202f}%"]
            .map(|text| format!("<td class=\"worst\" title=\"the worst of all classes\">{text}</td>"));
        assert!(html.contains(&line("a", &[&worst.concat()])), "{html}");
        let better = ["<td>100.0\u{202f}%</td>", "<td>2.00</td>", "<td>75.0\u{202f}%</td>"];
        assert!(html.contains(&line("b", &better)), "{html}");
        assert!(!html.contains("<b>Recall</b>"), "no class has it");
    }

    #[test]
    fn several_rows_of_a_class_have_a_range_and_equal_figures_no_mark() {
        let html = section(r#"{"rows":[0.5,0.75,null,0.5],"classes":[{"coverage":0.5},{"coverage":null}]}"#);
        let range = line("a", &["<td>50.0\u{202f}% to 75.0\u{202f}%</td>", "<td>50.0\u{202f}%</td>"]);
        let single = line("b", &["<td>50.0\u{202f}%</td>", "<td>–</td>"]);
        assert!(html.contains(&range) && html.contains(&single) && !html.contains("class=\"worst\""), "{html}");
    }

    #[test]
    fn of_very_many_classes_the_worst_are_listed() {
        let rows: Vec<String> = (0..50).map(|label| (f64::from(label) / 50.0).to_string()).collect();
        let classes = vec!["{\"frechet\":1.0}"; 50].join(",");
        let html = section(&format!("{{\"rows\":[{}],\"classes\":[{classes}]}}", rows.join(",")));
        assert!(html.contains("There are 50 classes; these are the 40 with the lowest agreement."), "{html}");
        assert!(html.contains("<b>39</b></th>") && !html.contains("<b>40</b></th>"), "{html}");
    }

    #[test]
    fn only_figures_that_there_are_have_a_column() {
        let html = section(r#"{"rows":[0.5,1.0],"classes":[]}"#);
        assert!(html.contains("<b>Agreement</b>") && !html.contains("<b>Coverage</b>"), "{html}");
        for nothing in ["null", "{}", r#"{"rows":[null,null],"classes":[{},{}]}"#, r#"{"rows":[],"classes":[]}"#] {
            assert_eq!(section(nothing), "", "{nothing}");
        }
    }
}
