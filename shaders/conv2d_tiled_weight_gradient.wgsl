// The gradients of a convolution's weights and bias, for GPUs: the same partial sums as conv2d_weight_gradient.wgsl,
// [SLICES, outputs, columns], with the column c * TAPS + tap for a weight and the last one for the bias.
//
// A matrix product of y [outputs, pixels] with patches of x [pixels, columns]. A workgroup computes TILE_M outputs in
// TILE_N columns over a contiguous share of the pixels, DEPTH at a time: it copies what they need into workgroup memory
// and multiplies there. In the tiles the taps come first, and then the channels. So the four columns of a quad are
// channels at one tap, and look at the same place of their planes. Neighbouring invocations load neighbouring pixels,
// and each stores four outputs or channels of its pixel as one vector.
//
// Each invocation computes OWN_M outputs (4 or 8) in OWN_N columns (4 or 8). The tiles are powers of two, with at least
// DEPTH invocations, which load at most four quads of y and four of x each.

const BATCH: u32 = 2u;
const INPUTS: u32 = 3u;
const IN_HEIGHT: u32 = 5u;
const IN_WIDTH: u32 = 5u;
const OUTPUTS: u32 = 4u;
const OUT_HEIGHT: u32 = 5u;
const OUT_WIDTH: u32 = 5u;
const KERNEL: u32 = 3u;
const STRIDE: u32 = 1u;
const PADDING: u32 = 1u;
const SLICES: u32 = 2u;
const TILE_M: u32 = 64u;
const TILE_N: u32 = 64u;
const OWN_M: u32 = 8u;
const OWN_N: u32 = 8u;
const DEPTH: u32 = 16u;

const THREADS_N: u32 = TILE_N / OWN_N;
const THREADS: u32 = TILE_M / OWN_M * THREADS_N;
const TAPS: u32 = KERNEL * KERNEL;
const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const PIXELS: u32 = BATCH * OUT_PLANE;
const BLOCKS: u32 = (PIXELS + DEPTH - 1u) / DEPTH;
const SHARE: u32 = (BLOCKS + SLICES - 1u) / SLICES;
const COLUMNS: u32 = INPUTS * TAPS + 1u;
const QUADS_M: u32 = TILE_M / 4u;
const QUADS_N: u32 = TILE_N / 4u;
const CHANNEL_QUADS: u32 = (INPUTS + 3u) / 4u;
const COLUMN_QUADS: u32 = CHANNEL_QUADS * TAPS;
const TILES_M: u32 = (OUTPUTS + TILE_M - 1u) / TILE_M;
const TILES_N: u32 = (COLUMN_QUADS + QUADS_N - 1u) / QUADS_N;
// Quads that the workgroup loads at a time.
const STEP: u32 = THREADS / DEPTH;
// One quad more than the tile, so that neighbours store into different banks of workgroup memory.
const ROW_M: u32 = QUADS_M + 1u;
const ROW_N: u32 = QUADS_N + 1u;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

var<workgroup> left: array<vec4<f32>, DEPTH * ROW_M>;
var<workgroup> right: array<vec4<f32>, DEPTH * ROW_N>;

// The sums of an invocation: its first and second four outputs, in its first and second four columns.
struct Sums {
    s00: mat4x4<f32>,
    s10: mat4x4<f32>,
    s01: mat4x4<f32>,
    s11: mat4x4<f32>,
}

// What an invocation has loaded: quads of y and x at its pixel.
struct Loaded {
    y0: vec4<f32>,
    y1: vec4<f32>,
    y2: vec4<f32>,
    y3: vec4<f32>,
    x0: vec4<f32>,
    x1: vec4<f32>,
    x2: vec4<f32>,
    x3: vec4<f32>,
}

