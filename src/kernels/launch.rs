//! Grids of workgroups, and the memory that kernels write.

use burn::tensor::Shape;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::class::DeviceClass;
use super::shader::{MOST_GROUPS, Shader, THREADS};

/// How the kernels of an operation are launched. Results have the same bits with every launch of a class, unless it is
/// [`Self::in_parts`] or [`Self::transforming_small`].
///
/// Training uses [`Launch::of`], or the default where the class makes no difference. The checks use the others, to find
/// kernels that break this rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launch {
    /// Most workgroups in a row of a grid.
    longest_row: usize,
    /// Whether the memory that a kernel writes holds [`BAD`] first.
    poisons: bool,
    /// The class of the device, which decides the kernels.
    class: DeviceClass,
    /// What divides the bounds on the work of a launch.
    divisor: u64,
    /// Whether small convolutions may be Winograd's, too.
    transforms_small: bool,
}

impl Default for Launch {
    fn default() -> Self {
        Self {
            longest_row: MOST_GROUPS,
            poisons: false,
            class: DeviceClass::default(),
            divisor: 1,
            transforms_small: false,
        }
    }
}

/// What poisoned memory holds: nothing that a kernel computes.
const BAD: f32 = -9.9e33;

/// Most workgroups in a row of a narrow grid; it divides none of the sizes of the checks.
const NARROW_ROW: usize = 7;

/// Divides the bounds so that single images of the checks are parts.
const SMALL_PARTS: u64 = 1 << 17;

/// Elements that one invocation of the elementwise kernels computes.
const ELEMENTS: usize = 4;

impl Launch {
    /// Launches for devices of a class.
    pub fn of(class: DeviceClass) -> Self {
        Self { class, ..Self::default() }
    }

    /// The same launches for devices of another class.
    pub fn for_class(self, class: DeviceClass) -> Self {
        Self { class, ..self }
    }

    /// The class of the device.
    pub fn class(self) -> DeviceClass {
        self.class
    }

    /// Whether all devices must compute the same bits.
    pub fn is_strict(self) -> bool {
        self.class == DeviceClass::Strict
    }

    /// A kernel in the arithmetic of this launch. Its file must have the constant `STRICT` if the launch is strict.
    pub fn kernel(self, shader: Shader) -> Shader {
        if self.is_strict() { shader.with(&[("STRICT", 1)]) } else { shader }
    }

    /// The same with so low bounds on the work of a launch that small convolutions come in parts, too. Their results
    /// differ by rounding.
    pub fn in_parts(self) -> Self {
        Self { divisor: SMALL_PARTS, ..self }
    }

    /// Whether it is [`Self::in_parts`].
    #[cfg(feature = "checks")]
    pub(super) fn is_in_parts(self) -> bool {
        self.divisor > 1
    }

    /// The same with Winograd's convolution also where it does not pay, if the class has it. Results differ by rounding.
    pub fn transforming_small(self) -> Self {
        Self { transforms_small: true, ..self }
    }

    /// Whether it is [`Self::transforming_small`].
    pub(super) fn transforms_small(self) -> bool {
        self.transforms_small
    }

    /// What divides the bounds on the work of a launch.
    pub(super) fn divisor(self) -> u64 {
        self.divisor
    }

    /// Fills the memory for results with a bad value first, so that an element that a kernel does not write shows.
    pub fn poisoned() -> Self {
        Self { poisons: true, ..Self::default() }
    }

    /// Like [`Self::poisoned`], on grids of many rows, which otherwise only tensors of many millions of elements have.
    pub fn narrow() -> Self {
        Self { longest_row: NARROW_ROW, ..Self::poisoned() }
    }

    /// The x and y of a grid that has at least `count` workgroups; the kernel counts `y * num_workgroups.x + x`.
    pub fn spread(self, count: usize) -> [usize; 2] {
        let rows = count.div_ceil(self.longest_row).max(1);
        [count.div_ceil(rows).max(1), rows]
    }

    /// The grid of a kernel with one invocation for each of `count` elements.
    pub fn elementwise(self, count: usize) -> [usize; 3] {
        let [x, y] = self.spread(count.div_ceil(THREADS as usize));
        [x, y, 1]
    }

    /// The grid of a kernel with one invocation for every four of `count` elements.
    pub fn by_fours(self, count: usize) -> [usize; 3] {
        self.elementwise(count.div_ceil(ELEMENTS))
    }

    /// A tensor on the device of `like`, for a kernel to write; its content is arbitrary.
    pub fn output(self, like: &CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
        let shape = shape.into();
        let count = shape.num_elements();
        let handle = if self.poisons {
            like.client.create_from_slice(&BAD.to_ne_bytes().repeat(count))
        } else {
            like.client.empty(count * size_of::<f32>())
        };
        CubeTensor::new_contiguous(like.client.clone(), like.device.clone(), shape, handle, like.dtype)
    }
}

/// A contiguous tensor that no one else holds.
pub fn writable(tensor: CubeTensor) -> CubeTensor {
    let tensor = into_contiguous(tensor);
    if tensor.can_mut() { tensor } else { tensor.copy() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_have_enough_workgroups_within_the_limit() {
        for launch in [Launch::default(), Launch::narrow()] {
            for count in [0, 1, 65_535, 65_536, 1 << 20, (1 << 32) - 1] {
                let [x, y] = launch.spread(count);
                assert!(x * y >= count && (1..=launch.longest_row).contains(&x) && y >= 1);
                assert!(x * y - count < y.max(2), "{count}: {x} x {y}");
            }
        }
        assert!(Launch::narrow().spread(100)[1] > 1, "a narrow grid has rows");
    }
}
