#import products
#import epilogue

// Winograd's convolution F(2x2, 3x3) (Lavin and Gray, 2016), for GPUs with fast workgroup memory: y[n, o, i, j] =
// bias[o] + sum over c, ky, kx of weight[o, c, ky, kx] x[n, c, i + ky - 1, j + kx - 1]. For each 2x2 square of the
// output it is A^T (sum over c of (G g G^T) * (B^T d B)) A, with the kernel g, the 4x4 pixels d that the square sees,
// and a product element by element: 16 multiplications for four outputs instead of 36.
//
//     B^T = [1, 0, -1, 0; 0, 1, 1, 0; 0, -1, 1, 0; 0, -1, 0, 1],  A^T = [1, 1, 1, 0; 0, 1, -1, 1].
//
// conv2d_winograd_weights.wgsl has transformed the weights. WIDTH is a multiple of 4, so that the four pixels of a pair
// of squares in a row are one vector. The bias is added if BIAS is 1; if it is 0, its binding is not read. EPILOGUE
// says how a sum is written; if it is 0 or 1, the binding of `other` is not read.
//
// A workgroup computes TILE outputs of TILE squares: 16 products of matrices, one for each element. An invocation has 8
// by 8 sums of one element. A step of the sum is DEPTH channels. Their numbers pass through workgroup memory, in pairs
// of outputs or squares; they are loaded while the step before is computed. Of the pixels, an invocation transforms one
// channel of a pair of squares to one row of elements. In the end the sums of all elements meet in workgroup memory, a
// quarter at a time.
//
// If SLICES is above 1, z counts shares of the channels, and y is [SLICES, ..]: partial sums for conv2d_tiled_sum.wgsl.
// A share has at least one step.

const BATCH: u32 = 2u;
const INPUTS: u32 = 3u;
const OUTPUTS: u32 = 5u;
const HEIGHT: u32 = 5u;
const WIDTH: u32 = 8u;
const BIAS: u32 = 1u;
const SLICES: u32 = 1u;

const THREADS: u32 = 256u;
const TILE: u32 = 32u;
const DEPTH: u32 = 4u;
const PAIRS: u32 = TILE / 2u;
// Pairs of squares along a row and a column, in an image, and in all.
const COLUMNS: u32 = WIDTH / 4u;
const ROWS: u32 = (HEIGHT + 1u) / 2u;
const IMAGE: u32 = ROWS * COLUMNS;
const N: u32 = BATCH * IMAGE;
// Vectors of four pixels in a channel.
const PLANE: u32 = HEIGHT * COLUMNS;
const M_TILES: u32 = (OUTPUTS + TILE - 1u) / TILE;
const N_TILES: u32 = (N + PAIRS - 1u) / PAIRS;
const STEPS: u32 = (INPUTS + DEPTH - 1u) / DEPTH;
// Vectors of four weights: of an input, of an element.
const W_INPUT: u32 = M_TILES * TILE / 4u;
const W_ELEMENT: u32 = STEPS * DEPTH * W_INPUT;
// In workgroup memory: pairs of an element, and of all.
const ELEMENT: u32 = DEPTH * PAIRS;
const ALL: u32 = 16u * ELEMENT;

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> weight: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> other: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

// For each element and channel, pairs of outputs; then pairs of squares.
var<workgroup> pairs: array<vec2<f32>, 2u * ALL>;

// What an invocation loads in every step: weights; and two rows of pixels, of which the one times `sign` is added to
// the other. The outer row may be outside the image, the inner one only below an odd number of rows. `left` and `right`
// are 1 if there are pixels beside the four of the pair. What does not exist has the address of something that does.
struct Source {
    weight: u32,
    plane: u32,
    outer: u32,
    inner: u32,
    has_outer: bool,
    has_inner: bool,
    left: u32,
    right: u32,
    sign: f32,
}

// The four pixels of each row and those beside them, and twice four weights.
struct Loaded {
    outer: vec4<f32>,
    inner: vec4<f32>,
    outer_ends: vec2<f32>,
    inner_ends: vec2<f32>,
    weights0: vec4<f32>,
    weights1: vec4<f32>,
}

// Where an invocation finds its first pair of outputs and of squares, and the second ones. Two more of each lie eight
// pairs behind them.
struct Operands { m: u32, m_next: u32, n: u32, n_next: u32 }

