//! The results as one page: tables, curves of the settings, their last grids side by side, and the commands.
//!
//! It is made of the parts of a run's report, loads nothing from outside and has no script. Text from files is escaped.

use std::collections::BTreeSet;

use slgan::metrics::Estimate;

use super::file::Setting;
use super::markdown::{ABOUT_DIFFERENCES, about_means};
use super::metric::Metric;
use super::outcome::Outcome;
use super::results::Results;
use super::run::Run;
use super::tables;
use crate::report::{Chart, Points, Series, data_uri, escape, number, page};

const STYLE: &str = include_str!("page.css");

/// The page. It leaves out sections without content.
pub fn render(results: &Results) -> String {
    let control = &results.study.settings[0].name;
    let sections = [
        head(results),
        section("Settings", &about_means(results), &table("figures", &tables::settings(results))),
        section(
            &format!("Differences to {control}"),
            ABOUT_DIFFERENCES,
            &table("figures", &tables::differences(results)),
        ),
        section("Curves", "Means over the finished runs of a setting.", &charts(results)),
        section("Last pictures", "One row per artificial label; equal rows have equal latents.", &grids(results)),
        section("Runs", "", &table("figures runs", &tables::runs(results))),
        commands(results),
    ];
    page(&format!("{} · slgan study", results.study.name), STYLE, &sections.concat(), "")
}

fn head(results: &Results) -> String {
    let (name, about) = (escape(&results.study.name), escape(&results.study.about));
    let finished = results.outcomes().filter(|outcome| outcome.is_finished()).count();
    format!(
        "<header><p class=\"kicker\">slgan study, {finished} of {} runs finished</p><h1>{name}</h1>\
         <p class=\"lede\">{about}</p></header>\n",
        results.runs.len()
    )
}

fn section(title: &str, note: &str, content: &str) -> String {
    if content.is_empty() {
        return String::new();
    }
    format!("<section><h2>{}</h2>\n<p>{}</p>\n{content}</section>\n", escape(title), prose(note))
}

/// A sentence of Markdown, whose only markup is code between backticks.
fn prose(text: &str) -> String {
    let part = |(index, text)| if index % 2 == 1 { format!("<code>{}</code>", escape(text)) } else { escape(text) };
    text.split('`').enumerate().map(part).collect()
}

/// Rows as a table of a class that scrolls on narrow screens, all but its first column; the first row is its head.
fn table(class: &str, rows: &[Vec<String>]) -> String {
    let Some((head, body)) = rows.split_first() else { return String::new() };
    let head: String = head.iter().map(|title| format!("<th scope=\"col\">{}</th>", escape(title))).collect();
    let row = |cells: &Vec<String>| {
        let cells = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    format!(
        "<div class=\"scroll\"><table class=\"{class}\"><thead><tr>{head}</tr></thead>\n<tbody>{}</tbody></table>\
         </div>\n",
        body.iter().map(row).collect::<String>()
    )
}

/// A chart for each metric, with a curve for each setting.
fn charts(results: &Results) -> String {
    let chart = |metric: &'static Metric| {
        let curve = |(setting, runs): (&Setting, &[(Run, Outcome)])| Series {
            name: setting.name.clone(),
            points: mean_curve(metric, runs),
            text: number,
        };
        let series = results.settings().map(curve).collect();
        Chart { title: metric.name, note: metric.note, axis: metric.axis, series, mark: None }.render()
    };
    let charts: String = results.metrics().into_iter().filter_map(chart).collect();
    if charts.is_empty() { charts } else { format!("<div class=\"charts\">{charts}</div>\n") }
}

/// The mean of finished runs at every step that one of them has evaluated.
fn mean_curve(metric: &Metric, runs: &[(Run, Outcome)]) -> Points {
    let finished = || runs.iter().map(|(_, outcome)| outcome).filter(|outcome| outcome.is_finished());
    let steps: BTreeSet<u64> = finished().flat_map(|outcome| outcome.evaluations.keys().copied()).collect();
    let values = |step| finished().filter_map(|outcome| metric.at(outcome, step)).collect::<Vec<f64>>();
    steps.into_iter().map(|step| (step, Estimate::of(&values(step)).map(|estimate| estimate.mean))).collect()
}

/// The last grids of finished runs: for each seed, the settings side by side.
fn grids(results: &Results) -> String {
    let of_seed = |(place, seed): (usize, &u64)| {
        let figure = |(setting, runs): (&Setting, &[(Run, Outcome)])| {
            let grid = runs[place].1.grid.as_ref().filter(|_| runs[place].1.is_finished())?;
            let (name, source) = (escape(&setting.name), data_uri(grid));
            Some(format!(
                "<figure><img width=\"{}\" height=\"{}\" src=\"{source}\" alt=\"\"><figcaption>{name}</figcaption>\
                 </figure>\n",
                grid.width, grid.height
            ))
        };
        let figures: String = results.settings().filter_map(figure).collect();
        if figures.is_empty() {
            figures
        } else {
            format!("<h3>Seed {seed}</h3>\n<div class=\"grids\">{figures}</div>\n")
        }
    };
    results.study.seeds.iter().enumerate().map(of_seed).collect()
}

fn commands(results: &Results) -> String {
    let lines: String = results.runs.iter().map(|(run, _)| escape(&run.first_command()) + "\n").collect();
    format!("<details><summary>The command of every run</summary><pre>{lines}</pre></details>\n")
}
