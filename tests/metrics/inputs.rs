//! Inputs that the scripts in `tests/reference/` make with the same integer formulas, and a comparison of results.

/// Bijective hash of 32-bit integers (lowbias32).
pub fn scramble(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7FEB_352D);
    x = (x ^ (x >> 15)).wrapping_mul(0x846C_A68B);
    x ^ (x >> 16)
}

/// Correlated features `[count, dim]`, multiples of 1/1024.
pub fn features(seed: u32, count: u32, dim: u32, scale: u32) -> Vec<f32> {
    let value = |row: u32, column: u32| {
        let own = scramble(seed * 1_000_003 + row * dim + column) % 1024;
        let shared = scramble(seed * 1_000_003 + 500_000 + row) % 1024;
        (own * scale + shared * (column % 3) + column * seed) as f32 / 1024.0
    };
    (0..count).flat_map(|row| (0..dim).map(move |column| value(row, column))).collect()
}

/// Checks a value to a relative tolerance; values near 0, to an absolute one.
pub fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let error = (found - expected).abs() / expected.abs().max(1.0);
    assert!(error <= tolerance, "{what}: found {found}, expected {expected}, error {error:e}");
}

/// Logits `[count, classes]`, multiples of 1/1024 from 0 to `sharpness`.
pub fn logits(seed: u32, count: u32, classes: u32, sharpness: u32) -> Vec<f32> {
    let value = |index: u32| (scramble(seed * 1_000_003 + index) % 1024 * sharpness) as f32 / 1024.0;
    (0..count * classes).map(value).collect()
}