// The sums of an invocation, in blocks with a column for each of four outputs and a row for each of four squares.
struct Sums { s00: mat4x4<f32>, s10: mat4x4<f32>, s01: mat4x4<f32>, s11: mat4x4<f32> }

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let tile = id.y * count.x + id.x;
    if (tile >= M_TILES * N_TILES) {
        return;
    }
    let m = tile % M_TILES * TILE;
    let n = tile / M_TILES * PAIRS;
    let source = source_in_tile(m, n, thread);
    let operands = operands_of(thread);
    let end = (id.z + 1u) * STEPS / SLICES;
    let first = id.z * STEPS / SLICES;
    var sums: Sums;
    put(first, load(first, source), source, thread);
    workgroupBarrier();
    for (var step = first + 1u; step < end; step++) {
        let loaded = load(step, source);
        sums = add_channels(sums, operands);
        workgroupBarrier();
        put(step, loaded, source, thread);
        workgroupBarrier();
    }
    sums = add_channels(sums, operands);
    write_quarter(sums.s00, m, n, id.z, thread);
    write_quarter(sums.s10, m + TILE / 2u, n, id.z, thread);
    write_quarter(sums.s01, m, n + PAIRS / 2u, id.z, thread);
    write_quarter(sums.s11, m + TILE / 2u, n + PAIRS / 2u, id.z, thread);
}

// Past the end, the last pair of squares again. A square sees the row above it (0), its own (1, 2) and the row below it
// (3). A row of B^T adds two of them: 0 - 2, 2 + 1, 2 - 1 or 3 - 1. Above the image, rows wrap around to large numbers.
fn source_in_tile(m: u32, n: u32, thread: u32) -> Source {
    let pair = min(n + thread % PAIRS, N - 1u);
    let line = thread / ELEMENT;
    let row = pair / COLUMNS % ROWS * 2u;
    let outer = row + select(max(line, 2u), 0u, line == 0u) - 1u;
    let inner = row + select(0u, 1u, line == 0u);
    let column = pair % COLUMNS;
    let at = pair / IMAGE * (INPUTS * PLANE) + column;
    let input = thread / 8u % DEPTH;
    return Source(
        (thread / 32u) * W_ELEMENT + input * W_INPUT + m / 4u + thread % 8u,
        thread / PAIRS % DEPTH * PLANE,
        at + min(outer, HEIGHT - 1u) * COLUMNS,
        at + min(inner, HEIGHT - 1u) * COLUMNS,
        outer < HEIGHT,
        HEIGHT % 2u == 0u || inner < HEIGHT,
        select(0u, 1u, column > 0u),
        select(0u, 1u, column + 1u < COLUMNS),
        select(-1.0, 1.0, line == 1u),
    );
}

// Pairs of odd elements are read in another order, so that the elements of neighbouring invocations come from different
// banks of workgroup memory.
fn operands_of(thread: u32) -> Operands {
    let at = thread / 16u * ELEMENT + thread / 16u % 2u * 4u;
    let m = at + thread / 4u % 4u;
    let n = ALL + at + thread % 4u;
    return Operands(m, m ^ 4u, n, n ^ 4u);
}

// Past the end, the last channel again.
fn load(step: u32, source: Source) -> Loaded {
    var plane = step * (DEPTH * PLANE) + source.plane;
    if (INPUTS % DEPTH != 0u) {
        plane = min(plane, (INPUTS - 1u) * PLANE);
    }
    let outer = source.outer + plane;
    let inner = source.inner + plane;
    let at = source.weight + step * (DEPTH * W_INPUT);
    return Loaded(
        x[outer],
        x[inner],
        vec2<f32>(x[outer - source.left].w, x[outer + source.right].x),
        vec2<f32>(x[inner - source.left].w, x[inner + source.right].x),
        weight[at],
        weight[at + 8u * W_ELEMENT],
    );
}

