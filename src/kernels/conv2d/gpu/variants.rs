//! The kernels for convolutions of the presets, and for odd sizes.

use super::finish::{Epilogue, constants};
use super::geometry::Geometry;
use super::weights::{Order, pack_shader};
use super::{channel_sum, fold, plan, simple, sums, tiled, winograd};
use crate::kernels::class::DeviceClass;
use crate::kernels::conv2d::ConvShape;
use crate::kernels::launch::Launch;
use crate::kernels::shader::Shader;

/// The input and the weights, with stride and enlargement.
type Sizes = ([usize; 4], [usize; 4], usize, bool);

const SIZES: [Sizes; 14] = [
    ([128, 3, 32, 32], [16, 3, 3, 3], 2, false),
    ([64, 16, 32, 32], [3, 16, 3, 3], 1, false),
    ([64, 64, 4, 4], [32, 64, 3, 3], 1, true),
    ([64, 64, 4, 4], [32, 64, 1, 1], 1, false),
    ([64, 256, 16, 16], [256, 256, 3, 3], 1, true),
    ([64, 128, 32, 32], [128, 128, 3, 3], 1, false),
    ([64, 1024, 1, 1], [10, 1024, 1, 1], 1, false),
    ([1, 1, 1, 1], [1, 1, 1, 1], 1, false),
    ([3, 5, 9, 4], [2, 5, 2, 2], 2, false),
    ([2, 4, 6, 6], [3, 4, 4, 4], 2, false),
    ([2, 3, 5, 6], [4, 3, 2, 2], 1, false),
    ([2, 5, 6, 7], [3, 5, 4, 4], 1, false),
    ([2, 3, 7, 7], [5, 3, 1, 1], 2, false),
    ([2, 3, 4, 4], [7, 3, 1, 1], 1, true),
];

/// More sizes for tiles: of the presets, and as odd as those of the checks.
const TILED_SIZES: [Sizes; 10] = [
    ([64, 256, 4, 4], [256, 256, 3, 3], 1, false),
    ([64, 256, 8, 8], [128, 256, 3, 3], 1, true),
    ([64, 64, 32, 32], [64, 64, 3, 3], 1, false),
    ([128, 128, 8, 8], [256, 128, 3, 3], 2, false),
    ([64, 64, 1, 1], [4096, 64, 1, 1], 1, false),
    ([8, 6, 33, 32], [61, 6, 3, 3], 1, false),
    ([8, 6, 16, 17], [61, 6, 3, 3], 1, true),
    ([9, 20, 7, 5], [36, 20, 4, 4], 2, false),
    ([9, 20, 7, 5], [36, 20, 1, 1], 2, false),
    ([3, 17, 5, 5], [19, 17, 3, 3], 1, false),
];

/// Convolutions that finish their sums: of the presets, with few channels, with shared sums, and in large tiles.
const FINISHED: [(Sizes, Epilogue); 11] = [
    (([128, 3, 32, 32], [16, 3, 3, 3], 2, false), Epilogue::LeakyRelu),
    (([128, 3, 32, 32], [16, 3, 3, 3], 2, false), Epilogue::Slopes),
    (([128, 32, 8, 8], [64, 32, 3, 3], 2, false), Epilogue::LeakyRelu),
    (([128, 32, 8, 8], [64, 32, 3, 3], 2, false), Epilogue::Slopes),
    (([128, 64, 16, 16], [128, 64, 3, 3], 2, false), Epilogue::Slopes),
    (([64, 64, 4, 4], [32, 64, 3, 3], 1, true), Epilogue::PlusBilinear),
    (([64, 32, 16, 16], [16, 32, 3, 3], 1, true), Epilogue::PlusBilinear),
    (([64, 64, 32, 32], [64, 64, 3, 3], 1, false), Epilogue::PlusBilinear),
    (([64, 128, 16, 16], [128, 128, 1, 1], 1, false), Epilogue::PlusHalved),
    (([64, 128, 8, 8], [128, 128, 1, 1], 1, false), Epilogue::Plus),
    (([3, 5, 9, 4], [2, 5, 3, 3], 1, false), Epilogue::Plus),
];

