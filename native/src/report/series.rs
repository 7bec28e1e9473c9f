//! The curves of a chart.

/// Steps and values; a missing value leaves a gap.
pub type Points = Vec<(u64, Option<f64>)>;

/// One curve.
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its values in the order of steps.
    pub points: Points,
    /// Formats a value.
    pub text: fn(f64) -> String,
}

/// What the vertical axis measures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Fractions from 0 to 1, shown in percent.
    Rate,
    /// Any numbers; the axis includes 0.
    Number,
}

impl Series {
    /// The last value, if there is one.
    pub fn last(&self) -> Option<f64> {
        self.points.iter().rev().find_map(|&(_, value)| value)
    }
}
