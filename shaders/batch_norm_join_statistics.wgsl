#import gather

// Joins the means and biased variances of shares [SLICES, 2, STRIDE], from batch_norm_share_statistics.wgsl, to those of
// whole channels, the first CHANNELS of [2, STRIDE]. The variance is the mean of the shares' variances, each with the
// square of the distance between its mean and that of the channel, weighted by their elements (Chan, Golub and LeVeque
// 1979). A share has SHARE elements, and the last one what is left of COUNT.
//
// One workgroup per channel. Each invocation takes every THREADS-th share. PARTS invocations add up the sums of all,
// and every invocation adds up those PARTS sums.

const CHANNELS: u32 = 3u;
const STRIDE: u32 = 3u;
const COUNT: u32 = 8u;
const SLICES: u32 = 2u;
const SHARE: u32 = 4u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;

@group(0) @binding(0) var<storage, read_write> shares: array<f32>;
@group(0) @binding(1) var<storage, read_write> statistics: array<f32>;

// The sums of all invocations, and the PARTS partial sums.
var<workgroup> values: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let channel = id.y * count.x + id.x;
    if (channel >= CHANNELS) {
        return;
    }
    var sum = 0.0;
    for (var slice = thread; slice < SLICES; slice += THREADS) {
        sum = fma(elements(slice), shares[2u * slice * STRIDE + channel], sum);
    }
    gather(sum, thread);
    let mean = gathered() / f32(COUNT);
    var squares = 0.0;
    for (var slice = thread; slice < SLICES; slice += THREADS) {
        let deviation = shares[2u * slice * STRIDE + channel] - mean;
        let variance = shares[(2u * slice + 1u) * STRIDE + channel];
        squares = fma(elements(slice), fma(deviation, deviation, variance), squares);
    }
    gather(squares, thread);
    let variance = gathered() / f32(COUNT);
    if (thread == 0u) {
        statistics[channel] = mean;
        statistics[STRIDE + channel] = variance;
    }
}

fn elements(slice: u32) -> f32 {
    return f32(min(SHARE, COUNT - slice * SHARE));
}
