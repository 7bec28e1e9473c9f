//! Which kernels a convolution gets, in which tiles and slices.
//!
//! The plan is a function of the sizes and of the device's class, and of nothing else: equal runs launch equal kernels,
//! and add in the same order.

use super::geometry::Geometry;
use crate::kernels::class::DeviceClass;

/// How a product of matrices is split: weights with patches, or its transpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiling {
    /// Channels and pixels of a workgroup's tile.
    pub tile: [usize; 2],
    /// Those that an invocation computes.
    pub block: [usize; 2],
    /// Channels in a step of the sum.
    pub depth: usize,
    /// Shares of the sum.
    pub slices: usize,
    /// Whether the weights are copied first, so that a tile's rows read side by side.
    pub packs: bool,
}

impl Tiling {
    /// The same for a product in several parts. They have so much to do that they need no shares of the sum.
    fn for_parts(self, parts: usize) -> Self {
        if parts > 1 { Self { slices: 1, ..self } } else { self }
    }
}

/// How the gradient of the weights is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightTiling {
    /// Outputs and columns of a workgroup's tile.
    pub tile: [usize; 2],
    /// Columns that an invocation computes.
    pub own: usize,
    /// Pixels in a step of the sum.
    pub depth: usize,
    /// Shares of the pixels; of each part, if a batch has several.
    pub slices: usize,
}

/// Fewest multiply-adds of a convolution in tiles, unless a sum is long. Below, launches take most of the time.
const FEWEST_MULTIPLY_ADDS: u64 = 1 << 16;

/// Products of a long sum. Without tiles, one invocation adds them up, and waits for memory in each round.
const LONG_SUM: usize = 256;

/// Fewest pixels of a convolution in tiles. With fewer, most of a tile would be empty.
const FEWEST_PIXELS: usize = 16;

/// Sides of tiles.
const SMALL: usize = 32;
const LARGE: usize = 64;

/// Most channels of a narrow tile.
const NARROW: usize = 16;

/// Fewest multiply-adds and columns of a product whose weights are packed. Rows of weights as parameters hold them lie
/// far apart, so each of a tile's loads takes an access of its own, and these take longer than its multiply-adds. With
/// less work, a launch of its own takes longer than that; with few columns, most weights are read only once or twice.
const FEWEST_PACKED: u64 = 1 << 28;
const FEWEST_PACKED_COLUMNS: usize = 512;

/// Fewest products in a share of a sum. Below, adding up the shares would cost as much.
pub const SHORTEST_SHARE: usize = 64;

/// Fewest pixels in a share of the gradient of the weights.
const FEWEST_SHARED: usize = 128;

/// Most pixels in such a share. Mesa's software adapter silently leaves loops after 65,535 rounds, and the checks run
/// there too. A step of 8 pixels takes 11 rounds, one of 16 pixels takes 21.
const MOST_SHARED: usize = 1 << 15;

/// Workgroups that keep a device busy; none if it has no use for tiles.
pub fn wanted(class: DeviceClass) -> Option<usize> {
    match class {
        DeviceClass::Software | DeviceClass::Strict => None,
        DeviceClass::Integrated => Some(128),
        DeviceClass::Discrete | DeviceClass::DiscreteWinograd => Some(512),
    }
}

/// Workgroups that are wanted, if tiles pay for a convolution.
fn wanted_in_tiles(geometry: &Geometry, class: DeviceClass) -> Option<usize> {
    let longest_sum = geometry.inputs.max(geometry.outputs) * geometry.taps();
    let pays = geometry.multiply_adds() >= FEWEST_MULTIPLY_ADDS || longest_sum >= LONG_SUM;
    wanted(class).filter(|_| pays && geometry.pixels() >= FEWEST_PIXELS)
}

/// A product of matrices: `rows` by `columns` sums over `depth` channels and some taps, once for each phase.
struct Product {
    rows: usize,
    columns: usize,
    depth: usize,
    taps: usize,
    phases: usize,
    /// Whether the weights of neighbouring rows lie side by side as it is.
    adjacent: bool,
}

impl Product {
    fn packs(&self) -> bool {
        let sizes = [self.rows, self.columns, self.depth, self.taps, self.phases];
        let multiply_adds: u64 = sizes.map(|size| size as u64).iter().product();
        !self.adjacent && multiply_adds >= FEWEST_PACKED && self.columns >= FEWEST_PACKED_COLUMNS
    }

