//! The head of the report: a sentence on the run, and its main figures.

use serde_json::Value;

use super::history::{Evaluation, RunHistory};
use super::text::{duration, escape, number, percent, thousands};

/// A headline figure.
struct Tile {
    label: &'static str,
    value: String,
    detail: String,
    /// The share that a bar shows.
    share: Option<f64>,
}

/// Title, summary and tiles.
pub fn render(history: &RunHistory) -> String {
    let tiles: String = tiles(history).iter().map(Tile::render).collect();
    format!(
        "<header><p class=\"kicker\">slgan run report{}</p><h1>{}</h1><p class=\"lede\">{}</p></header>\n\
         <div class=\"tiles\">{tiles}</div>\n",
        warning_link(history),
        escape(&history.name),
        summary(history)
    )
}

fn warning_link(history: &RunHistory) -> String {
    match history.warnings.len() {
        0 => String::new(),
        1 => " <a href=\"#warnings\">1 warning</a>".into(),
        count => format!(" <a href=\"#warnings\">{count} warnings</a>"),
    }
}

/// The run in a sentence.
fn summary(history: &RunHistory) -> String {
    let Some(data) = history.config("/data").and_then(Value::as_str) else { return String::new() };
    let data = data.strip_prefix("folder:").unwrap_or_else(|| data.split(':').next().unwrap_or(data));
    let labels = match history.config("/labels") {
        Some(Value::Number(fraction)) => {
            let fraction = number(fraction.as_f64().unwrap_or(0.0) * 100.0);
            format!(", with <b>{}\u{202f}%</b> of its labels", fraction.trim_end_matches('0').trim_end_matches('.'))
        }
        Some(Value::String(word)) if word == "none" => ", with <b>no labels</b>".into(),
        Some(Value::String(word)) if word == "all" => ", with <b>all labels</b>".into(),
        Some(Value::String(word)) if word == "given" => ", with the labels that the data set has".into(),
        _ => String::new(),
    };
    let kind = match history.config("/mode").and_then(Value::as_str) {
        Some(mode) if mode != "self-label" => format!("in {} mode", escape(mode)),
        _ => "that labels its own training images".into(),
    };
    let end = if history.finished { "" } else { " The run has not reached its last step." };
    format!("A generative adversarial network {kind}, trained on <b>{}</b>{labels}.{end}", escape(data))
}

fn tiles(history: &RunHistory) -> Vec<Tile> {
    let mut tiles = match history.last_evaluation() {
        Some((_, evaluation)) => quality(evaluation),
        None => training_rates(history),
    };
    tiles.push(steps(history));
    tiles.extend(time(history));
    tiles
}

/// Quality on held-out images.
fn quality(evaluation: &Evaluation) -> Vec<Tile> {
    let accuracy = match evaluation.accuracy {
        Some(accuracy) => Tile::rate("Teacher accuracy", Some(accuracy), "of held-out images are classified correctly"),
        None => {
            Tile::rate("Clustering accuracy", evaluation.clustering_accuracy, "labels matched to classes one to one")
        }
    };
    let coverage = Tile::rate("Gate coverage", evaluation.gate_coverage, "of held-out images pass the gate");
    let precision = Tile::rate("Gate precision", evaluation.gate_precision, "of those are labelled correctly");
    let frechet = evaluation.frechet_judge.map(|distance| Tile {
        label: "Fréchet distance",
        value: number(distance),
        detail: "in the judge’s features; 0 is perfect".into(),
        share: None,
    });
    [accuracy, coverage, precision, generated(evaluation), frechet].into_iter().flatten().collect()
}

/// How many generated images show the class of their row.
fn generated(evaluation: &Evaluation) -> Option<Tile> {
    let rows = evaluation.generated.iter().flat_map(|generated| generated.rows.iter().flatten());
    let worst = rows.copied().min_by(f64::total_cmp).map(|worst| format!("; in the worst row {}", percent(worst)));
    let detail = format!("of pictures show the class of their row{}", worst.unwrap_or_default());
    Tile::rate("Row agreement", evaluation.generated_agreement, &detail)
}

/// Rates on training images, for runs without evaluations.
fn training_rates(history: &RunHistory) -> Vec<Tile> {
    let Some((_, row)) = history.steps.last_key_value() else { return Vec::new() };
    let agreement = Tile::rate("Label agreement", row.label_agreement, "of training images are labelled correctly");
    let coverage = Tile::rate("Gate coverage", row.gate_coverage, "of training images pass the gate");
    [agreement, coverage].into_iter().flatten().collect()
}

fn steps(history: &RunHistory) -> Tile {
    let count = |pointer| history.config(pointer).and_then(Value::as_u64);
    let goal = count("/steps").filter(|_| !history.finished).map(|steps| format!("of {}", thousands(steps)));
    let batch = count("/batch").map(|batch| format!("{batch} images each"));
    let detail: Vec<String> = [goal, batch].into_iter().flatten().collect();
    Tile { label: "Steps", value: thousands(history.last_step()), detail: detail.join(", "), share: None }
}

fn time(history: &RunHistory) -> Option<Tile> {
    let speed = history.steps.values().rev().find_map(|row| row.images_per_second);
    let detail = speed.map(|speed| format!("{} images per second", thousands(speed.round() as u64)));
    let value = Some(history.seconds).filter(|&seconds| seconds > 0.0).map(duration)?;
    Some(Tile { label: "Time", value, detail: detail.unwrap_or_default(), share: None })
}

impl Tile {
    fn rate(label: &'static str, share: Option<f64>, detail: &str) -> Option<Self> {
        Some(Self { label, value: percent(share?), detail: detail.into(), share })
    }

    fn render(&self) -> String {
        let bar = self.share.map(|share| format!("<i style=\"--share:{:.1}%\"></i>", share.clamp(0.0, 1.0) * 100.0));
        format!(
            "<div class=\"tile\"><h2>{}</h2><p class=\"value\">{}</p><p>{}</p>{}</div>",
            self.label,
            self.value,
            self.detail,
            bar.unwrap_or_default()
        )
    }
}
