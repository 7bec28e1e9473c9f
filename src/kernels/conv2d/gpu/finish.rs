//! What becomes of a convolution's sums before they are written.

use burn_wgpu::CubeTensor;

use super::geometry::Geometry;
use super::parts::Parts;
use crate::kernels::add_enlarged::Enlargement;
use crate::kernels::class::DeviceClass;
use crate::kernels::conv2d::Addend;
use crate::kernels::launch::Launch;

/// What a kernel does with a sum after the bias, in the order of the shaders' `EPILOGUE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Epilogue {
    /// Nothing.
    #[default]
    None,
    /// A leaky ReLU.
    LeakyRelu,
    /// It is multiplied by the slope of a leaky ReLU, whose value is in another tensor.
    Slopes,
    /// Another tensor is added.
    Plus,
    /// Another tensor is added, in half its size.
    PlusHalved,
    /// Another tensor is added, in twice its size.
    PlusBilinear,
}

/// The end of a convolution.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finish<'a> {
    /// Added to each channel.
    pub bias: Option<&'a CubeTensor>,
    pub epilogue: Epilogue,
    /// What the epilogue reads, contiguous.
    pub other: Option<&'a CubeTensor>,
}

/// A kernel's constants.
pub type Constants = [(&'static str, usize); 2];

/// The constants of a kernel that finishes its sums.
pub fn constants(has_bias: bool, epilogue: Epilogue) -> Constants {
    [("BIAS", usize::from(has_bias)), epilogue.constant()]
}

impl Epilogue {
    /// All that do something.
    #[cfg(test)]
    pub const ALL: [Self; 5] = [Self::LeakyRelu, Self::Slopes, Self::Plus, Self::PlusHalved, Self::PlusBilinear];

    /// The one that adds what comes another way; none if launches of their own do it.
    ///
    /// On a software device, four loads for each number would take longer than a launch that shares them. Parts of what
    /// has another size may not start where bindings may.
    pub fn adding(form: Addend, geometry: &Geometry, launch: Launch) -> Option<Self> {
        let is_whole = Parts::of(geometry, launch).count == 1;
        match form {
            Addend::Same => Some(Self::Plus),
            Addend::Halved => is_whole.then_some(Self::PlusHalved),
            Addend::Enlarged(Enlargement::Bilinear)
                if !matches!(launch.class(), DeviceClass::Software | DeviceClass::Strict) =>
            {
                is_whole.then_some(Self::PlusBilinear)
            }
            Addend::Enlarged(_) => None,
        }
    }

    pub fn constant(self) -> (&'static str, usize) {
        ("EPILOGUE", self as usize)
    }
}

impl<'a> Finish<'a> {
    /// A leaky ReLU's slopes, if there is one.
    pub fn slopes(values: Option<&'a CubeTensor>) -> Self {
        let epilogue = if values.is_some() { Epilogue::Slopes } else { Epilogue::None };
        Self { bias: None, epilogue, other: values }
    }

    /// What the kernel of the products does: if there are several shares of the sums, the rest waits until they are
    /// added up.
    pub fn of_products(self, slices: usize) -> Self {
        if slices > 1 { Self { bias: self.bias, ..Self::default() } } else { self }
    }

    pub fn constants(self) -> Constants {
        constants(self.bias.is_some(), self.epilogue)
    }

    /// The bias to bind.
    pub fn bound_bias(self, like: &CubeTensor, launch: Launch) -> CubeTensor {
        bound(self.bias, like, launch)
    }

    /// What the epilogue reads, to bind.
    pub fn bound_other(self, like: &CubeTensor, launch: Launch) -> CubeTensor {
        bound(self.other, like, launch)
    }

    /// A part of what the epilogue reads, out of the whole that is bound.
    pub fn part_of(self, bound: &CubeTensor, parts: &Parts, number: usize) -> CubeTensor {
        if self.other.is_some() { parts.of_tensor(bound, number) } else { bound.clone() }
    }
}

/// A tensor, or what stands in for one that is not read. That is new memory: browsers refuse to bind a buffer twice if
/// a kernel might write it.
fn bound(tensor: Option<&CubeTensor>, like: &CubeTensor, launch: Launch) -> CubeTensor {
    tensor.cloned().unwrap_or_else(|| launch.output(like, [1]))
}
