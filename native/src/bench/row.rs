//! The measurements of one kernel at one shape, compared with the device's ceilings.

use serde::Serialize;

/// The ceilings of a device.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limits {
    /// Billions of floating-point operations per second.
    pub gflops: f64,
    /// Billions of bytes per second, reads and writes together.
    pub gbps: f64,
}

/// The measurements of one kernel at one shape.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The shader's file without its extension, or `conv2d` for the sum of a convolution's three kernels.
    pub name: String,
    /// Preset and sizes, as text.
    pub shape: String,
    ms: f64,
    stock_ms: f64,
    /// Above 1, ours is faster.
    pub ratio_to_stock: f64,
    /// The ceiling that the kernel comes nearer to: `compute` or `bandwidth`.
    pub bound: &'static str,
    /// The share of that ceiling that it reaches. It exceeds 1 only if data stay in a cache.
    pub share_of_ceiling: f64,
    #[serde(skip)]
    flops: f64,
    #[serde(skip)]
    bytes: f64,
}

impl Row {
    /// The figures of a kernel, from the milliseconds of ours and stock and from the operations and bytes per call.
    pub fn new(name: &str, shape: &str, [ms, stock_ms]: [f64; 2], [flops, bytes]: [f64; 2], limits: Limits) -> Self {
        let seconds = ms / 1e3;
        let (of_compute, of_bandwidth) = (flops / 1e9 / seconds / limits.gflops, bytes / 1e9 / seconds / limits.gbps);
        let is_compute = of_compute > of_bandwidth;
        Self {
            name: name.to_owned(),
            shape: shape.to_owned(),
            ms,
            stock_ms,
            ratio_to_stock: stock_ms / ms,
            bound: if is_compute { "compute" } else { "bandwidth" },
            share_of_ceiling: if is_compute { of_compute } else { of_bandwidth },
            flops,
            bytes,
        }
    }

    /// The row of a table.
    pub fn cells(&self) -> [String; 9] {
        [
            self.name.clone(),
            self.shape.clone(),
            format!("{:.3}", self.ms),
            format!("{:.3}", self.stock_ms),
            format!("{:.2}", self.ratio_to_stock),
            format!("{:.1}", self.flops / self.ms / 1e6),
            format!("{:.1}", self.bytes / self.ms / 1e6),
            self.bound.to_owned(),
            format!("{:.0} %", 100.0 * self.share_of_ceiling),
        ]
    }
}

/// The rows, with a sum after the three rows of each convolution.
pub fn with_sums(rows: Vec<Row>, limits: Limits) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    for row in rows {
        all.push(row);
        let [.., forward, input, weight] = all.as_slice() else { continue };
        if weight.name == "conv2d_weight_gradient" && forward.shape == weight.shape && input.shape == weight.shape {
            let parts = [forward, input, weight];
            let sum = |of: fn(&Row) -> f64| parts.iter().map(|row| of(row)).sum::<f64>();
            let (times, work) =
                ([sum(|row| row.ms), sum(|row| row.stock_ms)], [sum(|row| row.flops), sum(|row| row.bytes)]);
            let total = Row::new("conv2d", &weight.shape, times, work, limits);
            all.push(total);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { gflops: 100.0, gbps: 10.0 };

    fn row(name: &str, [ms, stock_ms]: [f64; 2]) -> Row {
        Row::new(name, "shape", [ms, stock_ms], [1e8, 1e6], LIMITS)
    }

    #[test]
    fn rows_have_the_documented_fields() {
        let row = serde_json::to_value(row("tanh", [2.0, 4.0])).unwrap();
        let fields: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["bound", "ms", "name", "ratio_to_stock", "shape", "share_of_ceiling", "stock_ms"]);
        // 0.1 GFLOP in 2 ms is half of the compute ceiling, and 1 MB is a twentieth of the bandwidth ceiling.
        assert_eq!((&row["bound"], &row["share_of_ceiling"]), (&"compute".into(), &0.5.into()));
        assert_eq!(row["ratio_to_stock"], 2.0);
    }

    #[test]
    fn the_rows_of_a_convolution_are_summed() {
        let names = ["conv2d_forward", "conv2d_input_gradient", "conv2d_weight_gradient", "tanh"];
        let rows = names.map(|name| row(name, [2.0, 5.0])).to_vec();
        let found = with_sums(rows, LIMITS);
        let names: Vec<&str> = found.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["conv2d_forward", "conv2d_input_gradient", "conv2d_weight_gradient", "conv2d", "tanh"]);
        assert_eq!((found[3].ms, found[3].stock_ms, found[3].share_of_ceiling), (6.0, 15.0, 0.5));
    }
}