/// Winograd's convolutions, forward or, with slopes, gradients of the input: of the presets, with sums in shares, and
/// ragged.
const TRANSFORMED: [([usize; 4], [usize; 4], Epilogue); 9] = [
    ([64, 256, 32, 32], [256, 256, 3, 3], Epilogue::None),
    ([64, 256, 8, 8], [256, 256, 3, 3], Epilogue::PlusBilinear),
    ([64, 128, 32, 32], [128, 128, 3, 3], Epilogue::LeakyRelu),
    ([64, 128, 32, 32], [128, 128, 3, 3], Epilogue::Slopes),
    ([64, 128, 16, 16], [128, 128, 3, 3], Epilogue::PlusHalved),
    ([64, 64, 32, 32], [64, 64, 3, 3], Epilogue::PlusBilinear),
    ([8, 6, 33, 32], [61, 6, 3, 3], Epilogue::Slopes),
    ([4, 70, 4, 4], [40, 70, 3, 3], Epilogue::LeakyRelu),
    ([3, 17, 5, 4], [19, 17, 3, 3], Epilogue::Plus),
];

/// The kernels of convolution.
pub fn variants() -> Vec<Shader> {
    let mut shaders = Vec::new();
    for (x, weight, stride, enlarge) in SIZES {
        shaders.extend(plain(x, weight, &Geometry::new(x, weight, ConvShape { stride, enlarge })));
    }
    for (x, weight, stride, enlarge) in SIZES.into_iter().chain(TILED_SIZES) {
        for class in DeviceClass::FOUND {
            let geometry = Geometry::new(x, weight, ConvShape { stride, enlarge });
            for shader in in_tiles(&geometry, weight, enlarge, class).unwrap_or_default() {
                // Classes often agree.
                if !shaders.contains(&shader) {
                    shaders.push(shader);
                }
            }
        }
    }
    shaders.extend(FINISHED.into_iter().flat_map(|(sizes, epilogue)| finished(sizes, epilogue)));
    for shader in TRANSFORMED.into_iter().flat_map(|(x, weight, epilogue)| transformed(x, weight, epilogue)) {
        if !shaders.contains(&shader) {
            shaders.push(shader);
        }
    }
    shaders
}

fn plain(x: [usize; 4], weight: [usize; 4], geometry: &Geometry) -> Vec<Shader> {
    let mut shaders = Vec::new();
    for has_bias in [false, true] {
        let (forward, input_gradient) = (simple::forward_shader, simple::input_gradient_shader);
        let finish = constants(has_bias, Epilogue::None);
        shaders.extend([forward(geometry, finish), input_gradient(geometry, finish)]);
    }
    let weight_sum = sums::weight_sum_shader(geometry, simple::slices(geometry));
    shaders.extend([simple::weight_gradient_shader(geometry), weight_sum]);
    shaders.extend(channel_sum::shaders(x));
    shaders.extend([fold::fold_shader(weight), fold::unfold_shader(weight, 1, 1), fold::unfold_shader(weight, 18, 16)]);
    shaders
}

/// The kernels in tiles; none if a convolution has no tiles. Only the kernel of the forward pass adds a bias.
fn in_tiles(geometry: &Geometry, weight: [usize; 4], enlarge: bool, class: DeviceClass) -> Option<Vec<Shader>> {
    let (y, x) = (plan::forward(geometry, 1, class)?, plan::input_gradient(geometry, 1, class)?);
    let weight_tiling = plan::weight_gradient(geometry, 1, class)?;
    let orders = [tiled::forward_order(y, enlarge), tiled::input_gradient_order(x, enlarge)];
    let mut shaders = vec![
        tiled::forward_shader(geometry, y, orders[0], constants(!enlarge, Epilogue::None)),
        tiled::input_gradient_shader(geometry, x, orders[1], constants(enlarge, Epilogue::None)),
    ];
    shaders.extend(orders.into_iter().filter(|&order| order != Order::Taps).map(|o| pack_shader(weight, enlarge, o)));
    for (dims, slices) in [(geometry.y_dims(), y.slices), (geometry.x_dims(), x.slices)] {
        if slices > 1 {
            shaders.push(tiled::sum_shader(dims, slices, Epilogue::None));
        }
    }
    shaders.push(tiled::weight_gradient_shader(geometry, weight_tiling));
    if weight_tiling.slices > 1 {
        shaders.push(sums::weight_sum_shader(geometry, weight_tiling.slices));
    }
    Some(shaders)
}