    fn tiles(&self, [rows, columns]: [usize; 2]) -> usize {
        self.rows.div_ceil(rows) * self.columns.div_ceil(columns) * self.phases
    }

    /// The sides of tiles and of an invocation's block.
    fn sides(&self, wanted: usize) -> ([usize; 2], [usize; 2]) {
        if self.rows <= NARROW {
            let columns = if self.columns > LARGE { 2 * LARGE } else { LARGE };
            return ([NARROW, columns], [4, 4]);
        }
        let is_full = 2 * self.rows.div_ceil(LARGE) == self.rows.div_ceil(SMALL);
        if is_full && self.tiles([LARGE; 2]) >= wanted {
            return ([LARGE; 2], [8, 4]);
        }
        ([SMALL; 2], [4, 4])
    }

    fn tiling(&self, wanted: usize) -> Tiling {
        let (tile, block) = self.sides(wanted);
        let depth = [4, 8].into_iter().find(|&depth| self.depth <= depth).unwrap_or(16);
        let longest = self.depth * self.taps / SHORTEST_SHARE;
        let slices = wanted.div_ceil(self.tiles(tile)).min(longest).min(self.depth.div_ceil(depth)).max(1);
        Tiling { tile, block, depth, slices, packs: self.packs() }
    }
}

/// The tiles of the forward pass in parts of the batch; none if it has none.
pub fn forward(geometry: &Geometry, parts: usize, class: DeviceClass) -> Option<Tiling> {
    let product = Product {
        rows: geometry.outputs,
        columns: geometry.pixels(),
        depth: geometry.inputs,
        taps: geometry.taps(),
        phases: 1,
        adjacent: geometry.inputs * geometry.taps() == 1,
    };
    let wanted = wanted_in_tiles(geometry, class)?;
    Some(product.tiling(wanted).for_parts(parts))
}

/// The tiles of the gradient of the input; none if it has none.
pub fn input_gradient(geometry: &Geometry, parts: usize, class: DeviceClass) -> Option<Tiling> {
    let product = Product {
        rows: geometry.inputs,
        columns: geometry.phase_pixels(),
        depth: geometry.outputs,
        taps: geometry.kernel.div_ceil(geometry.stride).pow(2),
        phases: geometry.phases(),
        adjacent: geometry.taps() == 1,
    };
    let wanted = wanted_in_tiles(geometry, class)?;
    Some(product.tiling(wanted).for_parts(parts))
}

/// The tiles of the gradient of the weights; none if it has none.
pub fn weight_gradient(geometry: &Geometry, parts: usize, class: DeviceClass) -> Option<WeightTiling> {
    let wanted = wanted_in_tiles(geometry, class)?;
    let (tile, own, depth) = if geometry.outputs <= NARROW {
        ([NARROW, LARGE], 4, 8)
    } else if geometry.outputs <= SMALL {
        ([SMALL, LARGE], 4, 16)
    } else {
        ([LARGE; 2], 8, 16)
    };
    let pixels = geometry.pixels() / parts;
    let slices = wanted.div_ceil(weight_tiles(geometry, tile)).min(pixels / FEWEST_SHARED);
    Some(WeightTiling { tile, own, depth, slices: slices.max(pixels.div_ceil(MOST_SHARED)) })
}

/// The classes, of those that devices have, whose tiles for a convolution differ from those of the classes before.
#[cfg(feature = "checks")]
pub fn distinct_classes(geometry: &Geometry) -> Vec<DeviceClass> {
    let mut seen = Vec::new();
    let is_new = |&class: &DeviceClass| {
        let plan =
            (forward(geometry, 1, class), input_gradient(geometry, 1, class), weight_gradient(geometry, 1, class));
        let is_new = !seen.contains(&plan);
        seen.push(plan);
        is_new
    };
    DeviceClass::FOUND.into_iter().filter(is_new).collect()
}

