//! Charts with a logarithmic axis of distances, as inline SVG with colours from the page.

use crate::report::escape;

/// Steps and distances; a missing value leaves a gap.
pub type Points = Vec<(u64, Option<f64>)>;

/// A distance over the steps, and its bound.
pub struct Curve {
    /// Its name in the legend.
    pub name: &'static str,
    /// The distances; 0 for equal bits.
    pub found: Points,
    /// What is allowed.
    pub allowed: Points,
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 270.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = HEIGHT - 44.0;

/// How many powers of ten have a line of their own.
const LINES_MAX: i32 = 8;

/// The powers of ten below and above all values, and the last step.
struct Scale {
    low: i32,
    high: i32,
    last: f64,
}

/// A chart; none if no curve has a value.
pub fn chart(title: &str, curves: &[Curve]) -> Option<String> {
    let curves: Vec<&Curve> =
        curves.iter().filter(|curve| curve.found.iter().any(|(_, value)| value.is_some())).collect();
    let scale = Scale::around(&curves)?;
    let legend: String = curves
        .iter()
        .enumerate()
        .map(|(at, curve)| format!("<li class=\"c{at}\">{}</li>", escape(curve.name)))
        .collect();
    let lines: String = curves.iter().enumerate().map(|(at, curve)| scale.curve(at, curve)).collect();
    let title = escape(title);
    Some(format!(
        "<figure class=\"chart\"><figcaption><h3>{title}</h3><ul>{legend}</ul></figcaption>\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">{}{lines}</svg></figure>\n",
        scale.axes()
    ))
}

impl Scale {
    fn around(curves: &[&Curve]) -> Option<Self> {
        let points = || curves.iter().flat_map(|curve| curve.found.iter().chain(&curve.allowed));
        let positive = || points().filter_map(|&(_, value)| value.filter(|&value| value > 0.0 && value.is_finite()));
        let last = points().map(|&(step, _)| step).max()?.max(1) as f64;
        let (low, high) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
        if high == 0.0 {
            return Some(Self { low: -8, high: 0, last });
        }
        // The bottom line is for equal bits, so it is a power below all others.
        let (low, high) = (low.log10().floor() as i32 - 1, high.log10().ceil() as i32);
        Some(Self { low, high: high.max(low + 2), last })
    }

    fn x(&self, step: u64) -> f64 {
        LEFT + (RIGHT - LEFT) * step as f64 / self.last
    }

    fn y(&self, value: f64) -> f64 {
        let power = if value > 0.0 { value.log10().clamp(self.low.into(), self.high.into()) } else { self.low.into() };
        BOTTOM - (BOTTOM - TOP) * (power - f64::from(self.low)) / f64::from(self.high - self.low)
    }

    fn axes(&self) -> String {
        let mut out = String::new();
        let spacing = (self.high - self.low).div_euclid(LINES_MAX) + 1;
        for power in (self.low..=self.high).step_by(spacing as usize) {
            let y = self.y(10f64.powi(power));
            let (class, text) =
                if power == self.low { ("base", "equal".to_owned()) } else { ("rule", format!("1e{power}")) };
            out += &format!("<path class=\"{class}\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>");
            out += &format!("<text class=\"y\" x=\"{:.1}\" y=\"{y:.1}\" dy=\".35em\">{text}</text>", LEFT - 8.0);
        }
        let last = self.last as u64;
        let spacing = last.div_ceil(6).max(1);
        for step in (0..=last).step_by(spacing as usize) {
            out += &format!("<text class=\"x\" x=\"{:.1}\" y=\"{:.1}\">{step}</text>", self.x(step), BOTTOM + 18.0);
        }
        out + &format!("<text class=\"x\" x=\"{:.1}\" y=\"{:.1}\">step</text>", (LEFT + RIGHT) / 2.0, HEIGHT - 6.0)
    }

    /// The bound as a dashed line, the distance as a solid one with dots.
    fn curve(&self, index: usize, curve: &Curve) -> String {
        let dots = curve.found.iter().filter_map(|&(step, value)| {
            let value = value?;
            Some(format!(
                "<circle class=\"c{index}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.6\"><title>step {step}: {value:.1e}</title>\
                 </circle>",
                self.x(step),
                self.y(value)
            ))
        });
        format!(
            "<path class=\"line allowed c{index}\" d=\"{}\"/><path class=\"line c{index}\" d=\"{}\"/>{}",
            self.path(&curve.allowed),
            self.path(&curve.found),
            dots.collect::<String>()
        )
    }

    /// Path data with a new start after each gap.
    fn path(&self, points: &Points) -> String {
        let (mut out, mut command) = (String::new(), 'M');
        for &(step, value) in points {
            command = match value {
                Some(value) => {
                    out += &format!("{command}{:.1} {:.1}", self.x(step), self.y(value));
                    'L'
                }
                None => 'M',
            };
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(found: Points, allowed: Points) -> Curve {
        Curve { name: "losses", found, allowed }
    }

    #[test]
    fn equal_bits_are_on_the_bottom_line_and_large_values_on_top() {
        let curve = curve(vec![(1, Some(0.0)), (2, Some(1e-6))], vec![(1, Some(1e-3)), (2, Some(1e-2))]);
        let scale = Scale::around(&[&curve]).unwrap();
        assert_eq!((scale.low, scale.high, scale.last), (-7, -2, 2.0));
        assert_eq!((scale.y(0.0), scale.y(1e-2)), (BOTTOM, TOP));
        assert!(scale.y(1e-6) < BOTTOM && scale.y(1e-6) > scale.y(1e-3));
        assert_eq!((scale.x(0), scale.x(2)), (LEFT, RIGHT));
    }

    #[test]
    fn unusual_curves_stay_finite() {
        for found in [0.0, 1e-300, 1e300, 1.0] {
            let html = chart("a & b", &[curve(vec![(1, Some(found)), (2, None)], vec![(1, None)])]).unwrap();
            assert!(!html.contains("NaN") && !html.contains("inf") && html.contains("a &amp; b"), "{html}");
        }
        assert!(chart("none", &[curve(vec![(1, None)], vec![(1, Some(1.0))])]).is_none());
    }
}
