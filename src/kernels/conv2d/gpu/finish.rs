//! What becomes of a convolution's sums before they are written.

use burn_wgpu::CubeTensor;

use super::parts::Parts;
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
}

/// The end of a convolution.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finish<'a> {
    /// Added to each channel.
    pub bias: Option<&'a CubeTensor>,
    pub epilogue: Epilogue,
    /// What the epilogue reads, contiguous and in the shape of the result.
    pub other: Option<&'a CubeTensor>,
}

/// A kernel's constants.
pub type Constants = [(&'static str, usize); 2];

/// The constants of a kernel that finishes its sums.
pub fn constants(has_bias: bool, epilogue: Epilogue) -> Constants {
    [("BIAS", usize::from(has_bias)), epilogue.constant()]
}

impl Epilogue {
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
