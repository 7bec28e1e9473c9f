#import strict
#import strict_vectors
#import strict_division
#import strict_root
#import before_cut

// Batch normalisation with given statistics, followed by ReLU: y = relu(scale * (x - mean) / sqrt(variance + EPSILON) +
// shift) for x and y [BATCH, CHANNELS, PLANE], statistics [2, STRIDE] (mean, variance), and scale and shift [ROWS,
// CHANNELS] with ROWS 1 or BATCH.
//
// PARTS invocations share a plane, and neighbours read side by side: each fetches the numbers of only one channel.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const STRIDE: u32 = 3u;
const PLANE: u32 = 4u;
const ROWS: u32 = 1u;
const PARTS: u32 = 4u;

const THREADS: u32 = 64u;
const PLANES: u32 = BATCH * CHANNELS;
const FOURS: u32 = PLANE / (4u * PARTS);
const EPSILON: f32 = 1e-5;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> shift: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let invocation = (id.y * count.x + id.x) * THREADS + thread;
    let plane = invocation / PARTS;
    if (plane >= PLANES) {
        return;
    }
    let channel = plane % CHANNELS;
    let row = select(plane, channel, ROWS == 1u);
    let mean = statistics[channel];
    let inverse_deviation = divided(1.0, root_of(statistics[STRIDE + channel] + EPSILON));
    let factor = scale[row];
    let offset = shift[row];
    let start = plane * PLANE;
    let part = invocation % PARTS;
    var at = start + part;
    for (var four = 0u; four < FOURS; four++) {
        let values = vec4(x[at], x[at + PARTS], x[at + 2u * PARTS], x[at + 3u * PARTS]);
        let normalized = settled4((values - mean) * inverse_deviation);
        let cut = relu(before_cut(normalized, factor, offset));
        y[at] = cut.x;
        y[at + PARTS] = cut.y;
        y[at + 2u * PARTS] = cut.z;
        y[at + 3u * PARTS] = cut.w;
        at += 4u * PARTS;
    }
    for (; at < start + PLANE; at += PARTS) {
        let normalized = settled4((vec4(x[at]) - mean) * inverse_deviation);
        y[at] = relu(before_cut(normalized, factor, offset)).x;
    }
}

// Recognises NaN by its bits, which without the sign are above those of infinity, since a compiler may assume that
// there is no NaN.
fn relu(values: vec4<f32>) -> vec4<f32> {
    let is_nan = (bitcast<vec4<u32>>(values) & vec4(0x7fffffffu)) > vec4(0x7f800000u);
    return select(max(values, vec4(0.0)), values, is_nan);
}
