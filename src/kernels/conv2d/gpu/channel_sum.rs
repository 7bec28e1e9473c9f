//! Sums of channels: on a GPU in shares, elsewhere by one workgroup for each channel.

use burn::backend::TensorMetadata;
use burn_wgpu::CubeTensor;

use crate::kernels::class::DeviceClass;
use crate::kernels::launch::Launch;
use crate::kernels::shader::{Shader, shader};
use crate::kernels::shares::Shares;

/// The sums of shares of each channel, `[shares, channels]`.
pub fn channel_sum(x: &CubeTensor, launch: Launch) -> CubeTensor {
    let [batch, channels, height, width] = x.shape().dims();
    let sizes = [batch, channels, height * width];
    let (shader, count) = match Shares::of(batch * height * width, launch.class()) {
        Some(shares) => (share_shader(sizes, shares), shares.count),
        None => (whole_shader(sizes), 1),
    };
    let sums = launch.output(x, [count, channels]);
    let [columns, rows] = launch.spread(count * channels);
    shader.launch([columns, rows, 1], &[x, &sums], &[]);
    sums
}

fn whole_shader([batch, channels, plane]: [usize; 3]) -> Shader {
    shader!("conv2d_channel_sum").with(&[("BATCH", batch), ("CHANNELS", channels), ("PLANE", plane)])
}

fn share_shader(sizes: [usize; 3], shares: Shares) -> Shader {
    shares.sized(shader!("conv2d_share_channel_sum"), sizes)
}

/// The kernels of every class for `[batch, channels, height, width]`.
pub fn shaders([batch, channels, height, width]: [usize; 4]) -> Vec<Shader> {
    let sizes = [batch, channels, height * width];
    let shares = Shares::of(batch * height * width, DeviceClass::Discrete);
    [whole_shader(sizes)].into_iter().chain(shares.map(|shares| share_shader(sizes, shares))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::shares::has_their_invocations;

    #[test]
    fn the_kernel_has_the_invocations_of_a_share() {
        assert!(has_their_invocations(&shader!("conv2d_share_channel_sum")));
    }

    #[test]
    fn large_channels_have_shares() {
        let slices = |dims| shaders(dims)[1].constants()[3];
        assert_eq!(slices([64, 16, 8, 8]), ("SLICES", 1));
        assert_eq!(slices([64, 16, 32, 32]), ("SLICES", 16));
    }
}
