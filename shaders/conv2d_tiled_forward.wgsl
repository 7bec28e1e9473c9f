// Convolution for GPUs with fast workgroup memory: y[n, o, i, j] = bias[o] + sum over c, ky, kx of weight[o, c, ky, kx]
// x[n, c, STRIDE i + ky - PADDING, ..]. The bias is added if BIAS is 1; if it is 0, its binding is not read.
//
// An implicit matrix product of weights [M, K] with patches [K, N], which are never stored: M outputs, N pixels, and K
// input channels for each tap. A workgroup computes TILE_M outputs at TILE_N pixels, and an invocation BLOCK_M by BLOCK_N
// of them. One step of the sum takes TILE_K channels through one tap: the workgroup copies their weights and pixels to
// workgroup memory, where each serves a whole row or column of the tile. It loads a step while it computes the one
// before. The taps of a group of channels follow each other, because they see nearly the same pixels, and neighbouring
// workgroups take other outputs of the same pixels: both find them in a cache.
//
// A vec4 of workgroup memory has four channels (a quad) of a pixel, or of an output's weights. So neighbours load
// neighbouring pixels, write and read whole vectors, and do not meet in a bank of memory. The outputs and pixels of an
// invocation are as far apart as the tile has invocations along that side, for the same reason.
//
// BLOCK_M by BLOCK_N is 4 by 4, 8 by 4 or 8 by 8. TILE_M and TILE_N divide the number of invocations. TILE_K is 4, 8 or
// 16, and the invocations load a tile's quads in at most four rounds. If SLICES is above 1, z counts shares of the
// channels, at most as many as there are steps, and y is [SLICES, ..]: partial sums for conv2d_tiled_sum.wgsl. Weights may
// lie in any order: the W constants are the distances from an output, an input and a tap to the next.

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
const SLICES: u32 = 1u;
const W_OUTPUT: u32 = 27u;
const W_INPUT: u32 = 9u;
const W_TAP: u32 = 1u;
const TILE_M: u32 = 32u;
const TILE_N: u32 = 32u;
const TILE_K: u32 = 16u;
const BLOCK_M: u32 = 4u;
const BLOCK_N: u32 = 4u;

const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const M: u32 = OUTPUTS;
const N: u32 = BATCH * OUT_PLANE;
const K: u32 = INPUTS;
const W_M: u32 = W_OUTPUT;
const W_K: u32 = W_INPUT;
const PLANE: u32 = IN_PLANE;
const M_THREADS: u32 = TILE_M / BLOCK_M;
const N_THREADS: u32 = TILE_N / BLOCK_N;
const THREADS: u32 = M_THREADS * N_THREADS;
const M_TILES: u32 = (M + TILE_M - 1u) / TILE_M;
const N_TILES: u32 = (N + TILE_N - 1u) / TILE_N;
const STEPS: u32 = (K + TILE_K - 1u) / TILE_K;
const QUADS: u32 = TILE_K / 4u;
const M_QUADS: u32 = THREADS / TILE_M;
const N_QUADS: u32 = THREADS / TILE_N;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

var<workgroup> m_tile: array<vec4<f32>, QUADS * TILE_M>;
var<workgroup> n_tile: array<vec4<f32>, QUADS * TILE_N>;

// A step of the sum: its first channel, and the row and column of its tap.
struct Step {
    channel: u32,
    down: u32,
    right: u32,
}

// What an invocation loads in every step: quads of one row of weights, from the first, and of one pixel. The pixel's row
// and column are those that the first tap sees. Left of or above the image, they wrap around to large numbers.
struct Source {
    m_quad: u32,
    m_at: u32,
    n_quad: u32,
    n_at: u32,
    row: u32,
    column: u32,
}

// Up to four quads of each, and whether the pixel is inside the image.
struct Loaded {
    m: mat4x4<f32>,
    n: mat4x4<f32>,
    inside: bool,
}

// The sums of an invocation, in blocks with a column for each of four pixels.
struct Sums {
    s00: mat4x4<f32>,
    s10: mat4x4<f32>,
    s01: mat4x4<f32>,
    s11: mat4x4<f32>,
}

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
    let first_m = tile % M_TILES * TILE_M;
    let first_n = tile / M_TILES * TILE_N;
    let source = source_of(first_m + thread % TILE_M, first_n + thread % TILE_N, thread);
    let m = first_m + thread / N_THREADS;
    let n = first_n + thread % N_THREADS;
    let end = (id.z + 1u) * STEPS / SLICES * TILE_K;
    var step = Step(id.z * STEPS / SLICES * TILE_K, 0u, 0u);
    var sums = first_sums(m, id.z);
    store_step(step, source, load_step(step, source), thread);
    workgroupBarrier();
    step = next_step(step);
    while (step.channel < end) {
        let loaded = load_step(step, source);
        sums = add_step(sums, thread);
        workgroupBarrier();
        store_step(step, source, loaded, thread);
        workgroupBarrier();
        step = next_step(step);
    }
    sums = add_step(sums, thread);
    write_sums(n, m, id.z, sums);
}

