#import strict
#import strict_vectors
#import strict_division
#import gather

// Mean and biased variance of each channel of x [BATCH, CHANNELS, PLANE], as the first CHANNELS of [2, STRIDE].
//
// One workgroup per channel. The variance is the mean of squared deviations, taken in a second pass over the channel: a
// difference of large numbers would cancel. Each invocation takes every THREADS-th element of the channel, so that
// neighbours read side by side, and keeps four sums, so that loads overlap. PARTS invocations add up the sums of all,
// and every invocation adds up those PARTS sums.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const STRIDE: u32 = 3u;
const PLANE: u32 = 4u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;
const COUNT: u32 = BATCH * PLANE;
const FOURS: u32 = COUNT / (4u * THREADS);

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> statistics: array<f32>;

// The sums of all invocations, and the PARTS partial sums.
var<workgroup> values: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

// An element of the channel: where it lies in x, and its pixel.
struct Place {
    at: u32,
    pixel: u32,
}

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
    // Always FOURS, but compilers cannot know: they would unroll the loops, and run out of registers.
    let fours = select(0u, FOURS, count.x > 0u);
    gather(sum_of_elements(channel, thread, fours), thread);
    let mean = gathered_mean();
    gather(sum_of_squares(channel, thread, fours, mean), thread);
    if (thread == 0u) {
        statistics[channel] = mean;
        statistics[STRIDE + channel] = gathered_mean();
    }
}

// The sum of the elements of one invocation.
fn sum_of_elements(channel: u32, thread: u32, fours: u32) -> f32 {
    var place = first(channel, thread);
    var sums = vec4(0.0);
    for (var four = 0u; four < fours; four++) {
        sums += next_four(&place);
    }
    var rest = 0.0;
    for (var index = FOURS * 4u * THREADS + thread; index < COUNT; index += THREADS) {
        rest += next(&place);
    }
    return (sums.x + sums.y) + (sums.z + sums.w) + rest;
}

// The sum of the squares of x - mean over the elements of one invocation.
fn sum_of_squares(channel: u32, thread: u32, fours: u32, mean: f32) -> f32 {
    var place = first(channel, thread);
    var sums = vec4(0.0);
    for (var four = 0u; four < fours; four++) {
        let deviation = next_four(&place) - mean;
        sums += rounded4(deviation * deviation);
    }
    var rest = 0.0;
    for (var index = FOURS * 4u * THREADS + thread; index < COUNT; index += THREADS) {
        let deviation = next(&place) - mean;
        rest += rounded(deviation * deviation);
    }
    return (sums.x + sums.y) + (sums.z + sums.w) + rest;
}

fn first(channel: u32, thread: u32) -> Place {
    return Place((thread / PLANE * CHANNELS + channel) * PLANE + thread % PLANE, thread % PLANE);
}

fn next_four(place: ptr<function, Place>) -> vec4<f32> {
    let a = next(place);
    let b = next(place);
    let c = next(place);
    let d = next(place);
    return vec4(a, b, c, d);
}

// Reads an element, and moves on by THREADS elements of the channel: by some whole images and some pixels.
fn next(place: ptr<function, Place>) -> f32 {
    let value = x[(*place).at];
    let pixel = (*place).pixel + THREADS % PLANE;
    let wraps = pixel >= PLANE;
    let images = THREADS / PLANE + select(0u, 1u, wraps);
    (*place).at += images * (CHANNELS - 1u) * PLANE + THREADS;
    (*place).pixel = select(pixel, pixel - PLANE, wraps);
    return value;
}

// The mean of the gathered values.
fn gathered_mean() -> f32 {
    var sum = 0.0;
    for (var part = 0u; part < PARTS; part++) {
        sum += parts[part];
    }
    return settled(divided(sum, f32(COUNT)));
}
