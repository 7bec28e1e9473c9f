#import strict
#import strict_vectors
#import strict_products

// The gradients of a convolution's weights and bias: weight_gradient[o, c, tap] = sum over the pixels of y[n, o, pixel]
// x[n, c, what the pixel sees through the tap]. One extra column of each row is the gradient of the bias, as if there
// were an input of ones. The result is one partial sum per slice: first that of the bias, then, from the next multiple
// of ALIGNMENT on, that of the weights [outputs, columns - 1]. conv2d_weight_sum.wgsl adds them up, unless there is
// only one.
//
// A matrix product of y [outputs, pixels] with patches of x [pixels, columns]. Each invocation computes 16 outputs in 8
// columns over its share of the pixels: every SLICES-th one, so that neighbouring invocations read side by side.

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

const THREADS: u32 = 64u;
const ALIGNMENT: u32 = 64u;
const TILE_OUTPUTS: u32 = 16u;
const TILE_COLUMNS: u32 = 8u;
const TAPS: u32 = KERNEL * KERNEL;
const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const PIXELS: u32 = BATCH * OUT_PLANE;
const WEIGHTS: u32 = INPUTS * TAPS;
const COLUMNS: u32 = WEIGHTS + 1u;
const WEIGHTS_AT: u32 = (OUTPUTS + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;
const SLICE: u32 = WEIGHTS_AT + (OUTPUTS * WEIGHTS + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;
const COLUMN_TILES: u32 = (COLUMNS + TILE_COLUMNS - 1u) / TILE_COLUMNS;
const OUTPUT_TILES: u32 = (OUTPUTS + TILE_OUTPUTS - 1u) / TILE_OUTPUTS;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

// Four columns: their channel's place in an image, their tap, and whether they are the bias.
struct Columns {
    plane: vec4<u32>,
    down: vec4<u32>,
    right: vec4<u32>,
    ones: vec4<bool>,
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let invocation = (id.y * count.x + id.x) * THREADS + thread;
    let slice = invocation % SLICES;
    let tile = invocation / SLICES;
    if (tile >= COLUMN_TILES * OUTPUT_TILES) {
        return;
    }
    let o0 = tile / COLUMN_TILES * TILE_OUTPUTS;
    let o1 = o0 + 4u;
    let o2 = o0 + 8u;
    let o3 = o0 + 12u;
    let rows0 = planes(o0);
    let rows1 = planes(o1);
    let rows2 = planes(o2);
    let rows3 = planes(o3);
    let c0 = tile % COLUMN_TILES * TILE_COLUMNS;
    let c1 = c0 + 4u;
    let columns0 = columns_from(c0);
    let columns1 = columns_from(c1);
    var s00 = mat4x4<f32>();
    var s10 = mat4x4<f32>();
    var s20 = mat4x4<f32>();
    var s30 = mat4x4<f32>();
    var s01 = mat4x4<f32>();
    var s11 = mat4x4<f32>();
    var s21 = mat4x4<f32>();
    var s31 = mat4x4<f32>();
    for (var pixel = slice; pixel < PIXELS; pixel += SLICES) {
        let x0 = read(columns0, pixel);
        let x1 = read(columns1, pixel);
        let at = pixel / OUT_PLANE * (OUTPUTS * OUT_PLANE) + pixel % OUT_PLANE;
        let y0 = gradients(rows0, at);
        s00 = add_outer_product(s00, y0, x0);
        s01 = add_outer_product(s01, y0, x1);
        if (OUTPUTS > 4u) {
            let y1 = gradients(rows1, at);
            s10 = add_outer_product(s10, y1, x0);
            s11 = add_outer_product(s11, y1, x1);
        }
        if (OUTPUTS > 8u) {
            let y2 = gradients(rows2, at);
            s20 = add_outer_product(s20, y2, x0);
            s21 = add_outer_product(s21, y2, x1);
            let y3 = gradients(rows3, at);
            s30 = add_outer_product(s30, y3, x0);
            s31 = add_outer_product(s31, y3, x1);
        }
    }
    write(slice, o0, c0, s00);
    write(slice, o1, c0, s10);
    write(slice, o2, c0, s20);
    write(slice, o3, c0, s30);
    write(slice, o0, c1, s01);
    write(slice, o1, c1, s11);
    write(slice, o2, c1, s21);
    write(slice, o3, c1, s31);
}

// Where the planes of four outputs from the first start in an image of y; past the end, the last one again.
fn planes(first: u32) -> vec4<u32> {
    return min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(OUTPUTS - 1u)) * OUT_PLANE;
}

fn columns_from(first: u32) -> Columns {
    let column = first + vec4<u32>(0u, 1u, 2u, 3u);
    let weight = min(column, vec4<u32>(WEIGHTS - 1u));
    let tap = weight % TAPS;
    return Columns(
        weight / TAPS * IN_PLANE,
        tap / KERNEL - PADDING,
        tap % KERNEL - PADDING,
        column == vec4<u32>(WEIGHTS),
    );
}

// Coordinates left of or above the image wrap around to large numbers, so one comparison finds both sides.
fn read(columns: Columns, pixel: u32) -> vec4<f32> {
    let row = pixel / OUT_WIDTH % OUT_HEIGHT * STRIDE + columns.down;
    let column = pixel % OUT_WIDTH * STRIDE + columns.right;
    let inside = (row < vec4<u32>(IN_HEIGHT)) & (column < vec4<u32>(IN_WIDTH));
    let place = pixel / OUT_PLANE * (INPUTS * IN_PLANE) + columns.plane + row * IN_WIDTH + column;
    let at = select(vec4<u32>(0u), place, inside);
    let seen = select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
    return select(seen, vec4<f32>(1.0), columns.ones);
}

fn gradients(rows: vec4<u32>, at: u32) -> vec4<f32> {
    return vec4<f32>(y[rows.x + at], y[rows.y + at], y[rows.z + at], y[rows.w + at]);
}

fn write(slice: u32, output: u32, column: u32, values: mat4x4<f32>) {
    write_column(slice, output, column, values[0]);
    write_column(slice, output, column + 1u, values[1]);
    write_column(slice, output, column + 2u, values[2]);
    write_column(slice, output, column + 3u, values[3]);
}

fn write_column(slice: u32, output: u32, column: u32, values: vec4<f32>) {
    if (column < COLUMNS && output < OUTPUTS) {
        // The biases of neighbouring outputs lie side by side, their weights in rows.
        let is_bias = column == WEIGHTS;
        let step = select(WEIGHTS, 1u, is_bias);
        let at = slice * SLICE + select(WEIGHTS_AT + column, 0u, is_bias) + output * step;
        sums[at] = settled(values.x);
        if (output + 1u < OUTPUTS) {
            sums[at + step] = settled(values.y);
        }
        if (output + 2u < OUTPUTS) {
            sums[at + 2u * step] = settled(values.z);
        }
        if (output + 3u < OUTPUTS) {
            sums[at + 3u * step] = settled(values.w);
        }
    }
}