// A pixel of y: whether it exists, where it lies in y, and where its first tap looks in x, without the channel.
struct Pixel {
    exists: bool,
    y_at: u32,
    x_at: u32,
    row: u32,
    column: u32,
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let group = id.y * count.x + id.x;
    let slice = group / (TILES_M * TILES_N);
    if (slice >= SLICES) {
        return;
    }
    let tile_m = group / TILES_N % TILES_M;
    let tile_n = group % TILES_N;
    let row = thread / THREADS_N;
    let column = thread % THREADS_N;
    var own = Sums();
    var bias = 0.0;
    for (var block = slice * SHARE; block < min((slice + 1u) * SHARE, BLOCKS); block++) {
        let loaded = load(tile_m * QUADS_M, tile_n * QUADS_N, block, thread);
        workgroupBarrier();
        store(loaded, thread);
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k += 4u) {
            own = add_pixel(own, k, row, column);
            own = add_pixel(own, k + 1u, row, column);
            own = add_pixel(own, k + 2u, row, column);
            own = add_pixel(own, k + 3u, row, column);
        }
        if (tile_n == 0u) {
            bias = add_ones(bias, thread);
        }
    }
    let m = tile_m * QUADS_M + row;
    let n = tile_n * QUADS_N + column;
    write_matrix(slice, m, n, own.s00);
    if (OWN_M > 4u) {
        write_matrix(slice, m + QUADS_M / 2u, n, own.s10);
    }
    if (OWN_N > 4u) {
        write_matrix(slice, m, n + QUADS_N / 2u, own.s01);
    }
    if (OWN_M > 4u && OWN_N > 4u) {
        write_matrix(slice, m + QUADS_M / 2u, n + QUADS_N / 2u, own.s11);
    }
    if (tile_n == 0u) {
        write_bias(slice, tile_m, thread, bias);
    }
}

fn load(m: u32, n: u32, block: u32, thread: u32) -> Loaded {
    let pixel = see(block * DEPTH + thread % DEPTH);
    let own = thread / DEPTH;
    var loaded = Loaded();
    loaded.y0 = load_y(pixel, m, own);
    loaded.x0 = load_x(pixel, n, own);
    if (QUADS_M > STEP) {
        loaded.y1 = load_y(pixel, m + STEP, own);
    }
    if (QUADS_M > 2u * STEP) {
        loaded.y2 = load_y(pixel, m + 2u * STEP, own);
        loaded.y3 = load_y(pixel, m + 3u * STEP, own);
    }
    if (QUADS_N > STEP) {
        loaded.x1 = load_x(pixel, n + STEP, own);
    }
    if (QUADS_N > 2u * STEP) {
        loaded.x2 = load_x(pixel, n + 2u * STEP, own);
        loaded.x3 = load_x(pixel, n + 3u * STEP, own);
    }
    return loaded;
}

// Coordinates left of or above the image wrap around to large numbers, so one comparison finds both sides.
fn see(index: u32) -> Pixel {
    let exists = PIXELS % DEPTH == 0u || index < PIXELS;
    let image = index / OUT_PLANE;
    let place = index % OUT_PLANE;
    let row = place / OUT_WIDTH * STRIDE - PADDING;
    let column = place % OUT_WIDTH * STRIDE - PADDING;
    let y_at = select(0u, image * (OUTPUTS * OUT_PLANE) + place, exists);
    return Pixel(exists, y_at, image * (INPUTS * IN_PLANE) + row * IN_WIDTH + column, row, column);
}

// The quad of outputs `first + own`; past the end, outputs repeat.
fn load_y(pixel: Pixel, first: u32, own: u32) -> vec4<f32> {
    let at = pixel.y_at + four(first, own, OUTPUTS, OUT_PLANE);
    return select(vec4<f32>(0.0), vec4<f32>(y[at.x], y[at.y], y[at.z], y[at.w]), pixel.exists);
}

// The quad of columns `first + own`; past the end, columns repeat. If all invocations have the same tap, none computes
// it.
fn load_x(pixel: Pixel, first: u32, own: u32) -> vec4<f32> {
    var quad = min(first + own, COLUMN_QUADS - 1u);
    var rest = 0u;
    if (CHANNEL_QUADS % STEP == 0u) {
        quad = min(first, COLUMN_QUADS - STEP);
        rest = own;
    }
    let tap = quad / CHANNEL_QUADS;
    let down = tap / KERNEL;
    let right = tap % KERNEL;
    let inside = pixel.exists && pixel.row + down < IN_HEIGHT && pixel.column + right < IN_WIDTH;
    let from_tap = select(0u, pixel.x_at + (down * IN_WIDTH + right), inside);
    let at = from_tap + four(quad % CHANNEL_QUADS, rest, INPUTS, IN_PLANE);
    return select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
}

