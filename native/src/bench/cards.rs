//! The peak rates of some cards, as their makers publish them.

/// A card.
#[derive(Debug, Clone, Copy)]
pub struct Card {
    /// What `--card` calls it.
    pub name: &'static str,
    /// Billions of float32 operations per second without matrix units; a multiply-add is two.
    pub gflops: f64,
    /// Billions of bytes per second from and to its memory.
    pub gbps: f64,
    /// Units that each run workgroups of their own.
    pub units: u64,
}

/// - RTX 4090: [NVIDIA's whitepaper](https://images.nvidia.com/aem-dam/Solutions/geforce/ada/nvidia-ada-gpu-architecture.pdf)
///   on the Ada architecture, appendix A: 82.6 TFLOPS, 1,008 GB/s, 128 multiprocessors.
/// - RX 7900 XTX: [AMD's page](https://www.amd.com/en/products/graphics/desktops/radeon/7000-series/amd-radeon-rx-7900xtx.html):
///   61.4 TFLOPS (two operations per lane and cycle, which compilers seldom reach: count on half), 960 GB/s, 96 compute
///   units.
/// - M2: [Apple](https://www.apple.com/newsroom/2022/06/apple-unveils-m2-with-breakthrough-performance-and-capabilities/),
///   with 10 GPU cores: 3.6 TFLOPS, 100 GB/s.
/// - Arc A770: [Intel's page](https://www.intel.com/content/www/us/en/products/sku/229151/intel-arc-a770-graphics-16gb/specifications.html):
///   32 Xe cores, 512 engines of 8 lanes at 2.1 GHz, which gives 17.2 TFLOPS; 560 GB/s.
/// - H100: [NVIDIA's page](https://www.nvidia.com/en-us/data-center/h100/) of the SXM card: 67 TFLOPS, 3,350 GB/s; 132
///   multiprocessors.
/// - H200: [NVIDIA's page](https://www.nvidia.com/en-us/data-center/h200/) of the SXM card: 67 TFLOPS, 4,800 GB/s; 132
///   multiprocessors.
pub const CARDS: [Card; 6] = [
    Card { name: "rtx-4090", gflops: 82_600.0, gbps: 1_008.0, units: 128 },
    Card { name: "rx-7900-xtx", gflops: 61_400.0, gbps: 960.0, units: 96 },
    Card { name: "m2", gflops: 3_600.0, gbps: 100.0, units: 10 },
    Card { name: "arc-a770", gflops: 17_200.0, gbps: 560.0, units: 32 },
    Card { name: "h100", gflops: 67_000.0, gbps: 3_350.0, units: 132 },
    Card { name: "h200", gflops: 67_000.0, gbps: 4_800.0, units: 132 },
];
