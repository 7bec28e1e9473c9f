#import strict
#import strict_vectors
#import strict_products
#import epilogue

// The gradient of a convolution's input: x[n, c, i, j] = sum over o, ky, kx of weight[o, c, ky, kx] y[n, o, k, l], over
// the taps for which k = (i + PADDING - ky) / STRIDE and l, computed likewise, are integers inside the output. In the
// forward direction it is a transposed convolution, and adds bias[c] if BIAS is 1; if it is 0, the binding is not read.
// EPILOGUE says how a sum is written; if it is 0 or 1, the binding of `other` is not read.
//
// As in conv2d_forward.wgsl, each invocation computes 16 channels at 8 pixels. All pixels of a workgroup leave the same
// remainders when divided by the stride (their phase), so they use the same taps and waste none.

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
const BIAS: u32 = 0u;

const THREADS: u32 = 64u;
// The size of the result.
const HEIGHT: u32 = IN_HEIGHT;
const WIDTH: u32 = IN_WIDTH;
const TILE_CHANNELS: u32 = 16u;
const TILE_PIXELS: u32 = 8u;
const TAPS: u32 = KERNEL * KERNEL;
const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const PHASES: u32 = STRIDE * STRIDE;
const PHASE_HEIGHT: u32 = (IN_HEIGHT + STRIDE - 1u) / STRIDE;
const PHASE_WIDTH: u32 = (IN_WIDTH + STRIDE - 1u) / STRIDE;
const PHASE_PLANE: u32 = PHASE_HEIGHT * PHASE_WIDTH;
const PIXELS: u32 = BATCH * PHASE_PLANE;

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> other: array<f32>;
@group(0) @binding(4) var<storage, read_write> x: array<f32>;

// Where four pixels look in y through a tap, without the channel, and whether it is inside.
struct Seen {
    at: vec4<u32>,
    inside: vec4<bool>,
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let phase = id.z % PHASES;
    let down = phase / STRIDE;
    let right = phase % STRIDE;
    let c0 = id.z / PHASES * TILE_CHANNELS;
    let c1 = c0 + 4u;
    let c2 = c0 + 8u;
    let c3 = c0 + 12u;
    let p0 = (id.y * count.x + id.x) * (THREADS * TILE_PIXELS) + thread;
    let p1 = p0 + 4u * THREADS;
    let columns0 = weight_columns(c0);
    let columns1 = weight_columns(c1);
    let columns2 = weight_columns(c2);
    let columns3 = weight_columns(c3);
    let pixels0 = pixels_from(p0);
    let pixels1 = pixels_from(p1);
    var x00 = start(c0);
    var x10 = start(c1);
    var x20 = start(c2);
    var x30 = start(c3);
    var x01 = x00;
    var x11 = x10;
    var x21 = x20;
    var x31 = x30;
    for (var ky = (down + PADDING) % STRIDE; ky < KERNEL; ky += STRIDE) {
        for (var kx = (right + PADDING) % STRIDE; kx < KERNEL; kx += STRIDE) {
            let seen0 = see(pixels0, offset(down, ky), offset(right, kx));
            let seen1 = see(pixels1, offset(down, ky), offset(right, kx));
            for (var o = 0u; o < OUTPUTS; o++) {
                let y0 = read(seen0, o);
                let y1 = read(seen1, o);
                let at = o * (INPUTS * TAPS) + ky * KERNEL + kx;
                let w0 = weights(columns0, at);
                x00 = add_outer_product(x00, w0, y0);
                x01 = add_outer_product(x01, w0, y1);
                if (INPUTS > 4u) {
                    let w1 = weights(columns1, at);
                    x10 = add_outer_product(x10, w1, y0);
                    x11 = add_outer_product(x11, w1, y1);
                }
                if (INPUTS > 8u) {
                    let w2 = weights(columns2, at);
                    x20 = add_outer_product(x20, w2, y0);
                    x21 = add_outer_product(x21, w2, y1);
                    let w3 = weights(columns3, at);
                    x30 = add_outer_product(x30, w3, y0);
                    x31 = add_outer_product(x31, w3, y1);
                }
            }
        }
    }
    write(p0, phase, c0, x00);
    write(p0, phase, c1, x10);
    write(p0, phase, c2, x20);
    write(p0, phase, c3, x30);
    write(p1, phase, c0, x01);
    write(p1, phase, c1, x11);
    write(p1, phase, c2, x21);
    write(p1, phase, c3, x31);
}