// Where the four planes of the quad `first + own` of `count` planes start; past the end, planes repeat.
fn four(first: u32, own: u32, count: u32, plane: u32) -> vec4<u32> {
    let each = vec4<u32>(0u, 1u, 2u, 3u);
    if (count % (4u * STEP) == 0u) {
        return own * (4u * plane) + (min(first, count / 4u - STEP) * (4u * plane) + each * plane);
    }
    return min(4u * (first + own) + each, vec4<u32>(count - 1u)) * plane;
}

fn store(loaded: Loaded, thread: u32) {
    let own = thread / DEPTH;
    let m = thread % DEPTH * ROW_M + own;
    let n = thread % DEPTH * ROW_N + own;
    if (QUADS_M >= STEP || own < QUADS_M) {
        left[m] = loaded.y0;
    }
    if (QUADS_N >= STEP || own < QUADS_N) {
        right[n] = loaded.x0;
    }
    if (QUADS_M > STEP) {
        left[m + STEP] = loaded.y1;
    }
    if (QUADS_M > 2u * STEP) {
        left[m + 2u * STEP] = loaded.y2;
        left[m + 3u * STEP] = loaded.y3;
    }
    if (QUADS_N > STEP) {
        right[n + STEP] = loaded.x1;
    }
    if (QUADS_N > 2u * STEP) {
        right[n + 2u * STEP] = loaded.x2;
        right[n + 3u * STEP] = loaded.x3;
    }
}

fn add_pixel(sums: Sums, k: u32, row: u32, column: u32) -> Sums {
    var result = sums;
    let m = k * ROW_M + row;
    let n = k * ROW_N + column;
    let a0 = left[m];
    let b0 = right[n];
    result.s00 = add_product(result.s00, a0, b0);
    if (OWN_M > 4u) {
        result.s10 = add_product(result.s10, left[m + QUADS_M / 2u], b0);
    }
    if (OWN_N > 4u) {
        let b1 = right[n + QUADS_N / 2u];
        result.s01 = add_product(result.s01, a0, b1);
        if (OWN_M > 4u) {
            result.s11 = add_product(result.s11, left[m + QUADS_M / 2u], b1);
        }
    }
    return result;
}

// sums + a b^T, with one column per element of b.
fn add_product(sums: mat4x4<f32>, a: vec4<f32>, b: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(
        fma(a, vec4<f32>(b.x), sums[0]),
        fma(a, vec4<f32>(b.y), sums[1]),
        fma(a, vec4<f32>(b.z), sums[2]),
        fma(a, vec4<f32>(b.w), sums[3]),
    );
}

// Adds up the pixels of one output.
fn add_ones(sum: f32, thread: u32) -> f32 {
    var result = sum;
    for (var k = 0u; k < DEPTH; k++) {
        result += left[k * ROW_M + thread % TILE_M / 4u][thread % 4u];
    }
    return result;
}

fn write_matrix(slice: u32, m: u32, n: u32, values: mat4x4<f32>) {
    let tap = n / CHANNEL_QUADS;
    let channel = n % CHANNEL_QUADS * 4u;
    if (tap < TAPS) {
        write_channel(slice, 4u * m, channel, tap, values[0]);
        write_channel(slice, 4u * m, channel + 1u, tap, values[1]);
        write_channel(slice, 4u * m, channel + 2u, tap, values[2]);
        write_channel(slice, 4u * m, channel + 3u, tap, values[3]);
    }
}

fn write_channel(slice: u32, output: u32, channel: u32, tap: u32, values: vec4<f32>) {
    if (channel < INPUTS && output < OUTPUTS) {
        let at = (slice * OUTPUTS + output) * COLUMNS + channel * TAPS + tap;
        sums[at] = values.x;
        if (OUTPUTS % 4u == 0u || output + 1u < OUTPUTS) {
            sums[at + COLUMNS] = values.y;
        }
        if (OUTPUTS % 4u == 0u || output + 2u < OUTPUTS) {
            sums[at + 2u * COLUMNS] = values.z;
        }
        if (OUTPUTS % 4u == 0u || output + 3u < OUTPUTS) {
            sums[at + 3u * COLUMNS] = values.w;
        }
    }
}

fn write_bias(slice: u32, tile_m: u32, thread: u32, bias: f32) {
    let output = tile_m * TILE_M + thread;
    if (thread < TILE_M && output < OUTPUTS) {
        sums[(slice * OUTPUTS + output) * COLUMNS + COLUMNS - 1u] = bias;
    }
}
