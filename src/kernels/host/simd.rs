//! Wide vectors on processors that have them. A program is compiled for the oldest processor of its architecture, so
//! plain loops would use only that processor's vectors.

/// Calls `work` compiled for the widest common vectors of this processor. Only code that the compiler inlines into
/// `work` gains, so it should be a single small loop. The results have the same bits: nothing is fused or reordered.
#[inline(always)]
pub fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
            work()
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the feature.
            return unsafe { with_avx2(work) };
        }
    }
    work()
}
