//! The sum of an image and an enlarged one on the CPU, a plane at a time.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use super::parallel::for_each_piece;
use super::tensor::{contiguous, elements, tensor};
use crate::kernels::add_enlarged::{AddEnlargedGradients, AddEnlargedOps};

impl AddEnlargedOps for Flex {
    /// # Panics
    /// If `h` is not twice as large as `s`.
    fn add_enlarged(h: FlexTensor, s: FlexTensor) -> FlexTensor {
        let [batch, channels, height, width] = s.layout().shape().dims();
        let dims = [batch, channels, 2 * height, 2 * width];
        assert_eq!(h.layout().shape().dims::<4>(), dims, "add_enlarged: h is twice as large as s");
        let [h, s] = [h, s].map(contiguous);
        let (h, s) = (elements(&h), elements(&s));
        let mut out = vec![0.0; h.len()];
        for_each_piece(&mut out, 4 * height * width, |plane, out| {
            let h = &h[plane * out.len()..][..out.len()];
            for (row, (out, h)) in out.chunks_exact_mut(2 * width).zip(h.chunks_exact(2 * width)).enumerate() {
                let s = &s[(plane * height + row / 2) * width..][..width];
                for ((out, h), s) in out.as_chunks_mut::<2>().0.iter_mut().zip(h.as_chunks::<2>().0).zip(s) {
                    *out = [h[0] + s, h[1] + s];
                }
            }
        });
        tensor(out, dims)
    }
}

impl AddEnlargedGradients for Flex {
    fn enlarged_gradient(gradient: FlexTensor) -> FlexTensor {
        let [batch, channels, height, width] = gradient.layout().shape().dims();
        let small = [height / 2, width / 2];
        let gradient = contiguous(gradient);
        let gradient = elements(&gradient);
        let mut out = vec![0.0; gradient.len() / 4];
        for_each_piece(&mut out, small[0] * small[1], |plane, out| {
            let gradient = &gradient[plane * height * width..][..height * width];
            for (out, rows) in out.chunks_exact_mut(small[1]).zip(gradient.chunks_exact(2 * width)) {
                let (upper, lower) = rows.split_at(width);
                for ((out, a), b) in out.iter_mut().zip(upper.as_chunks::<2>().0).zip(lower.as_chunks::<2>().0) {
                    *out = (a[0] + a[1]) + (b[0] + b[1]);
                }
            }
        });
        tensor(out, [batch, channels, small[0], small[1]])
    }
}