fn next_step(step: Step) -> Step {
    if (step.right + 1u < KERNEL) {
        return Step(step.channel, step.down, step.right + 1u);
    }
    if (step.down + 1u < KERNEL) {
        return Step(step.channel, step.down + 1u, 0u);
    }
    return Step(step.channel + TILE_K, 0u, 0u);
}

// Past the end, the last output and the last pixel again.
fn source_of(output: u32, pixel: u32, thread: u32) -> Source {
    let m = min(output, M - 1u);
    let n = min(pixel, N - 1u);
    let row = n / OUT_WIDTH % OUT_HEIGHT * STRIDE - PADDING;
    let column = n % OUT_WIDTH * STRIDE - PADDING;
    let at = n / OUT_PLANE * (K * PLANE) + row * IN_WIDTH + column;
    return Source(min(thread / TILE_M, QUADS - 1u), m * W_M, thread / TILE_N, at, row, column);
}

fn load_step(step: Step, source: Source) -> Loaded {
    let row = source.row + step.down;
    let column = source.column + step.right;
    let inside = row < IN_HEIGHT && column < IN_WIDTH;
    let n_at = select(0u, source.n_at + step.down * IN_WIDTH + step.right, inside);
    let n_channel = step.channel + 4u * source.n_quad;
    let m_at = source.m_at + (step.down * KERNEL + step.right) * W_TAP;
    let m_channel = step.channel + 4u * source.m_quad;
    var loaded: Loaded;
    loaded.inside = inside;
    loaded.n[0] = load_pixel(n_at, n_channel);
    loaded.m[0] = load_weights(m_at, m_channel);
    if (QUADS > N_QUADS) {
        loaded.n[1] = load_pixel(n_at, n_channel + 4u * N_QUADS);
    }
    if (QUADS > M_QUADS) {
        loaded.m[1] = load_weights(m_at, m_channel + 4u * M_QUADS);
    }
    if (QUADS > 2u * N_QUADS) {
        loaded.n[2] = load_pixel(n_at, n_channel + 8u * N_QUADS);
        loaded.n[3] = load_pixel(n_at, n_channel + 12u * N_QUADS);
    }
    if (QUADS > 2u * M_QUADS) {
        loaded.m[2] = load_weights(m_at, m_channel + 8u * M_QUADS);
        loaded.m[3] = load_weights(m_at, m_channel + 12u * M_QUADS);
    }
    return loaded;
}

fn load_weights(base: u32, channel: u32) -> vec4<f32> {
    let at = places(base, channel, W_K);
    return vec4<f32>(weight[at.x], weight[at.y], weight[at.z], weight[at.w]);
}

fn load_pixel(base: u32, channel: u32) -> vec4<f32> {
    let at = places(base, channel, PLANE);
    return vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]);
}

// Where four channels from the first lie; past the end, the last one again.
fn places(base: u32, first: u32, distance: u32) -> vec4<u32> {
    if (K % TILE_K == 0u) {
        return (base + first * distance) + vec4<u32>(0u, 1u, 2u, 3u) * distance;
    }
    return base + min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(K - 1u)) * distance;
}

fn store_step(step: Step, source: Source, loaded: Loaded, thread: u32) {
    let n_channel = step.channel + 4u * source.n_quad;
    let m_channel = step.channel + 4u * source.m_quad;
    store_pixel(loaded.n[0], n_channel, loaded.inside, thread);
    store_weights(loaded.m[0], m_channel, thread);
    if (QUADS > N_QUADS) {
        store_pixel(loaded.n[1], n_channel + 4u * N_QUADS, loaded.inside, thread + THREADS);
    }
    if (QUADS > M_QUADS) {
        store_weights(loaded.m[1], m_channel + 4u * M_QUADS, thread + THREADS);
    }
    if (QUADS > 2u * N_QUADS) {
        store_pixel(loaded.n[2], n_channel + 8u * N_QUADS, loaded.inside, thread + 2u * THREADS);
        store_pixel(loaded.n[3], n_channel + 12u * N_QUADS, loaded.inside, thread + 3u * THREADS);
    }
    if (QUADS > 2u * M_QUADS) {
        store_weights(loaded.m[2], m_channel + 8u * M_QUADS, thread + 2u * THREADS);
        store_weights(loaded.m[3], m_channel + 12u * M_QUADS, thread + 3u * THREADS);
    }
}

fn store_pixel(values: vec4<f32>, channel: u32, inside: bool, at: u32) {
    if (N_QUADS <= QUADS || at < QUADS * TILE_N) {
        n_tile[at] = select(vec4<f32>(0.0), existing(values, channel), inside);
    }
}

