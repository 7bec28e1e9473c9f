#import strict
#import strict_vectors
#import strict_products
#import epilogue

// Convolution: y[n, o, i, j] = bias[o] + sum over c, ky, kx of weight[o, c, ky, kx] x[n, c, STRIDE i + ky - PADDING,
// ..]. The bias is added if BIAS is 1; if it is 0, its binding is not read. EPILOGUE says how a sum is written; if it
// is 0 or 1, the binding of `other` is not read.
//
// An implicit matrix product of weights [outputs, inputs * taps] with patches [inputs * taps, pixels] that are never
// stored. Each invocation computes 16 outputs at 8 pixels, in eight 4x4 matrices: 24 reads for 128 multiply-adds.
// Neighbouring invocations take neighbouring pixels, so reads of x lie side by side, and all invocations of a workgroup
// read the same weights.

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
const BIAS: u32 = 1u;

const THREADS: u32 = 64u;
// The size of the result.
const HEIGHT: u32 = OUT_HEIGHT;
const WIDTH: u32 = OUT_WIDTH;
const TILE_OUTPUTS: u32 = 16u;
const TILE_PIXELS: u32 = 8u;
const TAPS: u32 = KERNEL * KERNEL;
const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const PIXELS: u32 = BATCH * OUT_PLANE;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> other: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// What four pixels see through a tap: where in x, without the channel, and whether it is inside the image.
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
    let o0 = id.z * TILE_OUTPUTS;
    let o1 = o0 + 4u;
    let o2 = o0 + 8u;
    let o3 = o0 + 12u;
    let p0 = (id.y * count.x + id.x) * (THREADS * TILE_PIXELS) + thread;
    let p1 = p0 + 4u * THREADS;
    let rows0 = weight_rows(o0);
    let rows1 = weight_rows(o1);
    let rows2 = weight_rows(o2);
    let rows3 = weight_rows(o3);
    let pixels0 = pixels_from(p0);
    let pixels1 = pixels_from(p1);
    var y00 = start(o0);
    var y10 = start(o1);
    var y20 = start(o2);
    var y30 = start(o3);
    var y01 = y00;
    var y11 = y10;
    var y21 = y20;
    var y31 = y30;
    for (var tap = 0u; tap < TAPS; tap++) {
        let seen0 = see(pixels0, tap);
        let seen1 = see(pixels1, tap);
        for (var c = 0u; c < INPUTS; c++) {
            let x0 = read(seen0, c);
            let x1 = read(seen1, c);
            let at = c * TAPS + tap;
            let w0 = weights(rows0, at);
            y00 = add_outer_product(y00, w0, x0);
            y01 = add_outer_product(y01, w0, x1);
            if (OUTPUTS > 4u) {
                let w1 = weights(rows1, at);
                y10 = add_outer_product(y10, w1, x0);
                y11 = add_outer_product(y11, w1, x1);
            }
            if (OUTPUTS > 8u) {
                let w2 = weights(rows2, at);
                y20 = add_outer_product(y20, w2, x0);
                y21 = add_outer_product(y21, w2, x1);
                let w3 = weights(rows3, at);
                y30 = add_outer_product(y30, w3, x0);
                y31 = add_outer_product(y31, w3, x1);
            }
        }
    }
    write(p0, o0, y00);
    write(p0, o1, y10);
    write(p0, o2, y20);
    write(p0, o3, y30);
    write(p1, o0, y01);
    write(p1, o1, y11);
    write(p1, o2, y21);
    write(p1, o3, y31);
}

// Where the weights of four outputs from the first start; past the end, the last one again.
fn weight_rows(first: u32) -> vec4<u32> {
    return min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(OUTPUTS - 1u)) * (INPUTS * TAPS);
}

// Four pixels from the first, a workgroup apart; past the end, the last one again.
fn pixels_from(first: u32) -> vec4<u32> {
    return min(first + vec4<u32>(0u, 1u, 2u, 3u) * THREADS, vec4<u32>(PIXELS - 1u));
}

// Coordinates left of or above the image wrap around to large numbers, so one comparison finds both sides.
fn see(pixels: vec4<u32>, tap: u32) -> Seen {
    let row = pixels / OUT_WIDTH % OUT_HEIGHT * STRIDE + (tap / KERNEL - PADDING);
    let column = pixels % OUT_WIDTH * STRIDE + (tap % KERNEL - PADDING);
    let inside = (row < vec4<u32>(IN_HEIGHT)) & (column < vec4<u32>(IN_WIDTH));
    let at = pixels / OUT_PLANE * (INPUTS * IN_PLANE) + row * IN_WIDTH + column;
    return Seen(select(vec4<u32>(0u), at, inside), inside);
}

fn read(seen: Seen, channel: u32) -> vec4<f32> {
    let at = seen.at + channel * IN_PLANE;
    return select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), seen.inside);
}

fn weights(rows: vec4<u32>, at: u32) -> vec4<f32> {
    return vec4<f32>(weight[rows.x + at], weight[rows.y + at], weight[rows.z + at], weight[rows.w + at]);
}

fn start(first: u32) -> mat4x4<f32> {
    var column = vec4<f32>(0.0);
    if (BIAS == 1u) {
        let o = min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(OUTPUTS - 1u));
        column = vec4<f32>(bias[o.x], bias[o.y], bias[o.z], bias[o.w]);
    }
    return mat4x4<f32>(column, column, column, column);
}

fn write(pixel: u32, output: u32, values: mat4x4<f32>) {
    if (output < OUTPUTS) {
        write_pixel(pixel, output, values[0]);
        write_pixel(pixel + THREADS, output, values[1]);
        write_pixel(pixel + 2u * THREADS, output, values[2]);
        write_pixel(pixel + 3u * THREADS, output, values[3]);
    }
}

fn write_pixel(pixel: u32, output: u32, values: vec4<f32>) {
    if (pixel < PIXELS) {
        let at = (pixel / OUT_PLANE * OUTPUTS + output) * OUT_PLANE + pixel % OUT_PLANE;
        y[at] = settled(finished(values.x, at));
        if (output + 1u < OUTPUTS) {
            y[at + OUT_PLANE] = settled(finished(values.y, at + OUT_PLANE));
        }
        if (output + 2u < OUTPUTS) {
            y[at + 2u * OUT_PLANE] = settled(finished(values.z, at + 2u * OUT_PLANE));
        }
        if (output + 3u < OUTPUTS) {
            y[at + 3u * OUT_PLANE] = settled(finished(values.w, at + 3u * OUT_PLANE));
        }
    }
}
