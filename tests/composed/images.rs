//! Operations on images.

use burn::tensor::{Tensor, activation};
use slgan::kernels::add_enlarged::{Enlargement, add_enlarged};
use slgan::kernels::batch_norm::batch_norm_relu;
use slgan::kernels::conv2d::{Addend, ConvShape, conv2d, conv2d_add, conv2d_leaky_relu};
use slgan::kernels::diff_augment::{Augmentation, Policy};
use slgan::kernels::downsample::downsample2;
use slgan::kernels::launch::Launch;
use slgan::kernels::leaky_relu::{SLOPE, leaky_relu};
use slgan::kernels::linear::{linear, weighted_rows};
use slgan::kernels::tanh::tanh;
use slgan::rng::{Purpose, stream};

use super::{agree, devices, draw, forms, values, with_gradients};

#[test]
fn convolutions() {
    for device in devices() {
        for (x, [outputs, size], stride, enlarge) in [
            ([2, 3, 8, 8], [16, 3], 2, false),
            ([3, 5, 9, 4], [2, 3], 1, false),
            ([2, 16, 4, 4], [8, 3], 1, true),
            ([4, 7, 5, 5], [6, 1], 1, false),
        ] {
            let shape = ConvShape { stride, enlarge };
            let inputs = [draw(0, x, &device), draw(1, [outputs, x[1], size, size], &device)];
            let bias = || draw(2, [outputs], &device).autodiff();
            let ours = with_gradients(inputs.clone(), |[x, weight]| conv2d(x, weight, bias(), shape));
            let composed = with_gradients(inputs, |[x, weight]| forms::conv2d(x, weight, bias(), shape));
            agree(&format!("conv2d {x:?} {shape:?} {device:?}"), &ours, &composed);
        }
    }
}

/// Two in a row, so that one reads what another one hands on.
#[test]
fn convolutions_with_leaky_relus() {
    for device in devices() {
        let inputs = [draw(0, [2, 3, 8, 8], &device), draw(1, [6, 3, 3, 3], &device), draw(2, [4, 6, 3, 3], &device)];
        let bias = |number, outputs| draw(number, [outputs], &device).autodiff();
        let shape = ConvShape { stride: 2, enlarge: false };
        let ours = with_gradients(inputs.clone(), |[x, first, second]| {
            let h = conv2d_leaky_relu(x.into(), first, bias(3, 6), shape, Launch::default());
            conv2d_leaky_relu(h, second, bias(4, 4), shape, Launch::default()).values()
        });
        let leaky = |x| activation::leaky_relu(x, f64::from(SLOPE));
        let composed = with_gradients(inputs, |[x, first, second]| {
            let h = leaky(forms::conv2d(x, first, bias(3, 6), shape));
            leaky(forms::conv2d(h, second, bias(4, 4), shape))
        });
        agree(&format!("conv2d_leaky_relu {device:?}"), &ours, &composed);
    }
}

#[test]
fn convolutions_that_end_a_block() {
    type Resized = fn(Tensor<4>) -> Tensor<4>;
    let addends: [(Addend, [usize; 2], Resized); 4] = [
        (Addend::Same, [6, 8], |addend| addend),
        (Addend::Halved, [12, 16], downsample2),
        (Addend::Enlarged(Enlargement::Nearest), [3, 4], forms::enlarged),
        (Addend::Enlarged(Enlargement::Bilinear), [3, 4], forms::enlarged_bilinearly),
    ];
    for device in devices() {
        let bias = || draw(3, [5], &device).autodiff();
        for (form, [height, width], resized) in addends {
            for (x, enlarge) in [([2, 3, 6, 8], false), ([2, 3, 3, 4], true)] {
                let shape = ConvShape { stride: 1, enlarge };
                let inputs =
                    [draw(0, x, &device), draw(1, [5, 3, 3, 3], &device), draw(2, [2, 5, height, width], &device)];
                let ours = with_gradients(inputs.clone(), |[x, weight, addend]| {
                    conv2d_add(x, weight, bias(), addend, form, shape, Launch::default())
                });
                let composed = with_gradients(inputs, |[x, weight, addend]| {
                    forms::conv2d(x, weight, bias(), shape) + resized(addend)
                });
                agree(&format!("conv2d_add {form:?} {shape:?} {device:?}"), &ours, &composed);
            }
        }
    }
}

#[test]
fn biases_of_convolutions() {
    for device in devices() {
        for (stride, enlarge) in [(1, false), (2, false), (1, true)] {
            let shape = ConvShape { stride, enlarge };
            let (x, weight) = (draw(0, [2, 3, 6, 6], &device), draw(1, [5, 3, 3, 3], &device));
            let inputs = || (x.clone().autodiff(), weight.clone().autodiff());
            let bias = [draw(2, [5], &device)];
            let ours = with_gradients(bias.clone(), |[bias]| conv2d(inputs().0, inputs().1, bias, shape));
            let composed = with_gradients(bias, |[bias]| forms::conv2d(inputs().0, inputs().1, bias, shape));
            agree(&format!("bias {shape:?} {device:?}"), &ours, &composed);
        }
    }
}

