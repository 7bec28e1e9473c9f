//! DiffAugment on the CPU, one image at a time.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::diff_augment::image::Image;
use crate::kernels::diff_augment::{Change, DiffAugmentGradients, DiffAugmentOps, PARAMETERS};
use crate::kernels::host::fresh::{Piece, written};
use crate::kernels::host::scratch::with_scratch;
use crate::kernels::host::tensor::{contiguous, elements, tensor};
use crate::kernels::launch::Launch;

impl DiffAugmentOps for Flex {
    fn diff_augment(images: FlexTensor, rows: FlexTensor, color: bool, launch: Launch) -> FlexTensor {
        each_image(images, rows, |image, out| {
            let len = image.pixels.len();
            let moved = out.rows_of(&[0.0], len);
            if launch.is_strict() {
                return image.strictly_changed(color, moved);
            }
            if !color {
                return image.move_to(moved);
            }
            with_scratch(len, |coloured| {
                image.colour(image.change.brightness, coloured);
                Image { pixels: coloured, ..image }.move_to(moved);
            });
        })
    }
}

impl DiffAugmentGradients for Flex {
    fn diff_augment_gradient(gradient: FlexTensor, rows: FlexTensor, color: bool, launch: Launch) -> FlexTensor {
        each_image(gradient, rows, |image, out| {
            let len = image.pixels.len();
            let changed = out.rows_of(&[0.0], len);
            if launch.is_strict() {
                return image.strictly_changed_back(color, changed);
            }
            if !color {
                return image.move_back_to(changed);
            }
            with_scratch(len, |moved| {
                moved.fill(0.0);
                image.move_back_to(moved);
                // Without the brightness, the change of colours is linear and its own transpose.
                Image { pixels: moved, ..image }.colour(0.0, changed);
            });
        })
    }
}

/// The images that `work` makes from `images`, each given with its change.
///
/// # Panics
/// If the images are not square, or their number is not the number of rows.
fn each_image(images: FlexTensor, rows: FlexTensor, work: impl Fn(Image, &mut Piece) + Send + Sync) -> FlexTensor {
    let dims @ [batch, channels, size, width] = images.layout().shape().dims();
    assert_eq!(size, width, "diff_augment: images are square");
    assert_eq!(rows.layout().shape().dims::<2>(), [batch, PARAMETERS], "diff_augment: every image has its parameters");
    let [images, rows] = [images, rows].map(contiguous);
    let (pixels, rows) = (elements(&images), elements(&rows).as_chunks::<PARAMETERS>().0);
    let len = channels * size * size;
    let out = written(batch * len, len, |index, out| {
        let pixels = &pixels[index * len..][..len];
        work(Image { pixels, size, change: Change::of_row(rows[index]) }, out);
    });
    tensor(out, dims)
}
