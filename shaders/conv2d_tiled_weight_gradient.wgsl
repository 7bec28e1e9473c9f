#import products

// The gradients of a convolution's weights and bias, for GPUs: the same partial sums as conv2d_weight_gradient.wgsl, in
// the same order.
//
// A matrix product of y [outputs, pixels] with patches of x [pixels, columns]. A workgroup computes TILE_M outputs in
// TILE_N columns over its slice, a run of pixels. It copies what DEPTH pixels need into workgroup memory, where each
// invocation takes it for 8 outputs in OWN_N columns (4 or 8), and goes on. Tiles of a slice have workgroups side by
// side, since they load the same pixels.
//
// A quad is four outputs, or four channels at one tap: four planes at the same place. The tiles order columns by tap,
// then by channel. An invocation loads quads at one pixel, and stores each as a vector; its neighbours take the next
// pixels. The bias needs no column in a tile: the tiles of the first columns also add up y.
//
// The sides of a tile are powers of two. A workgroup has at least DEPTH and at least TILE_M invocations, and each loads
// at most four quads of y and four of x at a time.

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
const OWN_N: u32 = 8u;
const DEPTH: u32 = 16u;

const THREADS_N: u32 = TILE_N / OWN_N;
const THREADS: u32 = TILE_M / 8u * THREADS_N;
const TAPS: u32 = KERNEL * KERNEL;
const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const PIXELS: u32 = BATCH * OUT_PLANE;
const BLOCKS: u32 = (PIXELS + DEPTH - 1u) / DEPTH;
const SHARE: u32 = (BLOCKS + SLICES - 1u) / SLICES;
const ALIGNMENT: u32 = 64u;
const WEIGHTS: u32 = INPUTS * TAPS;
const WEIGHTS_AT: u32 = (OUTPUTS + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;
const SLICE: u32 = WEIGHTS_AT + (OUTPUTS * WEIGHTS + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;
const OUTPUT_QUADS: u32 = (OUTPUTS + 3u) / 4u;
const INPUT_QUADS: u32 = (INPUTS + 3u) / 4u;
const COLUMN_QUADS: u32 = TAPS * INPUT_QUADS;
const QUADS_M: u32 = TILE_M / 4u;
const QUADS_N: u32 = TILE_N / 4u;
const TILES_M: u32 = (OUTPUT_QUADS + QUADS_M - 1u) / QUADS_M;
const TILES_N: u32 = (COLUMN_QUADS + QUADS_N - 1u) / QUADS_N;
// Quads that the workgroup loads at a time.
const STEP: u32 = THREADS / DEPTH;
// Whether the quads of a step exist all or none, at the same tap: they are clamped together, and share their tap.
const EVEN_M: bool = QUADS_M >= STEP && OUTPUTS % (4u * STEP) == 0u;
const EVEN_N: bool = QUADS_N >= STEP && INPUTS % (4u * STEP) == 0u;
// Quads of a pixel in workgroup memory. It is odd, so that neighbours store into different banks.
const ROW: u32 = QUADS_M + QUADS_N + 1u;
const EACH: vec4<u32> = vec4<u32>(0u, 1u, 2u, 3u);
const_assert THREADS >= DEPTH && THREADS >= TILE_M && QUADS_M <= 4u * STEP && QUADS_N <= 4u * STEP;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

// For each of DEPTH pixels, the tile's quads of y and then those of x.
var<workgroup> staged: array<vec4<f32>, DEPTH * ROW>;

// The sums of an invocation: its first and second quad of outputs, in its first and second quad of columns.
struct Sums {
    s00: mat4x4<f32>,
    s10: mat4x4<f32>,
    s01: mat4x4<f32>,
    s11: mat4x4<f32>,
}

// Four quads of columns: where they start in x, moved by their tap, and the tap.
struct Columns {
    at: vec4<u32>,
    down: vec4<u32>,
    across: vec4<u32>,
}

// A pixel of y: whether it exists, where it lies in y, and where its first tap looks.
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
    let step = thread / DEPTH;
    let outputs = quads_of_y(tile_m * QUADS_M + select(step, 0u, EVEN_M));
    let columns = quads_of_x(tile_n * QUADS_N + select(step, 0u, EVEN_N));
    let m = thread / THREADS_N;
    let n = thread % THREADS_N;
    var own = Sums();
    var bias = 0.0;
    for (var block = slice * SHARE; block < min((slice + 1u) * SHARE, BLOCKS); block++) {
        let pixel = pixel_at(block * DEPTH + thread % DEPTH, step);
        let y_quads = load_y(pixel, outputs);
        let x_quads = load_x(pixel, columns);
        workgroupBarrier();
        stage(y_quads, thread % DEPTH * ROW, step, QUADS_M);
        stage(x_quads, thread % DEPTH * ROW + QUADS_M, step, QUADS_N);
        workgroupBarrier();
        for (var k = 0u; k < DEPTH; k += 4u) {
            own = add_pixel(own, k * ROW, m, n);
            own = add_pixel(own, (k + 1u) * ROW, m, n);
            own = add_pixel(own, (k + 2u) * ROW, m, n);
            own = add_pixel(own, (k + 3u) * ROW, m, n);
        }
        if (tile_n == 0u) {
            bias = add_output(bias, thread % TILE_M);
        }
    }
    let row = tile_m * QUADS_M + m;
    let column = tile_n * QUADS_N + n;
    write_matrix(slice, row, column, own.s00);
    write_matrix(slice, row + QUADS_M / 2u, column, own.s10);
    if (OWN_N > 4u) {
        write_matrix(slice, row, column + QUADS_N / 2u, own.s01);
        write_matrix(slice, row + QUADS_M / 2u, column + QUADS_N / 2u, own.s11);
    }
    let output = tile_m * TILE_M + thread;
    if (tile_n == 0u && thread < TILE_M && output < OUTPUTS) {
        sums[slice * SLICE + output] = bias;
    }
}

// Where the quads of outputs that an invocation loads start in y; past the end, the last one again.
fn quads_of_y(first: u32) -> vec4<u32> {
    let quad = min(first + STEP * EACH, vec4<u32>(OUTPUT_QUADS - select(1u, STEP, EVEN_M)));
    return 4u * OUT_PLANE * quad;
}

// The quads of columns that an invocation loads; past the end, the last one again.
fn quads_of_x(first: u32) -> Columns {
    let quad = min(first + STEP * EACH, vec4<u32>(COLUMN_QUADS - select(1u, STEP, EVEN_N)));
    let tap = quad / INPUT_QUADS;
    let place = 4u * IN_PLANE * (quad % INPUT_QUADS) + tap / KERNEL * IN_WIDTH + tap % KERNEL;
    return Columns(place, tap / KERNEL, tap % KERNEL);
}

// Coordinates left of or above the image wrap around to large numbers, so one comparison finds both sides.
fn pixel_at(index: u32, step: u32) -> Pixel {
    let exists = PIXELS % DEPTH == 0u || index < PIXELS;
    let image = index / OUT_PLANE;
    let row = index / OUT_WIDTH % OUT_HEIGHT * STRIDE - PADDING;
    let column = index % OUT_WIDTH * STRIDE - PADDING;
    let y_at = select(0u, image * (OUTPUTS * OUT_PLANE) + index % OUT_PLANE, exists);
    let x_at = image * (INPUTS * IN_PLANE) + row * IN_WIDTH + column;
    let more_m = select(0u, 4u * OUT_PLANE * step, EVEN_M);
    let more_n = select(0u, 4u * IN_PLANE * step, EVEN_N);
    return Pixel(exists, y_at + more_m, x_at + more_n, row, column);
}

fn load_y(pixel: Pixel, outputs: vec4<u32>) -> mat4x4<f32> {
    let at = pixel.y_at + outputs;
    let exists = pixel.exists;
    return mat4x4<f32>(read_y(at.x, exists), read_y(at.y, exists), read_y(at.z, exists), read_y(at.w, exists));
}

fn load_x(pixel: Pixel, columns: Columns) -> mat4x4<f32> {
    let row = pixel.row + columns.down;
    let column = pixel.column + columns.across;
    let inside = (row < vec4<u32>(IN_HEIGHT)) & (column < vec4<u32>(IN_WIDTH)) & vec4<bool>(pixel.exists);
    let at = select(vec4<u32>(0u), pixel.x_at + columns.at, inside);
    return mat4x4<f32>(read_x(at.x, inside.x), read_x(at.y, inside.y), read_x(at.z, inside.z), read_x(at.w, inside.w));
}

// The four planes of a quad. If the last quad is not full, it reads something else, which is not written.
fn read_y(first: u32, exists: bool) -> vec4<f32> {
    var at = first + OUT_PLANE * min(EACH, vec4<u32>(OUTPUTS - 1u));
    if (OUTPUTS % 4u != 0u) {
        at = min(at, vec4<u32>(BATCH * OUTPUTS * OUT_PLANE - 1u));
    }
    return select(vec4<f32>(0.0), vec4<f32>(y[at.x], y[at.y], y[at.z], y[at.w]), exists);
}

fn read_x(first: u32, inside: bool) -> vec4<f32> {
    var at = first + IN_PLANE * min(EACH, vec4<u32>(INPUTS - 1u));
    if (INPUTS % 4u != 0u) {
        at = min(at, vec4<u32>(BATCH * INPUTS * IN_PLANE - 1u));
    }
    return select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
}

// Stores the quads of an invocation that the tile has, out of `count`. Loads of the others are unused.
fn stage(quads: mat4x4<f32>, first: u32, step: u32, count: u32) {
    let at = first + step;
    if (count >= STEP || step < count) {
        staged[at] = quads[0];
    }
    if (count > STEP) {
        staged[at + STEP] = quads[1];
    }
    if (count > 2u * STEP) {
        staged[at + 2u * STEP] = quads[2];
        staged[at + 3u * STEP] = quads[3];
    }
}

// Adds the products of a pixel, whose quads start at a place of workgroup memory.
fn add_pixel(sums: Sums, at: u32, m: u32, n: u32) -> Sums {
    let y0 = staged[at + m];
    let y1 = staged[at + m + QUADS_M / 2u];
    let x0 = staged[at + QUADS_M + n];
    var result = sums;
    result.s00 = add_product(result.s00, y0, x0);
    result.s10 = add_product(result.s10, y1, x0);
    if (OWN_N > 4u) {
        let x1 = staged[at + QUADS_M + n + QUADS_N / 2u];
        result.s01 = add_product(result.s01, y0, x1);
        result.s11 = add_product(result.s11, y1, x1);
    }
    return result;
}

fn add_output(sum: f32, output: u32) -> f32 {
    var result = sum;
    for (var k = 0u; k < DEPTH; k++) {
        result += staged[k * ROW + output / 4u][output % 4u];
    }
    return result;
}

fn write_matrix(slice: u32, row: u32, column: u32, values: mat4x4<f32>) {
    let channel = column % INPUT_QUADS * 4u;
    if (column < COLUMN_QUADS) {
        let at = slice * SLICE + WEIGHTS_AT + 4u * row * WEIGHTS + channel * TAPS + column / INPUT_QUADS;
        write_channel(at, 4u * row, channel, values[0]);
        write_channel(at + TAPS, 4u * row, channel + 1u, values[1]);
        write_channel(at + 2u * TAPS, 4u * row, channel + 2u, values[2]);
        write_channel(at + 3u * TAPS, 4u * row, channel + 3u, values[3]);
    }
}

fn write_channel(at: u32, output: u32, channel: u32, values: vec4<f32>) {
    write_sum(at, output, channel, values.x);
    write_sum(at + WEIGHTS, output + 1u, channel, values.y);
    write_sum(at + 2u * WEIGHTS, output + 2u, channel, values.z);
    write_sum(at + 3u * WEIGHTS, output + 3u, channel, values.w);
}

fn write_sum(at: u32, output: u32, channel: u32, value: f32) {
    if ((OUTPUTS % TILE_M == 0u || output < OUTPUTS) && (INPUTS % 4u == 0u || channel < INPUTS)) {
        sums[at] = value;
    }
}
