//! The final images of both reports side by side.

use slgan::repro::compare::NamedReport;
use slgan::repro::report::TrainingRun;

use crate::report::escape;

/// The images of every run that both reports have.
pub fn render(reference: &NamedReport, other: &NamedReport) -> String {
    let runs = reference.report.training.iter().filter_map(|run| {
        let found = other.report.training.iter().find(|found| found.name == run.name)?;
        Some(format!(
            "<div><h3>{}</h3><div class=\"both\">{}{}</div></div>\n",
            escape(&run.name),
            figure(&reference.name, run),
            figure(&other.name, found)
        ))
    });
    let runs: String = runs.collect();
    if runs.is_empty() {
        return runs;
    }
    format!(
        "<h3>Images after the last step</h3>\n<p class=\"hint\">After so few steps they show little, but both \
         reports should show the same.</p>\n<div class=\"runs\">{runs}</div>\n"
    )
}

fn figure(name: &str, run: &TrainingRun) -> String {
    format!(
        "<figure><img src=\"data:image/png;base64,{}\" alt=\"Images of the run {}\"><figcaption>{}</figcaption></figure>",
        escape(&run.course.images.png),
        escape(&run.name),
        escape(name)
    )
}
