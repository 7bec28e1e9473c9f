// Mean and biased variance of each channel of x [BATCH, CHANNELS, PLANE], as [2, CHANNELS].
//
// One workgroup a channel. The variance is the mean of squared deviations, taken in a second pass over the channel: a
// difference of large numbers would cancel. Each invocation takes every THREADS-th element of the channel, so that
// neighbours read side by side, and keeps four sums, for their loads to overlap. The sums of the invocations are added
// in two steps of at most PARTS additions each.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const PLANE: u32 = 4u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;
const COUNT: u32 = BATCH * PLANE;
const FOURS: u32 = COUNT / (4u * THREADS);

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> statistics: array<f32>;

var<workgroup> sums: array<f32, THREADS>;

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
    let mean = total(deviations(channel, thread, 0.0), thread) / f32(COUNT);
    let variance = total(squares(channel, thread, mean), thread) / f32(COUNT);
    if (thread == 0u) {
        statistics[channel] = mean;
        statistics[CHANNELS + channel] = variance;
    }
}

// The sum of x - centre over the elements of one invocation.
fn deviations(channel: u32, thread: u32, centre: f32) -> f32 {
    var place = first(channel, thread);
    var sum = vec4(0.0);
    for (var four = 0u; four < FOURS; four++) {
        sum += next_four(&place) - centre;
    }
    var rest = 0.0;
    for (var index = FOURS * 4u * THREADS + thread; index < COUNT; index += THREADS) {
        rest += next(&place) - centre;
    }
    return (sum.x + sum.y) + (sum.z + sum.w) + rest;
}

// The sum of the squares of x - centre over the elements of one invocation.
fn squares(channel: u32, thread: u32, centre: f32) -> f32 {
    var place = first(channel, thread);
    var sum = vec4(0.0);
    for (var four = 0u; four < FOURS; four++) {
        let deviation = next_four(&place) - centre;
        sum += deviation * deviation;
    }
    var rest = 0.0;
    for (var index = FOURS * 4u * THREADS + thread; index < COUNT; index += THREADS) {
        let deviation = next(&place) - centre;
        rest += deviation * deviation;
    }
    return (sum.x + sum.y) + (sum.z + sum.w) + rest;
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

// The sum of the values of all invocations, for each of them.
fn total(value: f32, thread: u32) -> f32 {
    // Those of the last total have been read.
    workgroupBarrier();
    sums[thread] = value;
    workgroupBarrier();
    var part = 0.0;
    if (thread < THREADS / PARTS) {
        for (var index = 0u; index < PARTS; index++) {
            part += sums[index * (THREADS / PARTS) + thread];
        }
    }
    workgroupBarrier();
    if (thread < THREADS / PARTS) {
        sums[thread] = part;
    }
    workgroupBarrier();
    var all = 0.0;
    for (var index = 0u; index < THREADS / PARTS; index++) {
        all += sums[index];
    }
    return all;
}
