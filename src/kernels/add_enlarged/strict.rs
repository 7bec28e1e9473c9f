//! The sum with an enlarged image in strict arithmetic: the order of `add_enlarged_bilinear.wgsl` and of the gradients.

use crate::kernels::host::fresh::Piece;
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::strict::settled;
use crate::kernels::numbers::{FAR, NEAR};

/// The gradient of a plane of `s` from that of the sum with squares, whose columns are added up first.
pub fn nearest_gradient(gradient: &[f32], width: usize, out: &mut Piece) {
    for rows in gradient.chunks_exact(4 * width) {
        let (upper, lower) = rows.split_at(2 * width);
        let squares = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        out.extend(squares.map(|(a, b)| (a[0] + b[0]) + (a[1] + b[1])));
    }
}

/// Adds a plane of `s`, enlarged, to one of `h`.
pub fn add_bilinear(h: &[f32], s: &[f32], width: usize, out: &mut Piece) {
    let last = s.len() / width - 1;
    with_scratch(2 * s.len(), |wide| {
        for (row, wide) in s.chunks_exact(width).zip(wide.chunks_exact_mut(2 * width)) {
            widen(row, wide);
        }
        for (at, h) in h.chunks_exact(2 * width).enumerate() {
            let own = at / 2;
            let next = if at % 2 == 0 { own.saturating_sub(1) } else { last.min(own + 1) };
            let [near, far] = [own, next].map(|row| &wide[2 * width * row..][..2 * width]);
            let blends = h.iter().zip(near).zip(far);
            out.extend(blends.map(|((h, near), far)| settled(h + (NEAR * near + FAR * far))));
        }
    });
}

/// Enlarges a row. At the border, a pixel is its own neighbour.
fn widen(row: &[f32], wide: &mut [f32]) {
    for (at, pair) in wide.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let sides = [row[at.saturating_sub(1)], row[(at + 1).min(row.len() - 1)]];
        *pair = sides.map(|side| NEAR * row[at] + FAR * side);
    }
}

/// The gradient of a plane of `s` from that of the sum.
pub fn bilinear_gradient(gradient: &[f32], width: usize, out: &mut Piece) {
    let last = gradient.len() / (2 * width) - 1;
    with_scratch(gradient.len() / 2, |narrow| {
        for (row, narrow) in gradient.chunks_exact(2 * width).zip(narrow.chunks_exact_mut(width)) {
            narrowed(row, narrow);
        }
        for at in 0..=last / 2 {
            let rows = [(2 * at).max(1) - 1, 2 * at, 2 * at + 1, last.min(2 * at + 2)];
            let [above, upper, lower, below] = rows.map(|row| &narrow[width * row..][..width]);
            let near = upper.iter().zip(lower).map(|(upper, lower)| NEAR * (upper + lower));
            let far = above.iter().zip(below).map(|(above, below)| FAR * (above + below));
            out.extend(near.zip(far).map(|(near, far)| settled(near + far)));
        }
    });
}

/// What each pixel of `s` gathers from one large row.
fn narrowed(row: &[f32], narrow: &mut [f32]) {
    let last = row.len() - 1;
    for (at, narrow) in narrow.iter_mut().enumerate() {
        let left = 2 * at;
        let sides = row[left.max(1) - 1] + row[(left + 2).min(last)];
        *narrow = NEAR * (row[left] + row[left + 1]) + FAR * sides;
    }
}