/// The kernels, with tiles on a discrete device and without, that finish the sums of a convolution or, with slopes, of
/// the gradient of its input.
fn finished((x, weight, stride, enlarge): Sizes, epilogue: Epilogue) -> Vec<Shader> {
    let (geometry, class) = (Geometry::new(x, weight, ConvShape { stride, enlarge }), DeviceClass::Discrete);
    let (is_forward, whole) = (epilogue != Epilogue::Slopes, constants(epilogue != Epilogue::Slopes, epilogue));
    let shared = constants(is_forward, Epilogue::None);
    let finish = |slices| if slices > 1 { shared } else { whole };
    let (simple, tiled, dims) = if is_forward != enlarge {
        let tiled = plan::forward(&geometry, 1, class).map(|tiling| {
            let order = tiled::forward_order(tiling, enlarge);
            (tiled::forward_shader(&geometry, tiling, order, finish(tiling.slices)), tiling.slices)
        });
        (simple::forward_shader(&geometry, whole), tiled, geometry.y_dims())
    } else {
        let tiled = plan::input_gradient(&geometry, 1, class).map(|tiling| {
            let order = tiled::input_gradient_order(tiling, enlarge);
            (tiled::input_gradient_shader(&geometry, tiling, order, finish(tiling.slices)), tiling.slices)
        });
        (simple::input_gradient_shader(&geometry, whole), tiled, geometry.x_dims())
    };
    let sum =
        tiled.iter().filter(|(_, slices)| *slices > 1).map(|(_, slices)| tiled::sum_shader(dims, *slices, epilogue));
    let sum: Vec<Shader> = sum.collect();
    [simple].into_iter().chain(tiled.map(|(shader, _)| shader)).chain(sum).collect()
}

/// The kernels of Winograd's convolution or, with slopes, of the gradient of its input.
fn transformed(x: [usize; 4], weight: [usize; 4], epilogue: Epilogue) -> Vec<Shader> {
    let geometry = Geometry::new(x, weight, ConvShape { stride: 1, enlarge: false });
    let launch = Launch::of(DeviceClass::DiscreteWinograd).transforming_small();
    let (plan, dims) = if epilogue == Epilogue::Slopes {
        (winograd::input_gradient(&geometry, 1, launch), geometry.x_dims())
    } else {
        (winograd::forward(&geometry, 1, launch), geometry.y_dims())
    };
    let Some(plan) = plan else { return Vec::new() };
    let is_shared = plan.slices > 1;
    let first = if is_shared { Epilogue::None } else { epilogue };
    let mut shaders = vec![plan.shader(constants(epilogue != Epilogue::Slopes, first)), plan.weights_shader()];
    if is_shared {
        shaders.push(tiled::sum_shader(dims, plan.slices, epilogue));
    }
    shaders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_of_every_form_are_listed() {
        let all = variants();
        let with = |name: &str, constant: &str| {
            let named = all.iter().filter(|shader| shader.name() == name);
            let mut values: Vec<u32> = named
                .flat_map(|shader| {
                    shader.constants().iter().filter(|(key, _)| *key == constant).map(|(_, value)| *value)
                })
                .collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        for name in ["conv2d_tiled_forward", "conv2d_tiled_input_gradient"] {
            assert_eq!(with(name, "TILE_M"), [16, 32, 64], "{name}");
            assert_eq!(with(name, "TILE_K"), [4, 8, 16], "{name}");
            assert_eq!(with(name, "KERNEL"), [1, 3, 4], "{name}");
            assert!(with(name, "SLICES").len() > 1, "{name}");
        }
        for epilogue in Epilogue::ALL {
            for [forward, gradient] in
                [["conv2d_forward", "conv2d_input_gradient"], ["conv2d_tiled_forward", "conv2d_tiled_input_gradient"]]
            {
                let is_listed =
                    [forward, gradient].iter().any(|name| with(name, "EPILOGUE").contains(&(epilogue as u32)));
                assert!(is_listed, "{forward} {epilogue:?}");
            }
        }
        assert_eq!(with("conv2d_winograd", "EPILOGUE"), [0, 1, 2, 3, 4, 5]);
        assert_eq!(with("conv2d_winograd", "BIAS"), [0, 1]);
        assert!(with("conv2d_winograd", "SLICES").len() > 2);
        assert_eq!(with("conv2d_winograd_weights", "TURNS"), [0, 1]);
        assert!(with("conv2d_tiled_sum", "EPILOGUE").len() > 3);
        assert_eq!(with("conv2d_tiled_weight_gradient", "TILE_M"), [16, 32, 64]);
    }
}