// Where the weights of four channels from the first start; past the end, the last one again.
fn weight_columns(first: u32) -> vec4<u32> {
    return min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(INPUTS - 1u)) * TAPS;
}

// Four pixels of the phase from the first, a workgroup apart; past the end, the last one again.
fn pixels_from(first: u32) -> vec4<u32> {
    return min(first + vec4<u32>(0u, 1u, 2u, 3u) * THREADS, vec4<u32>(PIXELS - 1u));
}

// What a tap adds to a pixel's row (or column) within the phase to give the row in y. The difference is a multiple of
// the stride, and may be negative: then it wraps around, and the sum wraps back.
fn offset(remainder: u32, tap: u32) -> u32 {
    return u32((i32(remainder + PADDING) - i32(tap)) / i32(STRIDE));
}

// Coordinates left of or above y wrap around to large numbers, so one comparison finds both sides.
fn see(pixels: vec4<u32>, row_offset: u32, column_offset: u32) -> Seen {
    let row = pixels / PHASE_WIDTH % PHASE_HEIGHT + row_offset;
    let column = pixels % PHASE_WIDTH + column_offset;
    let inside = (row < vec4<u32>(OUT_HEIGHT)) & (column < vec4<u32>(OUT_WIDTH));
    let at = pixels / PHASE_PLANE * (OUTPUTS * OUT_PLANE) + row * OUT_WIDTH + column;
    return Seen(select(vec4<u32>(0u), at, inside), inside);
}

fn read(seen: Seen, channel: u32) -> vec4<f32> {
    let at = seen.at + channel * OUT_PLANE;
    return select(vec4<f32>(0.0), vec4<f32>(y[at.x], y[at.y], y[at.z], y[at.w]), seen.inside);
}

fn weights(columns: vec4<u32>, at: u32) -> vec4<f32> {
    return vec4<f32>(weight[columns.x + at], weight[columns.y + at], weight[columns.z + at], weight[columns.w + at]);
}

fn start(first: u32) -> mat4x4<f32> {
    var column = vec4<f32>(0.0);
    if (BIAS == 1u) {
        let c = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(INPUTS - 1u));
        column = vec4<f32>(bias[c.x], bias[c.y], bias[c.z], bias[c.w]);
    }
    return mat4x4<f32>(column, column, column, column);
}

fn write(pixel: u32, phase: u32, channel: u32, values: mat4x4<f32>) {
    if (channel < INPUTS) {
        write_pixel(pixel, phase, channel, values[0]);
        write_pixel(pixel + THREADS, phase, channel, values[1]);
        write_pixel(pixel + 2u * THREADS, phase, channel, values[2]);
        write_pixel(pixel + 3u * THREADS, phase, channel, values[3]);
    }
}

fn write_pixel(pixel: u32, phase: u32, channel: u32, values: vec4<f32>) {
    let row = pixel / PHASE_WIDTH % PHASE_HEIGHT * STRIDE + phase / STRIDE;
    let column = pixel % PHASE_WIDTH * STRIDE + phase % STRIDE;
    if (pixel < PIXELS && row < IN_HEIGHT && column < IN_WIDTH) {
        let at = (pixel / PHASE_PLANE * INPUTS + channel) * IN_PLANE + row * IN_WIDTH + column;
        x[at] = settled(finished(values.x, at));
        if (channel + 1u < INPUTS) {
            x[at + IN_PLANE] = settled(finished(values.y, at + IN_PLANE));
        }
        if (channel + 2u < INPUTS) {
            x[at + 2u * IN_PLANE] = settled(finished(values.z, at + 2u * IN_PLANE));
        }
        if (channel + 3u < INPUTS) {
            x[at + 3u * IN_PLANE] = settled(finished(values.w, at + 3u * IN_PLANE));
        }
    }
}
