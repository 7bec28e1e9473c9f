//! Shares of a channel's elements, so that several workgroups add up one channel.

use super::class::DeviceClass;
use super::shader::Shader;

/// Invocations of a workgroup that adds up a share.
pub const THREADS: usize = 256;

/// Most groups of four elements of an invocation: more would need too many registers.
const MOST_FOURS: usize = 4;

/// How the elements of a channel are dealt out to workgroups. The last one has what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// How many there are.
    pub count: usize,
    /// Groups of four elements that an invocation takes.
    fours: usize,
}

impl Shares {
    /// The shares of `elements`. A software device has none: one workgroup adds up a whole channel there, since a CPU
    /// has too few units to share it.
    pub fn of(elements: usize, class: DeviceClass) -> Option<Self> {
        if matches!(class, DeviceClass::Software | DeviceClass::Strict) {
            return None;
        }
        let fours = elements.div_ceil(4 * THREADS).clamp(1, MOST_FOURS);
        Some(Self { count: elements.div_ceil(4 * fours * THREADS).max(1), fours })
    }

    /// Elements of every share but the last.
    pub fn elements(self) -> usize {
        4 * self.fours * THREADS
    }

    /// A kernel that takes `[batch, channels, plane]` in these shares.
    pub fn sized(self, shader: Shader, [batch, channels, plane]: [usize; 3]) -> Shader {
        shader.with(&[
            ("BATCH", batch),
            ("CHANNELS", channels),
            ("PLANE", plane),
            ("SLICES", self.count),
            ("FOURS", self.fours),
        ])
    }
}

/// Whether a kernel that adds up a share has its invocations.
#[cfg(test)]
pub fn has_their_invocations(kernel: &Shader) -> bool {
    kernel.specialized().contains(&format!("const THREADS: u32 = {THREADS}u;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GPUS: [DeviceClass; 2] = [DeviceClass::Integrated, DeviceClass::Discrete];

    #[test]
    fn every_share_has_elements_and_all_have_them_all() {
        for class in GPUS {
            for elements in [1, 2, 255, 1_024, 1_025, 4_095, 4_096, 4_097, 65_536, 589_824, 1 << 28] {
                let shares = Shares::of(elements, class).unwrap();
                assert!((1..=MOST_FOURS).contains(&shares.fours), "{shares:?}");
                assert!(shares.count * shares.elements() >= elements, "{elements}: {shares:?}");
                assert!((shares.count - 1) * shares.elements() < elements, "{elements}: {shares:?}");
            }
        }
    }

    #[test]
    fn the_largest_channels_of_the_presets_are_shared() {
        let count = |elements| Shares::of(elements, DeviceClass::Discrete).unwrap().count;
        assert_eq!([64 * 4 * 4, 64 * 8 * 8, 64 * 16 * 16, 64 * 32 * 32].map(count), [1, 1, 4, 16]);
        assert_eq!(Shares::of(64 * 32 * 32, DeviceClass::Software), None);
    }
}
