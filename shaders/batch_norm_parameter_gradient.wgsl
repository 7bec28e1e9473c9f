#import strict
#import strict_vectors
#import strict_division
#import strict_root
#import additions
#import before_cut

// The gradients of scale and shift of batch normalisation with ReLU (batch_norm_relu.wgsl), per image: [2, BATCH,
// CHANNELS], from x and the gradient of y [BATCH, CHANNELS, PLANE], statistics [2, STRIDE], and scale and shift
// [ROWS, CHANNELS] with ROWS 1 or BATCH. Per plane, they are the sums of the gradient that passes the ReLU, times the
// normalised x (scale) and alone (shift).
//
// PARTS invocations share a plane, and neighbours read side by side; the first invocations of a workgroup add up their
// sums. PARTS divides THREADS.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const STRIDE: u32 = 3u;
const PLANE: u32 = 4u;
const ROWS: u32 = 1u;
const PARTS: u32 = 4u;

const THREADS: u32 = 64u;
const PLANES: u32 = BATCH * CHANNELS;
const GROUP_PLANES: u32 = THREADS / PARTS;
const FOURS: u32 = PLANE / (4u * PARTS);
const EPSILON: f32 = 1e-5;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> shift: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> image_gradients: array<f32>;

var<workgroup> sums: array<vec2<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = (id.y * count.x + id.x) * GROUP_PLANES;
    let mine = first + thread / PARTS;
    var sum = vec2(0.0);
    if (mine < PLANES) {
        sum = part_of(mine, thread % PARTS);
    }
    sums[thread] = sum;
    workgroupBarrier();
    let plane = first + thread;
    if (thread >= GROUP_PLANES || plane >= PLANES) {
        return;
    }
    sum = vec2(0.0);
    for (var part = 0u; part < PARTS; part++) {
        sum += sums[thread * PARTS + part];
    }
    image_gradients[plane] = settled(sum.x);
    image_gradients[PLANES + plane] = settled(sum.y);
}

// The sums of a plane over every PARTS-th pixel.
fn part_of(plane: u32, part: u32) -> vec2<f32> {
    let channel = plane % CHANNELS;
    let row = select(plane, channel, ROWS == 1u);
    let mean = statistics[channel];
    let inverse_deviation = divided(1.0, root_of(statistics[STRIDE + channel] + EPSILON));
    let factor = scale[row];
    let offset = shift[row];
    let start = plane * PLANE;
    var at = start + part;
    var scale_sum = vec4(0.0);
    var shift_sum = vec4(0.0);
    for (var four = 0u; four < FOURS; four++) {
        let values = vec4(x[at], x[at + PARTS], x[at + 2u * PARTS], x[at + 3u * PARTS]);
        let gradients = vec4(gradient[at], gradient[at + PARTS], gradient[at + 2u * PARTS], gradient[at + 3u * PARTS]);
        let normalized = settled4((values - mean) * inverse_deviation);
        let passed = select(gradients, vec4(0.0), before_cut(normalized, factor, offset) <= vec4(0.0));
        scale_sum += rounded4(passed * normalized);
        shift_sum += passed;
        at += 4u * PARTS;
    }
    var rest = vec2(0.0);
    for (; at < start + PLANE; at += PARTS) {
        let normalized = settled4((vec4(x[at]) - mean) * inverse_deviation);
        let passed = select(gradient[at], 0.0, before_cut(normalized, factor, offset).x <= 0.0);
        rest += vec2(rounded(passed * normalized.x), passed);
    }
    return vec2(added(scale_sum), added(shift_sum)) + rest;
}