/// Tiles of the gradient of the weights. Its columns are quads of channels, for each tap.
pub fn weight_tiles(geometry: &Geometry, [outputs, columns]: [usize; 2]) -> usize {
    geometry.outputs.div_ceil(outputs) * (4 * geometry.inputs.div_ceil(4) * geometry.taps()).div_ceil(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv2d::ConvShape;
    use crate::rng::{Purpose, Stream, stream};

    const GPUS: [DeviceClass; 2] = [DeviceClass::Integrated, DeviceClass::Discrete];

    /// Most invocations of a workgroup, and most bytes of its memory, on every adapter.
    const MOST_THREADS: usize = 256;
    const MOST_BYTES: usize = 16_384;

    fn geometry(x: [usize; 4], weight: [usize; 4], stride: usize, enlarge: bool) -> Geometry {
        Geometry::new(x, weight, ConvShape { stride, enlarge })
    }

    /// A convolution of any sizes, small ones as often as large ones.
    fn random(draws: &mut Stream) -> Geometry {
        let mut size = |most_bits| {
            let bits = draws.below(most_bits);
            1 + draws.below(1 << bits) as usize
        };
        let (batch, inputs, outputs) = (size(9), size(11), size(11));
        let (height, width) = (size(7) + 3, size(7) + 3);
        let kernel = 1 + draws.below(4) as usize;
        let enlarge = kernel % 2 == 1 && draws.chance(0.3);
        let stride = if enlarge { 1 } else { 1 + draws.below(2) as usize };
        geometry([batch, inputs, height, width], [outputs, inputs, kernel, kernel], stride, enlarge)
    }

    fn randoms() -> impl Iterator<Item = Geometry> {
        let mut draws = stream(0, Purpose::Test, 16);
        (0..2_000).map(move |_| random(&mut draws))
    }

    /// What the heads of the kernels demand.
    fn check_tiling(tiling: Tiling, depth: usize, phases: usize, case: &str) {
        let Tiling { tile, block, depth: step, slices, .. } = tiling;
        assert!([[4, 4], [8, 4], [8, 8]].contains(&block), "{case}");
        assert!(tile.iter().zip(block).all(|(side, own)| side % own == 0), "{case}");
        let threads = tile[0] / block[0] * (tile[1] / block[1]);
        assert!(threads <= MOST_THREADS && threads % tile[0] == 0 && threads % tile[1] == 0, "{case}: {threads}");
        assert!([4, 8, 16].contains(&step), "{case}");
        assert!(size_of::<f32>() * step * (tile[0] + tile[1]) <= MOST_BYTES, "{case}");
        assert!((1..=depth.div_ceil(step)).contains(&slices), "{case}: every share has a step");
        assert!(slices * phases <= 65_535, "{case}");
    }

    fn check_weight_tiling(WeightTiling { tile, own, depth, slices }: WeightTiling, case: &str) {
        assert!(tile.iter().all(|side| side.is_power_of_two()) && [4, 8].contains(&own), "{case}");
        let threads = tile[0] / 8 * (tile[1] / own);
        assert!(depth % 4 == 0 && threads <= MOST_THREADS && threads % depth == 0, "{case}");
        assert!(threads >= tile[0], "{case}: every output of a tile has an invocation for its bias");
        let step = threads / depth;
        let quads = tile.map(|side| side / 4);
        assert!(quads.iter().all(|count| (step..=4 * step).contains(count)), "{case}: {quads:?} in steps of {step}");
        assert!(depth * (quads[0] + quads[1] + 1) * size_of::<[f32; 4]>() <= MOST_BYTES, "{case}");
        assert!(slices >= 1, "{case}");
    }

    #[test]
    fn plans_keep_the_rules_of_the_kernels() {
        let mut tiled = 0;
        for geometry in randoms() {
            for class in GPUS {
                let case = format!("{geometry:?} {class}");
                let Some(tiling) = forward(&geometry, 1, class) else { continue };
                tiled += 1;
                check_tiling(tiling, geometry.inputs, 1, &case);
                let tiling =
                    input_gradient(&geometry, 1, class).expect("all kernels of a convolution have tiles, or none");
                check_tiling(tiling, geometry.outputs, geometry.phases(), &case);
                let tiling = weight_gradient(&geometry, 1, class).expect("all kernels have tiles, or none");
                check_weight_tiling(tiling, &case);
                assert!(geometry.pixels().div_ceil(tiling.slices) <= MOST_SHARED, "{case}");
            }
        }
        assert!(tiled > 1_000, "{tiled} of the convolutions have tiles");
    }

    #[test]
    fn software_has_no_tiles() {
        for geometry in randoms() {
            assert_eq!(forward(&geometry, 1, DeviceClass::Software), None);
            assert_eq!(input_gradient(&geometry, 1, DeviceClass::Software), None);
            assert_eq!(weight_gradient(&geometry, 1, DeviceClass::Software), None);
        }
    }

    #[test]
    fn classes_with_the_same_tiles_are_named_once() {
        let classes = |x, weight| distinct_classes(&geometry(x, weight, 1, false));
        assert_eq!(classes([2, 3, 8, 8], [16, 3, 3, 3]), [DeviceClass::Software]);
        assert_eq!(classes([3, 17, 5, 5], [19, 17, 3, 3]).len(), 2);
        assert_eq!(classes([64, 256, 4, 4], [256, 256, 3, 3]), DeviceClass::FOUND);
    }

    #[test]
    fn the_smallest_convolutions_have_no_tiles() {
        for class in GPUS {
            // Few rows, and few products.
            assert_eq!(forward(&geometry([4, 1_024, 1, 1], [512, 1_024, 1, 1], 1, false), 1, class), None);
            assert_eq!(forward(&geometry([2, 3, 8, 8], [16, 3, 3, 3], 1, false), 1, class), None);
        }
    }

    /// The head of a discriminator has one output, and sums over all features.
    #[test]
    fn long_sums_are_shared() {
        for class in GPUS {
            let head = geometry([64, 256, 1, 1], [1, 256, 1, 1], 1, false);
            assert_eq!(forward(&head, 1, class).unwrap().slices, 4);
            let strided = geometry([64, 4_096, 1, 1], [1, 4_096, 1, 1], 1, false);
            assert_eq!(forward(&strided, 1, class).unwrap().slices, 64);
        }
    }

    /// Workgroups of the three kernels.
    fn workgroups(geometry: &Geometry, class: DeviceClass) -> [usize; 3] {
        let (y, x) = (forward(geometry, 1, class).unwrap(), input_gradient(geometry, 1, class).unwrap());
        let weight = weight_gradient(geometry, 1, class).unwrap();
        let tiles = |rows: usize, columns: usize, tiling: Tiling| {
            rows.div_ceil(tiling.tile[0]) * columns.div_ceil(tiling.tile[1]) * tiling.slices
        };
        [
            tiles(geometry.outputs, geometry.pixels(), y),
            tiles(geometry.inputs, geometry.phase_pixels(), x) * geometry.phases(),
            weight_tiles(geometry, weight.tile) * weight.slices,
        ]
    }

    #[test]
    fn the_layers_of_the_presets_keep_a_gpu_busy() {
        for geometry in [
            geometry([64, 256, 4, 4], [256, 256, 3, 3], 1, false),
            geometry([64, 256, 4, 4], [256, 256, 3, 3], 1, true),
            geometry([64, 256, 8, 8], [128, 256, 3, 3], 1, true),
            geometry([64, 128, 16, 16], [128, 128, 3, 3], 1, false),
            geometry([64, 64, 32, 32], [64, 64, 3, 3], 1, false),
            geometry([128, 128, 8, 8], [256, 128, 3, 3], 2, false),
        ] {
            for (class, wanted) in GPUS.into_iter().zip([128, 512]) {
                let found = workgroups(&geometry, class);
                assert!(found.iter().all(|&count| count >= wanted), "{geometry:?} {class}: {found:?}");
            }
        }
    }

    /// A plan that changes gives other bits, so it must not change by accident.
    #[test]
    fn some_plans_are_these() {
        let (wide, small) = (
            geometry([64, 128, 32, 32], [128, 128, 3, 3], 1, false),
            geometry([64, 256, 4, 4], [256, 256, 3, 3], 1, false),
        );
        let class = DeviceClass::Discrete;
        let large = Tiling { tile: [64, 64], block: [8, 4], depth: 16, slices: 1, packs: true };
        assert_eq!([forward(&wide, 1, class), input_gradient(&wide, 1, class)], [Some(large); 2]);
        let weight = WeightTiling { tile: [64, 64], own: 8, depth: 16, slices: 15 };
        assert_eq!(weight_gradient(&wide, 1, class), Some(weight));
        let shared = Tiling { tile: [32, 32], block: [4, 4], depth: 16, slices: 2, packs: true };
        assert_eq!(forward(&small, 1, class), Some(shared));
        assert_eq!(forward(&small, 1, DeviceClass::Integrated), Some(Tiling { slices: 1, ..shared }));
        let pixels = geometry([64, 64, 32, 32], [3, 64, 3, 3], 1, false);
        let narrow = Tiling { tile: [16, 128], block: [4, 4], depth: 16, slices: 1, packs: false };
        assert_eq!(forward(&pixels, 1, class), Some(narrow));
        assert_eq!(input_gradient(&pixels, 1, class), Some(Tiling { depth: 4, packs: false, ..large }));
    }
}
