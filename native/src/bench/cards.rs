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

/// - RTX 4090: NVIDIA, "Ada GPU Architecture" whitepaper, appendix A: 82.6 TFLOPS, 1,008 GB/s, 128 multiprocessors.
/// - RX 7900 XTX: AMD's page of the card: 61.4 TFLOPS (two operations per lane and cycle, which compilers seldom reach:
///   count on half), 960 GB/s, 96 compute units.
/// - M2: Apple, M2 with 10 GPU cores: 3.6 TFLOPS, 100 GB/s.
/// - Arc A770: Intel's page of the card: 32 Xe cores, 512 engines of 8 lanes at 2.1 GHz, which gives 17.2 TFLOPS; 560 GB/s.
/// - H100: NVIDIA's data sheet of the H100 SXM: 67 TFLOPS, 3,350 GB/s, 132 multiprocessors.
/// - H200: NVIDIA's data sheet of the H200 SXM: 67 TFLOPS, 4,800 GB/s, 132 multiprocessors.
pub const CARDS: [Card; 6] = [
    Card { name: "rtx-4090", gflops: 82_600.0, gbps: 1_008.0, units: 128 },
    Card { name: "rx-7900-xtx", gflops: 61_400.0, gbps: 960.0, units: 96 },
    Card { name: "m2", gflops: 3_600.0, gbps: 100.0, units: 10 },
    Card { name: "arc-a770", gflops: 17_200.0, gbps: 560.0, units: 32 },
    Card { name: "h100", gflops: 67_000.0, gbps: 3_350.0, units: 132 },
    Card { name: "h200", gflops: 67_000.0, gbps: 4_800.0, units: 132 },
];