#[test]
fn linear_layers() {
    for device in devices() {
        let inputs = [draw::<2>(0, [7, 33], &device), draw(1, [5, 33], &device)];
        let bias = || draw(2, [5], &device).autodiff();
        let ours = with_gradients(inputs.clone(), |[x, weight]| linear(x, weight, bias()));
        let composed = with_gradients(inputs, |[x, weight]| x.matmul(weight.transpose()) + bias().unsqueeze());
        agree(&format!("linear {device:?}"), &ours, &composed);
    }
}

#[test]
fn sums_of_rows() {
    for device in devices() {
        let inputs = [draw::<2>(0, [7, 10], &device), draw(1, [10, 33], &device)];
        let launch = Launch::default();
        let ours = with_gradients(inputs.clone(), |[weights, table]| weighted_rows(weights, table, launch));
        let composed = with_gradients(inputs, |[weights, table]| weights.matmul(table));
        agree(&format!("weighted_rows {device:?}"), &ours, &composed);
    }
}

#[test]
fn activations_and_sums() {
    for device in devices() {
        let x = || [draw::<4>(0, [3, 5, 7, 11], &device)];
        let slope = f64::from(SLOPE);
        let (ours, composed) =
            (with_gradients(x(), |[x]| leaky_relu(x)), with_gradients(x(), |[x]| activation::leaky_relu(x, slope)));
        agree(&format!("leaky_relu {device:?}"), &ours, &composed);
        let (ours, composed) = (with_gradients(x(), |[x]| tanh(x)), with_gradients(x(), |[x]| activation::tanh(x)));
        agree(&format!("tanh {device:?}"), &ours, &composed);
    }
}

#[test]
fn sums_with_an_enlarged_image() {
    for device in devices() {
        for [height, width] in [[3, 5], [4, 4], [1, 7], [6, 1]] {
            let s = draw(2, [2, 3, height, width], &device);
            let pair = || [draw::<4>(1, [2, 3, 2 * height, 2 * width], &device), s.clone()];
            let compare = |enlargement, form: fn(Tensor<4>) -> Tensor<4>| {
                let ours = with_gradients(pair(), |[h, s]| add_enlarged(h, s, enlargement));
                let composed = with_gradients(pair(), |[h, s]| h + form(s));
                agree(&format!("add_enlarged {enlargement:?} {height}x{width} {device:?}"), &ours, &composed);
            };
            compare(Enlargement::Nearest, forms::enlarged);
            compare(Enlargement::Bilinear, forms::enlarged_bilinearly);
            let [composed, interpolated] =
                [forms::enlarged_bilinearly(s.clone().autodiff()), forms::interpolated_bilinearly(s.clone())];
            agree(&format!("bilinear {height}x{width} {device:?}"), &[values(composed)], &[values(interpolated)]);
        }
    }
}

#[test]
fn batch_normalisation() {
    for device in devices() {
        for (dims, rows) in
            [([2, 1, 1, 1], 1), ([4, 3, 5, 7], 1), ([4, 3, 5, 7], 4), ([64, 16, 8, 8], 1), ([3, 17, 1, 33], 3)]
        {
            let x = || draw::<4>(0, dims, &device) * 3.0 + 1.0;
            let parameters = || [draw::<2>(1, [rows, dims[1]], &device), draw(2, [rows, dims[1]], &device)];
            let results = |norm: fn(Tensor<4>, Tensor<2>, Tensor<2>) -> (Tensor<4>, Tensor<1>, Tensor<1>)| {
                let [scale, shift] = parameters();
                let of_x = with_gradients([x()], |[x]| norm(x, scale.autodiff(), shift.autodiff()).0);
                let of_parameters = with_gradients(parameters(), |[scale, shift]| norm(x().autodiff(), scale, shift).0);
                let [scale, shift] = parameters();
                let (_, mean, variance) = norm(x(), scale, shift);
                [of_x, of_parameters, vec![values(mean), values(variance)]].concat()
            };
            agree(&format!("{dims:?} {rows} {device:?}"), &results(batch_norm_relu), &results(forms::batch_norm_relu));
        }
    }
}

#[test]
fn augmentation() {
    for device in devices() {
        for color in [false, true] {
            let policy = Policy { color, translation: true, cutout: true };
            let draws = &mut stream(4, Purpose::Test, u64::from(color));
            let augmentation = Augmentation::draw(policy, 5, 12, draws, &device);
            let images = || [draw::<4>(0, [5, 3, 12, 12], &device)];
            let ours = with_gradients(images(), |[x]| augmentation.apply(x));
            let composed = with_gradients(images(), |[x]| forms::diff_augment(&augmentation, x, color));
            agree(&format!("diff_augment, colours {color}, {device:?}"), &ours, &composed);
        }
    }
}
