//! The sum of an image and an enlarged one on the CPU, one plane at a time.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::add_enlarged::{AddEnlargedGradients, AddEnlargedOps, Enlargement, strict};
use crate::kernels::host::fresh::{Piece, written};
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::simd::vectorized;
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;
use crate::kernels::numbers::{FAR, NEAR};

impl AddEnlargedOps for Flex {
    fn add_enlarged(h: FlexTensor, s: FlexTensor, enlargement: Enlargement, launch: Launch) -> FlexTensor {
        let [batch, channels, height, width] = s.layout().shape().dims();
        let dims = [batch, channels, 2 * height, 2 * width];
        assert_eq!(h.layout().shape().dims::<4>(), dims, "add_enlarged: h is twice as large as s");
        let [h, s] = [h, s].map(contiguous);
        let (h, s) = (elements(&h), elements(&s));
        let small = height * width;
        let out = written(h.len(), 4 * small, |plane, out| {
            let (h, s) = (&h[4 * small * plane..][..4 * small], &s[small * plane..][..small]);
            match enlargement {
                Enlargement::Nearest => add_nearest(h, s, width, out),
                Enlargement::Bilinear if launch.is_strict() => strict::add_bilinear(h, s, width, out),
                Enlargement::Bilinear => add_bilinear(h, s, width, out),
            }
        });
        tensor(out, dims)
    }
}

impl AddEnlargedGradients for Flex {
    fn enlarged_gradient(gradient: FlexTensor, enlargement: Enlargement, launch: Launch) -> FlexTensor {
        let [batch, channels, height, width] = gradient.layout().shape().dims();
        let dims = [batch, channels, height / 2, width / 2];
        let gradient = contiguous(gradient);
        let gradient = elements(&gradient);
        let small = dims[2] * dims[3];
        let out = written(gradient.len() / 4, small, |plane, out| {
            let gradient = &gradient[4 * small * plane..][..4 * small];
            match enlargement {
                Enlargement::Nearest if launch.is_strict() => strict::nearest_gradient(gradient, dims[3], out),
                Enlargement::Nearest => nearest_gradient(gradient, dims[3], out),
                Enlargement::Bilinear if launch.is_strict() => strict::bilinear_gradient(gradient, dims[3], out),
                Enlargement::Bilinear => bilinear_gradient(gradient, dims[3], out),
            }
        });
        tensor(out, dims)
    }
}

fn add_nearest(h: &[f32], s: &[f32], width: usize, out: &mut Piece) {
    for (row, h) in h.chunks_exact(2 * width).enumerate() {
        let s = &s[row / 2 * width..][..width];
        out.extend_arrays(h.as_chunks().0.iter().zip(s).map(|([a, b], s)| [a + s, b + s]));
    }
}

fn nearest_gradient(gradient: &[f32], width: usize, out: &mut Piece) {
    for rows in gradient.chunks_exact(4 * width) {
        let (upper, lower) = rows.split_at(2 * width);
        let squares = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
        out.extend(squares.map(|(a, b)| (a[0] + a[1]) + (b[0] + b[1])));
    }
}

/// Widens the rows of `s`, and then adds blends of two of them to each row of `h`. So the longer loop has no shuffles.
///
/// Planes are small, so all of one is a single call of [`vectorized`], and filling the result first costs little.
fn add_bilinear(h: &[f32], s: &[f32], width: usize, out: &mut Piece) {
    let out = out.rows_of(&[0.0], h.len());
    with_scratch(2 * s.len(), |wide| {
        vectorized(|| {
            for (row, wide) in s.chunks_exact(width).zip(wide.chunks_exact_mut(2 * width)) {
                widen(row, wide);
            }
            let last = s.len() / width - 1;
            for (at, (out, h)) in out.chunks_exact_mut(2 * width).zip(h.chunks_exact(2 * width)).enumerate() {
                let own = at / 2;
                let next = if at % 2 == 0 { own.saturating_sub(1) } else { last.min(own + 1) };
                let [near, far] = [own, next].map(|row| &wide[2 * width * row..][..2 * width]);
                for (((out, h), near), far) in out.iter_mut().zip(h).zip(near).zip(far) {
                    *out = h + (NEAR * near + FAR * far);
                }
            }
        });
    });
}

/// Enlarges a row. Each two neighbours have two new pixels between them; the first and the last pixel stay what they
/// are.
#[inline(always)]
fn widen(row: &[f32], wide: &mut [f32]) {
    let [last, end] = [row.len() - 1, wide.len() - 1];
    (wide[0], wide[end]) = (row[0], row[last]);
    for ([left, right], (a, b)) in wide[1..end].as_chunks_mut().0.iter_mut().zip(row.iter().zip(&row[1..])) {
        (*left, *right) = (NEAR * a + FAR * b, FAR * a + NEAR * b);
    }
}

/// For each small row, blends the four large rows around it, and then four pixels of the blend for each small pixel.
/// What the border took twice, it gives twice.
fn bilinear_gradient(gradient: &[f32], width: usize, out: &mut Piece) {
    let out = out.rows_of(&[0.0], gradient.len() / 4);
    let last = gradient.len() / (2 * width) - 1;
    // One more pixel on each side.
    with_scratch(2 * width + 2, |blend| {
        vectorized(|| {
            for (at, out) in out.chunks_exact_mut(width).enumerate() {
                let rows = [(2 * at).max(1) - 1, 2 * at, 2 * at + 1, last.min(2 * at + 2)];
                let [above, upper, lower, below] = rows.map(|row| &gradient[2 * width * row..][..2 * width]);
                let near = upper.iter().zip(lower);
                let far = above.iter().zip(below);
                for ((blend, (upper, lower)), (above, below)) in blend[1..=2 * width].iter_mut().zip(near).zip(far) {
                    *blend = NEAR * (upper + lower) + FAR * (above + below);
                }
                (blend[0], blend[2 * width + 1]) = (blend[1], blend[2 * width]);
                let pairs = blend.as_chunks::<2>().0;
                for (out, (a, b)) in out.iter_mut().zip(pairs.iter().zip(&pairs[1..])) {
                    *out = NEAR * (a[1] + b[0]) + FAR * (a[0] + b[1]);
                }
            }
        });
    });
}
