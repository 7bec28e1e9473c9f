//! The plot inside a chart: its scales, axes and curves.

use super::series::{Axis, Points, Series};
use super::text::{escape, thousands};
use super::thin::evenly;

/// Largest number of points of a curve.
const POINTS_MAX: usize = 1000;
/// Curves with at least this many points are faint, under their moving mean.
const SMOOTHED_FROM: usize = 150;
/// Curves with at most this many points show them as dots.
const DOTTED_UP_TO: usize = 40;

/// Width of the view box.
pub const WIDTH: f64 = 480.0;
/// Height of the view box.
pub const HEIGHT: f64 = 270.0;
/// Edges of the plot in the view box.
const LEFT: f64 = 48.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = HEIGHT - 44.0;

/// What the horizontal axis measures.
#[derive(Clone, Copy)]
enum Across {
    /// Steps of a run.
    Steps,
    /// Fractions from 0 to 1, shown in percent.
    Shares(&'static str),
}

/// The scales that map steps and values to the view box.
pub struct Plot {
    across: Across,
    axis: Axis,
    x_max: f64,
    y_min: f64,
    y_max: f64,
    /// Distance between two horizontal lines, as a value.
    y_step: f64,
}

impl Plot {
    /// The plot that holds all values, or none if there are none.
    pub fn around(axis: Axis, series: &[Series]) -> Option<Self> {
        let points = || series.iter().flat_map(|series| &series.points);
        let values = || points().filter_map(|&(_, value)| value);
        let x_max = points().map(|&(step, _)| step).max()?.max(1) as f64;
        let (y_min, y_max) = match axis {
            Axis::Rate => (0.0, 1.0),
            Axis::Number => (values().fold(0.0, f64::min), values().fold(0.0, f64::max)),
        };
        let y_step = nice_step(y_max - y_min);
        let (y_min, y_max) = ((y_min / y_step).floor() * y_step, (y_max / y_step).ceil().max(1.0) * y_step);
        Some(Self { across: Across::Steps, axis, x_max, y_min, y_max, y_step })
    }

    /// The plot of rates against shares of a whole, which the caption under it names.
    pub fn of_shares(caption: &'static str) -> Self {
        let across = Across::Shares(caption);
        Self { across, axis: Axis::Rate, x_max: 1.0, y_min: 0.0, y_max: 1.0, y_step: 0.2 }
    }

    /// Where a rate at a share is in the view box; both are kept within the plot.
    pub fn place(&self, share: f64, rate: f64) -> [f64; 2] {
        [self.x(share.clamp(0.0, 1.0)), self.y(rate.clamp(0.0, 1.0))]
    }

    fn x(&self, step: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * step / self.x_max
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * (value - self.y_min) / (self.y_max - self.y_min)
    }