// Puts what was loaded into workgroup memory: B^T along columns when rows are added, then along rows.
fn put(step: u32, loaded: Loaded, source: Source, thread: u32) {
    let exists = INPUTS % DEPTH == 0u || step * DEPTH + thread / PAIRS % DEPTH < INPUTS;
    let has_outer = source.has_outer && exists;
    let has_inner = source.has_inner && exists;
    let sides = vec2<bool>(source.left > 0u, source.right > 0u);
    let outer = select(vec4<f32>(0.0), loaded.outer, has_outer);
    let inner = select(vec4<f32>(0.0), loaded.inner, has_inner);
    let outer_ends = select(vec2<f32>(0.0), loaded.outer_ends, sides & vec2<bool>(has_outer));
    let inner_ends = select(vec2<f32>(0.0), loaded.inner_ends, sides & vec2<bool>(has_inner));
    let d = fma(vec4<f32>(source.sign), inner, outer);
    let ends = fma(vec2<f32>(source.sign), inner_ends, outer_ends);
    let at = ALL + thread / ELEMENT * (4u * ELEMENT) + thread % ELEMENT;
    pairs[at] = vec2<f32>(ends.x, d.y) - d.yw;
    pairs[at + ELEMENT] = d.xz + d.yw;
    pairs[at + 2u * ELEMENT] = d.yw - d.xz;
    pairs[at + 3u * ELEMENT] = vec2<f32>(d.z, ends.y) - d.xz;
    pairs[2u * thread] = loaded.weights0.xy;
    pairs[2u * thread + 1u] = loaded.weights0.zw;
    pairs[2u * thread + ALL / 2u] = loaded.weights1.xy;
    pairs[2u * thread + ALL / 2u + 1u] = loaded.weights1.zw;
}

fn add_channels(start: Sums, operands: Operands) -> Sums {
    var sums = start;
    for (var channel = 0u; channel < DEPTH; channel++) {
        let m = operands.m + channel * PAIRS;
        let m_next = operands.m_next + channel * PAIRS;
        let n = operands.n + channel * PAIRS;
        let n_next = operands.n_next + channel * PAIRS;
        let m0 = vec4<f32>(pairs[m], pairs[m_next]);
        let m1 = vec4<f32>(pairs[m + 8u], pairs[m_next + 8u]);
        let n0 = vec4<f32>(pairs[n], pairs[n_next]);
        let n1 = vec4<f32>(pairs[n + 8u], pairs[n_next + 8u]);
        sums.s00 = add_product(sums.s00, n0, m0);
        sums.s10 = add_product(sums.s10, n0, m1);
        sums.s01 = add_product(sums.s01, n1, m0);
        sums.s11 = add_product(sums.s11, n1, m1);
    }
    return sums;
}

// Writes a quarter of the tile, from output m and pair n on. In workgroup memory lie, for each element, 16 outputs with
// eight pairs of squares. Then an invocation takes one output and pair, and the upper or the lower row of its squares.
fn write_quarter(values: mat4x4<f32>, m: u32, n: u32, z: u32, thread: u32) {
    let half = thread / 16u % 2u * 4u;
    let at = thread / 16u * 128u + (thread / 4u % 4u + half) * 16u + thread % 4u + half;
    workgroupBarrier();
    put_outputs(at, values[0], values[1]);
    put_outputs(at ^ 64u, values[2], values[3]);
    workgroupBarrier();
    let slot = thread % 128u;
    let line = thread / 128u;
    let output = m + slot / 8u;
    let pair = n + slot % 8u;
    let row = pair / COLUMNS % ROWS * 2u + line;
    let d0 = column_sum(slot, line, 0u);
    let d1 = column_sum(slot, line, 1u);
    let d2 = column_sum(slot, line, 2u);
    let d3 = column_sum(slot, line, 3u);
    let left = (d1 + d2) + d0;
    let right = (d1 - d2) + d3;
    if (output < OUTPUTS && pair < N && row < HEIGHT) {
        var first = 0.0;
        if (BIAS == 1u && z < 1u) {
            first = bias[output];
        }
        let place = ((z * BATCH + pair / IMAGE) * OUTPUTS + output) * PLANE + row * COLUMNS + pair % COLUMNS;
        y[place] = finished_pixels(vec4<f32>(left.x, right.x, left.y, right.y) + first, 4u * place);
    }
}

// Two neighbouring outputs of twice two squares.
fn put_outputs(at: u32, one: vec4<f32>, next: vec4<f32>) {
    pairs[at] = one.xy;
    pairs[at ^ 4u] = one.zw;
    pairs[at + 8u] = next.xy;
    pairs[(at ^ 4u) + 8u] = next.zw;
}

// A row of A^T times a column of the elements' sums, for a pair of squares.
fn column_sum(slot: u32, line: u32, number: u32) -> vec2<f32> {
    let at = slot + 128u * number;
    let sign = select(1.0, -1.0, line == 1u);
    return fma(vec2<f32>(sign), pairs[at + 1024u], pairs[at + 512u]) + pairs[at + 1536u * line];
}

fn finished_pixels(sums: vec4<f32>, at: u32) -> vec4<f32> {
    return vec4<f32>(
        finished(sums.x, at), finished(sums.y, at + 1u), finished(sums.z, at + 2u), finished(sums.w, at + 3u)
    );
}
