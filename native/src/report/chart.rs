//! Line charts as inline SVG with colours from the page.
//!
//! The page restyles the same picture for light, dark and print, so CSS classes style every stroke and letter. The
//! legend is HTML, so that it wraps on a phone.

use super::plot::{HEIGHT, Plot, WIDTH};
use super::series::{Axis, Series};
use super::text::escape;

/// A chart of several curves over the steps of a run.
pub struct Chart {
    /// The heading.
    pub title: &'static str,
    /// How to read it, in a sentence.
    pub note: &'static str,
    /// What the vertical axis measures.
    pub axis: Axis,
    /// The curves.
    pub series: Vec<Series>,
    /// A step to mark, and its caption.
    pub mark: Option<(u64, &'static str)>,
}

impl Chart {
    /// The chart as a `<figure>`, or none if no curve has a value.
    pub fn render(self) -> Option<String> {
        // The place of a curve decides its colour, in every chart of a page.
        let shown = || self.series.iter().enumerate().filter(|(_, series)| series.last().is_some());
        shown().next()?;
        let plot = Plot::around(self.axis, &self.series)?;
        let legend: String = shown().map(|(i, series)| legend_entry(i, series)).collect();
        let curves: String = shown().map(|(i, series)| plot.curve(i, series)).collect();
        Some(format!(
            "<figure class=\"chart\"><figcaption><h3>{title}</h3><p>{note}</p><ul>{legend}</ul></figcaption>\
             <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">{axes}{mark}{curves}</svg></figure>\n",
            title = escape(self.title),
            note = escape(self.note),
            axes = plot.axes(),
            mark = self.mark.and_then(|(step, caption)| plot.mark(step as f64, caption)).unwrap_or_default(),
        ))
    }
}

fn legend_entry(index: usize, series: &Series) -> String {
    let last = series.last().map(series.text).unwrap_or_default();
    format!("<li class=\"c{index}\">{} <b>{last}</b></li>", escape(&series.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::series::Points;
    use crate::report::text::number;

    #[test]
    fn unusual_curves_stay_finite() {
        let curves: [Points; 4] = [
            vec![(0, Some(0.0))],
            vec![(5, Some(-3.0))],
            vec![(0, Some(1e9)), (1, None)],
            vec![(7, None), (9, Some(2.0))],
        ];
        for points in curves {
            let chart = Chart {
                title: "t",
                note: "n",
                axis: Axis::Number,
                series: vec![
                    Series { name: "a".into(), points, text: number },
                    Series { name: "b".into(), points: vec![(1, None)], text: number },
                ],
                mark: None,
            };
            let html = chart.render().expect("there is a value");
            assert!(!html.contains("NaN") && !html.contains("inf") && !html.contains("c1"), "{html}");
        }
        let nothing = Chart { title: "t", note: "n", axis: Axis::Rate, series: vec![], mark: None };
        assert!(nothing.render().is_none());
    }
}
