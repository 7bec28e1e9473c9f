//! Classes of devices, which decide the kernels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What kind of device computes. Different kernels suit each, and their results differ in the last bits.
///
/// It follows from the adapter's type alone, unless it is asked for, and never from a driver's name or from measured
/// times. So equal runs on devices of a class launch equal kernels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceClass {
    /// A CPU, also one that emulates a GPU. All versions without classes computed with its kernels.
    #[default]
    Software,
    /// A GPU that shares the memory of its CPU.
    Integrated,
    /// A GPU with memory of its own.
    Discrete,
    /// The same, and large convolutions are Winograd's. No device is found to be of this class: a configuration or a
    /// benchmark asks for it.
    DiscreteWinograd,
    /// Any device, if all are to compute the same bits: the kernels of [`Self::Software`] in an arithmetic that leaves
    /// nothing open. A configuration or a benchmark asks for it.
    Strict,
}

/// A word that names no class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected software, integrated, discrete, discrete-winograd or strict, found `{0}`")]
pub struct UnknownClass(String);

impl DeviceClass {
    /// All classes.
    pub const ALL: [Self; 5] = [Self::Software, Self::Integrated, Self::Discrete, Self::DiscreteWinograd, Self::Strict];

    /// Those that follow from a device's type.
    pub const FOUND: [Self; 3] = [Self::Software, Self::Integrated, Self::Discrete];

    /// Those in usual arithmetic.
    pub const USUAL: [Self; 4] = [Self::Software, Self::Integrated, Self::Discrete, Self::DiscreteWinograd];

    /// The class in a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Integrated => "integrated",
            Self::Discrete => "discrete",
            Self::DiscreteWinograd => "discrete-winograd",
            Self::Strict => "strict",
        }
    }
}

impl fmt::Display for DeviceClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for DeviceClass {
    type Err = UnknownClass;

    fn from_str(word: &str) -> Result<Self, UnknownClass> {
        Self::ALL.into_iter().find(|class| class.name() == word).ok_or_else(|| UnknownClass(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_same_word_everywhere() {
        for class in DeviceClass::ALL {
            assert_eq!(class.to_string().parse(), Ok(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.name());
        }
        let error = "fast".parse::<DeviceClass>().unwrap_err().to_string();
        assert_eq!(error, "expected software, integrated, discrete, discrete-winograd or strict, found `fast`");
    }
}