    /// Lines and captions of both axes.
    pub fn axes(&self) -> String {
        let mut out = String::new();
        for value in ticks(self.y_min, self.y_max, self.y_step) {
            let (y, text) = (self.y(value), self.tick(value));
            let class = if value == 0.0 { "base" } else { "rule" };
            out += &format!("<path class=\"{class}\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>");
            out += &format!("<text class=\"y\" x=\"{:.1}\" y=\"{y:.1}\" dy=\".35em\">{text}</text>", LEFT - 8.0);
        }
        let (least, caption) = match self.across {
            Across::Steps => (1.0, "step"),
            Across::Shares(caption) => (0.0, caption),
        };
        for value in ticks(0.0, self.x_max, nice_step(self.x_max).max(least)) {
            let (x, text) = (self.x(value), self.x_tick(value));
            out += &format!("<text class=\"x\" x=\"{x:.1}\" y=\"{:.1}\">{text}</text>", BOTTOM + 18.0);
        }
        let (x, y) = ((LEFT + RIGHT) / 2.0, HEIGHT - 6.0);
        out + &format!("<text class=\"x\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(caption))
    }

    fn x_tick(&self, value: f64) -> String {
        match self.across {
            Across::Steps => thousands(value as u64),
            Across::Shares(_) => share_tick(value),
        }
    }

    fn tick(&self, value: f64) -> String {
        match self.axis {
            Axis::Rate => share_tick(value),
            Axis::Number if self.y_max >= 1e5 => format!("{value:.0e}"),
            Axis::Number => format!("{value:.*}", (-self.y_step.log10().floor()).max(0.0) as usize),
        }
    }

    /// A vertical line at a step or share, or none if that is outside the plot.
    pub fn mark(&self, place: f64, caption: &str) -> Option<String> {
        let x = self.x(Some(place).filter(|&place| place > 0.0 && place < self.x_max)?);
        let (anchor, text_x) = if x < (LEFT + RIGHT) / 2.0 { ("start", x + 6.0) } else { ("end", x - 6.0) };
        Some(format!(
            "<path class=\"mark\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>\
             <text text-anchor=\"{anchor}\" x=\"{text_x:.1}\" y=\"{:.1}\">{}</text>",
            TOP + 8.0,
            escape(caption)
        ))
    }

    /// A curve in the colour `index`: long curves under their moving mean, short curves with dots that show values.
    pub fn curve(&self, index: usize, series: &Series) -> String {
        let points: Points = evenly(&series.points, POINTS_MAX).copied().collect();
        let line =
            |class: &str, points: &Points| format!("<path class=\"{class} c{index}\" d=\"{}\"/>", self.path(points));
        if points.len() >= SMOOTHED_FROM {
            return line("raw", &points) + &line("line", &moving_mean(&points));
        }
        let dots = points.iter().filter(|_| points.len() <= DOTTED_UP_TO).filter_map(|&(step, value)| {
            let (x, y, text) = (self.x(step as f64), self.y(value?), (series.text)(value?));
            let title = format!("<title>step {}: {text}</title>", thousands(step));
            Some(format!("<circle class=\"c{index}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\">{title}</circle>"))
        });
        line("line", &points) + &dots.collect::<String>()
    }

    /// Path data with a new start after each gap.
    fn path(&self, points: &[(u64, Option<f64>)]) -> String {
        let mut out = String::new();
        let mut command = 'M';
        for &(step, value) in points {
            command = match value {
                Some(value) => {
                    out += &format!("{command}{:.1} {:.1}", self.x(step as f64), self.y(value));
                    'L'
                }
                None => 'M',
            };
        }
        out
    }
}

fn share_tick(share: f64) -> String {
    format!("{:.0}\u{202f}%", share * 100.0)
}

/// The mean of each value's neighbourhood, whose width is a thirtieth of the curve; gaps stay.
fn moving_mean(points: &[(u64, Option<f64>)]) -> Points {
    let reach = points.len() / 60;
    let mean = |centre: usize| {
        let window = &points[centre.saturating_sub(reach)..points.len().min(centre + reach + 1)];
        let values = || window.iter().filter_map(|&(_, value)| value);
        values().sum::<f64>() / values().count() as f64
    };
    points.iter().enumerate().map(|(i, &(step, value))| (step, value.map(|_| mean(i)))).collect()
}

/// A spacing of 1, 2 or 5 times a power of ten that divides `range` into about five parts.
fn nice_step(range: f64) -> f64 {
    let raw = if range > 0.0 { range / 5.0 } else { 0.2 };
    let power = 10f64.powf(raw.log10().floor());
    let multiple = [1.0, 2.0, 5.0].into_iter().find(|multiple| raw <= multiple * power * 1.0001).unwrap_or(10.0);
    multiple * power
}

/// Multiples of `spacing` from `min` to `max`.
fn ticks(min: f64, max: f64, spacing: f64) -> impl Iterator<Item = f64> {
    let (first, last) = ((min / spacing - 1e-9).ceil() as i64, (max / spacing + 1e-9).floor() as i64);
    (first..=last).map(move |multiple| multiple as f64 * spacing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacings_are_round() {
        assert_eq!([1.0, 3000.0, 2.2, 7.0].map(nice_step), [0.2, 1000.0, 0.5, 2.0]);
        assert_eq!(ticks(0.0, 2.2, 0.5).collect::<Vec<_>>(), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert!(nice_step(0.0) > 0.0);
    }

    #[test]
    fn gaps_break_the_line() {
        let plot = Plot { across: Across::Steps, x_max: 4.0, ..Plot::of_shares("") };
        let path = plot.path(&[(0, Some(0.0)), (1, Some(1.0)), (2, None), (3, Some(0.5)), (4, Some(0.5))]);
        assert_eq!(path.matches('M').count(), 2);
        assert!(path.starts_with(&format!("M{LEFT:.1} {BOTTOM:.1}L")), "{path}");
    }

    #[test]
    fn a_moving_mean_keeps_lines_and_gaps() {
        let mut points: Points = (0..300).map(|k| (k, Some(k as f64))).collect();
        points[150].1 = None;
        let mean = moving_mean(&points);
        assert_eq!((mean[100], mean[150]), ((100, Some(100.0)), (150, None)));
    }
}
