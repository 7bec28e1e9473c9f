//! The sum of an image and an enlarged one on the CPU, one plane at a time.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::add_enlarged::{AddEnlargedGradients, AddEnlargedOps};
use crate::kernels::host::fresh::written;
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;

impl AddEnlargedOps for Flex {
    fn add_enlarged(h: FlexTensor, s: FlexTensor, _launch: Launch) -> FlexTensor {
        let [batch, channels, height, width] = s.layout().shape().dims();
        let dims = [batch, channels, 2 * height, 2 * width];
        assert_eq!(h.layout().shape().dims::<4>(), dims, "add_enlarged: h is twice as large as s");
        let [h, s] = [h, s].map(contiguous);
        let (h, s) = (elements(&h), elements(&s));
        let out = written(h.len(), 4 * height * width, |plane, out| {
            let h = &h[plane * 4 * height * width..][..4 * height * width];
            for (row, h) in h.chunks_exact(2 * width).enumerate() {
                let s = &s[(plane * height + row / 2) * width..][..width];
                out.extend_arrays(h.as_chunks().0.iter().zip(s).map(|([a, b], s)| [a + s, b + s]));
            }
        });
        tensor(out, dims)
    }
}

impl AddEnlargedGradients for Flex {
    fn enlarged_gradient(gradient: FlexTensor, _launch: Launch) -> FlexTensor {
        let [batch, channels, height, width] = gradient.layout().shape().dims();
        let small = [height / 2, width / 2];
        let gradient = contiguous(gradient);
        let gradient = elements(&gradient);
        let out = written(gradient.len() / 4, small[0] * small[1], |plane, out| {
            let gradient = &gradient[plane * height * width..][..height * width];
            for rows in gradient.chunks_exact(2 * width) {
                let (upper, lower) = rows.split_at(width);
                let squares = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
                out.extend(squares.map(|(a, b)| (a[0] + a[1]) + (b[0] + b[1])));
            }
        });
        tensor(out, [batch, channels, small[0], small[1]])
    }
}
