//! Accuracy against coverage of the teacher's labels: what other thresholds of the gate would give.

use slgan::metrics::{AccuracyCoverage, CoveragePoint};

use super::history::{Evaluation, RunHistory};
use super::plot::{HEIGHT, Plot, WIDTH};
use super::text::{escape, percent, thousands};

const TITLE: &str = "Accuracy against coverage";

/// The chart of the last evaluation, if it has a curve.
pub fn chart(history: &RunHistory) -> Option<String> {
    let (step, evaluation) = history.last_evaluation()?;
    let curve = evaluation.accuracy_coverage.as_ref()?;
    let all = curve.points.last()?;
    let plot = Plot::of_shares("share of images, the most confident first");
    Some(format!(
        "<figure class=\"chart\"><figcaption><h3>{TITLE}</h3><p>{note}</p>\
         <ul><li class=\"c0\">of all <b>{of_all}</b></li>{gate}</ul></figcaption>\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{TITLE}\">{axes}{line}{mark}</svg></figure>\n",
        note = escape(&note(step, evaluation)),
        of_all = percent(all.accuracy),
        gate = curve.gate.as_ref().map(gate_entry).unwrap_or_default(),
        axes = plot.axes(),
        line = line(&plot, curve),
        mark = curve.gate.as_ref().map(|gate| gate_mark(&plot, gate)).unwrap_or_default(),
    ))
}

fn note(step: u64, evaluation: &Evaluation) -> String {
    let matched = if evaluation.accuracy.is_none() { ", matched to classes one to one," } else { "" };
    let area = evaluation.aurc.map(|area| format!(" The area above the curve (AURC) is {area:.3}; 0 is perfect."));
    format!(
        "The share of the teacher’s labels{matched} that are right among the held-out images it is most sure of, \
         at step {}.{}",
        thousands(step),
        area.unwrap_or_default()
    )
}

fn gate_entry(CoveragePoint { coverage, accuracy, .. }: &CoveragePoint) -> String {
    format!("<li class=\"c1\">of the {} that pass the gate <b>{}</b></li>", percent(*coverage), percent(*accuracy))
}

/// The gate's point, and a vertical line through it.
fn gate_mark(plot: &Plot, gate: &CoveragePoint) -> String {
    let caption = format!("gate at {}", gate.threshold);
    plot.mark(gate.coverage, &caption).unwrap_or_default() + &dot(plot, "c1", gate, 4.0)
}

fn line(plot: &Plot, curve: &AccuracyCoverage) -> String {
    let places = curve.points.iter().map(|point| plot.place(point.coverage, point.accuracy));
    let places: Vec<String> = places.map(|[x, y]| format!("{x:.1} {y:.1}")).collect();
    let dots: String = curve.points.iter().map(|point| dot(plot, "c0", point, 2.6)).collect();
    format!("<path class=\"line c0\" d=\"M{}\"/>{dots}", places.join("L"))
}

fn dot(plot: &Plot, class: &str, point: &CoveragePoint, radius: f64) -> String {
    let [x, y] = plot.place(point.coverage, point.accuracy);
    format!(
        "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\">\
         <title>{} right of the {} with a confidence of {:.3} at least</title></circle>",
        percent(point.accuracy),
        percent(point.coverage),
        point.threshold
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chart of a run whose last evaluation has these figures.
    fn of(evaluation: &str) -> Option<String> {
        let evaluation = serde_json::from_str::<Evaluation>(evaluation).unwrap();
        chart(&RunHistory { evaluations: [(2000, evaluation)].into(), ..RunHistory::default() })
    }

    #[test]
    fn the_curve_and_the_gates_mark_stand_where_their_shares_say() {
        let curve = r#"{"gate":[0.9,0.25,1.0],"points":[[0.99,0.25,1.0],[0.5,1.0,0.5]]}"#;
        let html = of(&format!(r#"{{"accuracy":0.5,"aurc":0.125,"accuracy_coverage":{curve}}}"#)).unwrap();
        let plot = Plot::of_shares("");
        let [[x, y], [right, low]] = [plot.place(0.25, 1.0), plot.place(1.0, 0.5)];
        assert!(html.contains(&format!("d=\"M{x:.1} {y:.1}L{right:.1} {low:.1}\"")), "{html}");
        assert!(html.contains(&format!("<circle class=\"c1\" cx=\"{x:.1}\" cy=\"{y:.1}\"")), "{html}");
        assert!(html.contains(">gate at 0.9</text>") && html.contains("(AURC) is 0.125"), "{html}");
        assert!(html.contains("of the 25.0\u{202f}% that pass the gate <b>100.0\u{202f}%</b>"), "{html}");
        assert!(html.contains("at step 2,000") && !html.contains("matched to classes"), "{html}");
    }

    #[test]
    fn matched_labels_are_said_to_be_so_and_a_shut_gate_has_no_mark() {
        let html = of(r#"{"aurc":0.5,"accuracy_coverage":{"gate":null,"points":[[0.2,1.0,0.5]]}}"#).unwrap();
        assert!(html.contains("matched to classes one to one") && !html.contains("gate"), "{html}");
    }

    #[test]
    fn runs_of_versions_without_curves_have_no_chart_and_strange_ones_stay_within_the_plot() {
        assert_eq!(of(r#"{"accuracy":0.5}"#), None);
        assert_eq!(of(r#"{"accuracy_coverage":{"gate":null,"points":[]}}"#), None);
        let html = of(r#"{"accuracy_coverage":{"gate":[-1e300,1e300,-7],"points":[[1e308,1e308,-1e308]]}}"#).unwrap();
        let plot = Plot::of_shares("");
        let [x, y] = plot.place(1.0, 0.0);
        assert_eq!(html.matches(&format!("cx=\"{x:.1}\" cy=\"{y:.1}\"")).count(), 2, "{html}");
    }
}