fn store_weights(values: vec4<f32>, channel: u32, at: u32) {
    if (M_QUADS <= QUADS || at < QUADS * TILE_M) {
        m_tile[at] = existing(values, channel);
    }
}

// Four channels from the first, and zeros past the end.
fn existing(values: vec4<f32>, first: u32) -> vec4<f32> {
    if (K % TILE_K == 0u) {
        return values;
    }
    return select(vec4<f32>(0.0), values, first + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(K));
}

fn add_step(start: Sums, thread: u32) -> Sums {
    let m_at = thread / N_THREADS;
    let n_at = thread % N_THREADS;
    var sums = add_quad(start, m_at, n_at);
    if (QUADS > 1u) {
        sums = add_quad(sums, m_at + TILE_M, n_at + TILE_N);
    }
    if (QUADS > 2u) {
        sums = add_quad(sums, m_at + 2u * TILE_M, n_at + 2u * TILE_N);
        sums = add_quad(sums, m_at + 3u * TILE_M, n_at + 3u * TILE_N);
    }
    return sums;
}

fn add_quad(start: Sums, m_at: u32, n_at: u32) -> Sums {
    var sums = start;
    let m0 = m_block(m_at);
    let n0 = n_block(n_at);
    sums.s00 = add_products(sums.s00, m0, n0);
    if (BLOCK_M > 4u) {
        let m1 = m_block(m_at + 4u * M_THREADS);
        sums.s10 = add_products(sums.s10, m1, n0);
        if (BLOCK_N > 4u) {
            let n1 = n_block(n_at + 4u * N_THREADS);
            sums.s11 = add_products(sums.s11, m1, n1);
            sums.s01 = add_products(sums.s01, m0, n1);
        }
    }
    return sums;
}

// A quad of four rows of weights, with a column per channel.
fn m_block(at: u32) -> mat4x4<f32> {
    return transpose(
        mat4x4<f32>(m_tile[at], m_tile[at + M_THREADS], m_tile[at + 2u * M_THREADS], m_tile[at + 3u * M_THREADS])
    );
}

fn n_block(at: u32) -> mat4x4<f32> {
    return transpose(
        mat4x4<f32>(n_tile[at], n_tile[at + N_THREADS], n_tile[at + 2u * N_THREADS], n_tile[at + 3u * N_THREADS])
    );
}

// sums + a b^T, channel by channel.
fn add_products(sums: mat4x4<f32>, a: mat4x4<f32>, b: mat4x4<f32>) -> mat4x4<f32> {
    let two = add_product(add_product(sums, a[0], b[0]), a[1], b[1]);
    return add_product(add_product(two, a[2], b[2]), a[3], b[3]);
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

// The bias, in the first slice.
fn first_sums(m: u32, slice: u32) -> Sums {
    let s0 = first_block(m, slice);
    let s1 = first_block(m + 4u * M_THREADS, slice);
    return Sums(s0, s1, s0, s1);
}

fn first_block(m: u32, slice: u32) -> mat4x4<f32> {
    var column = vec4<f32>(0.0);
    if (BIAS == 1u && slice == 0u) {
        let at = min(m + vec4<u32>(0u, 1u, 2u, 3u) * M_THREADS, vec4<u32>(M - 1u));
        column = vec4<f32>(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
    }
    return mat4x4<f32>(column, column, column, column);
}

fn write_sums(n: u32, m: u32, z: u32, sums: Sums) {
    write_block(n, m, z, sums.s00);
    if (BLOCK_M > 4u) {
        write_block(n, m + 4u * M_THREADS, z, sums.s10);
    }
    if (BLOCK_N > 4u) {
        write_block(n + 4u * N_THREADS, m, z, sums.s01);
        write_block(n + 4u * N_THREADS, m + 4u * M_THREADS, z, sums.s11);
    }
}

fn write_block(n: u32, m: u32, z: u32, values: mat4x4<f32>) {
    write_column(n, m, z, values[0]);
    write_column(n + N_THREADS, m, z, values[1]);
    write_column(n + 2u * N_THREADS, m, z, values[2]);
    write_column(n + 3u * N_THREADS, m, z, values[3]);
}

fn write_column(n: u32, m: u32, z: u32, values: vec4<f32>) {
    if (n < N) {
        let at = ((z * BATCH + n / OUT_PLANE) * M + m) * OUT_PLANE + n % OUT_PLANE;
        write_value(m, at, values.x);
        write_value(m + M_THREADS, at + M_THREADS * OUT_PLANE, values.y);
        write_value(m + 2u * M_THREADS, at + 2u * M_THREADS * OUT_PLANE, values.z);
        write_value(m + 3u * M_THREADS, at + 3u * M_THREADS * OUT_PLANE, values.w);
    }
}

fn write_value(m: u32, at: u32, value: f32) {
    if (m < M) {
        y[at] = value;
    }
}
