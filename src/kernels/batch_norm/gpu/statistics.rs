//! The statistics of channels: on a GPU in shares, elsewhere by one workgroup for each channel.

use burn::backend::TensorMetadata;
use burn::backend::wgpu::CubeBackend;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::batch_norm::ChannelStatisticsOps;
use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::shares::Shares;
use crate::kernels::view::{aligned, view};

impl ChannelStatisticsOps for CubeBackend {
    /// The rows of the statistics are so long that each is a view.
    fn channel_statistics(x: CubeTensor, launch: Launch) -> (CubeTensor, CubeTensor, CubeTensor) {
        let [batch, channels, height, width] = x.shape().dims();
        let (x, sizes) = (into_contiguous(x), [batch, channels, height * width]);
        let statistics = match Shares::of(batch * height * width, launch.class()) {
            Some(shares) => in_shares(&x, sizes, shares, launch),
            None => whole(&x, sizes, launch),
        };
        let [mean, variance] = [0, aligned(channels)].map(|first| view(&statistics, first, [channels]));
        (statistics, mean, variance)
    }
}

fn whole(x: &CubeTensor, sizes: [usize; 3], launch: Launch) -> CubeTensor {
    let statistics = launch.output(x, [2, aligned(sizes[1])]);
    let [groups, rows] = launch.spread(sizes[1]);
    launch.kernel(whole_shader(sizes)).launch([groups, rows, 1], &[x, &statistics], &[]);
    statistics
}

fn in_shares(x: &CubeTensor, sizes: [usize; 3], shares: Shares, launch: Launch) -> CubeTensor {
    let (channels, stride) = (sizes[1], aligned(sizes[1]));
    let parts = launch.output(x, [2 * shares.count, stride]);
    let [groups, rows] = launch.spread(shares.count * channels);
    share_shader(sizes, shares).launch([groups, rows, 1], &[x, &parts], &[]);
    if shares.count == 1 {
        return parts;
    }
    let statistics = launch.output(x, [2, stride]);
    let [groups, rows] = launch.spread(channels);
    join_shader(sizes, shares).launch([groups, rows, 1], &[&parts, &statistics], &[]);
    statistics
}

fn whole_shader([batch, channels, plane]: [usize; 3]) -> Shader {
    let sizes = [("BATCH", batch), ("CHANNELS", channels), ("STRIDE", aligned(channels)), ("PLANE", plane)];
    shader!("batch_norm_statistics").with(&sizes)
}

fn share_shader(sizes: [usize; 3], shares: Shares) -> Shader {
    shares.sized(shader!("batch_norm_share_statistics"), sizes).with(&[("STRIDE", aligned(sizes[1]))])
}

fn join_shader([batch, channels, plane]: [usize; 3], shares: Shares) -> Shader {
    shader!("batch_norm_join_statistics").with(&[
        ("CHANNELS", channels),
        ("STRIDE", aligned(channels)),
        ("COUNT", batch * plane),
        ("SLICES", shares.count),
        ("SHARE", shares.elements()),
    ])
}

/// The kernels of every class for `[batch, channels, plane]`.
pub fn shaders(sizes: [usize; 3]) -> Vec<Shader> {
    let mut shaders = vec![whole_shader(sizes)];
    if let Some(shares) = Shares::of(sizes[0] * sizes[2], DeviceClass::Discrete) {
        shaders.push(share_shader(sizes, shares));
        if shares.count > 1 {
            shaders.push(join_shader(sizes, shares));
        }
    }
    shaders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::shares::has_their_invocations;

    #[test]
    fn the_kernel_has_the_invocations_of_a_share() {
        assert!(has_their_invocations(&shader!("batch_norm_share_statistics")));
    }

    #[test]
    fn shares_are_joined_only_if_there_are_several() {
        let names = |sizes| shaders(sizes).iter().map(Shader::name).collect::<Vec<_>>();
        assert_eq!(names([64, 16, 64]), ["batch_norm_statistics", "batch_norm_share_statistics"]);
        assert_eq!(names([64, 16, 1_024])[2..], ["batch_norm_join_statistics"]);
    }
}
