// The sum of each channel of x [batch, channels, plane] over images and pixels: [channels]. One workgroup a channel adds
// up in a fixed order: each invocation every THREADS-th element, and then a tree.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const PLANE: u32 = 25u;

const THREADS: u32 = 256u;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

var<workgroup> shares: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let channel = id.x;
    var sum = 0.0;
    for (var at = thread; at < BATCH * PLANE; at += THREADS) {
        sum += x[(at / PLANE * CHANNELS + channel) * PLANE + at % PLANE];
    }
    shares[thread] = sum;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        if (thread < half) {
            shares[thread] += shares[thread + half];
        }
        workgroupBarrier();
    }
    if (thread == 0u) {
        sums[channel] = shares[0];
    }
}
