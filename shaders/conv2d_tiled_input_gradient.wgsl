#import products
#import epilogue

// The gradient of a convolution's input, for GPUs with fast workgroup memory: x[n, c, i, j] = sum over o, ky, kx of
// weight[o, c, ky, kx] y[n, o, k, l], over the taps for which k = (i + PADDING - ky) / STRIDE and l, computed likewise,
// are integers inside the output. In the forward direction it is a transposed convolution, and adds bias[c] if BIAS is
// 1; if it is 0, the binding is not read. EPILOGUE says how a sum is written; if it is 0 or 1, the binding of `other`
// is not read.
//
// The tiles and their constants are those of conv2d_tiled_forward.wgsl: M channels, N pixels, K outputs for each tap.
// All pixels of a workgroup leave the same remainders when divided by the stride (their phase), so they use the same
// taps. z counts phases and, if SLICES is above 1, shares of the outputs; then x is [SLICES, ..].

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
const SLICES: u32 = 1u;
const W_OUTPUT: u32 = 27u;
const W_INPUT: u32 = 9u;
const W_TAP: u32 = 1u;
const TILE_M: u32 = 32u;
const TILE_N: u32 = 32u;
const TILE_K: u32 = 16u;
const BLOCK_M: u32 = 4u;
const BLOCK_N: u32 = 4u;

// The size of the result.
const HEIGHT: u32 = IN_HEIGHT;
const WIDTH: u32 = IN_WIDTH;
const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const PHASES: u32 = STRIDE * STRIDE;
const PHASE_HEIGHT: u32 = (IN_HEIGHT + STRIDE - 1u) / STRIDE;
const PHASE_WIDTH: u32 = (IN_WIDTH + STRIDE - 1u) / STRIDE;
const PHASE_PLANE: u32 = PHASE_HEIGHT * PHASE_WIDTH;
const M: u32 = INPUTS;
const N: u32 = BATCH * PHASE_PLANE;
const K: u32 = OUTPUTS;
const M_THREADS: u32 = TILE_M / BLOCK_M;
const N_THREADS: u32 = TILE_N / BLOCK_N;
const THREADS: u32 = M_THREADS * N_THREADS;
const M_TILES: u32 = (M + TILE_M - 1u) / TILE_M;
const N_TILES: u32 = (N + TILE_N - 1u) / TILE_N;
const STEPS: u32 = (K + TILE_K - 1u) / TILE_K;
const N_PAIRS: u32 = TILE_K / 2u * TILE_M;
const QUADS: u32 = TILE_K / 4u;
const M_QUADS: u32 = THREADS / TILE_M;
const N_QUADS: u32 = THREADS / TILE_N;

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> other: array<f32>;
@group(0) @binding(4) var<storage, read_write> x: array<f32>;

// Pairs of channels by row of weights, then pairs by pixel.
var<workgroup> pairs: array<vec2<f32>, TILE_K / 2u * (TILE_M + TILE_N)>;

// A step of the sum: its first channel, and the row and column of its tap.
struct Step { channel: u32, down: u32, right: u32 }

// What an invocation loads in every step: a row of weights and a pixel, each from a channel on. The row and column are
// what the first tap sees. Left of or above the image, they wrap around to large numbers.
struct Source { m_channel: u32, m_at: u32, n_channel: u32, n_at: u32, row: u32, column: u32 }

// Up to four times four channels of each, and whether the pixel is inside the image.
struct Loaded { m: mat4x4<f32>, n: mat4x4<f32>, inside: bool }

// The sums of an invocation, in blocks with a column for each of four pixels.
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
    let first_m = tile % M_TILES * TILE_M;
    let first_n = tile / M_TILES * TILE_N;
    let phase = id.z % PHASES;
    let slice = id.z / PHASES;
    let down = (phase / STRIDE + PADDING) % STRIDE;
    let right = (phase % STRIDE + PADDING) % STRIDE;
    let m = first_m + thread / N_THREADS;
    let n = first_n + thread % N_THREADS;
    var sums: Sums;
    if (down < KERNEL && right < KERNEL) {
        let source = source_of(first_m + thread % TILE_M, first_n + thread % TILE_N, phase, thread);
        let end = (slice + 1u) * STEPS / SLICES * TILE_K;
        var step = Step(slice * STEPS / SLICES * TILE_K, down, right);
        store_step(step, load_step(step, source), thread);
        workgroupBarrier();
        step = next_step(step);
        while (step.channel < end) {
            let loaded = load_step(step, source);
            sums = add_step(sums, thread);
            workgroupBarrier();
            store_step(step, loaded, thread);
            workgroupBarrier();
            step = next_step(step);
        }
        sums = add_step(sums, thread);
    }
    write_block(n, m, id.z, sums.s00);
    if (BLOCK_M > 4u) {
        write_block(n, m + 4u * M_THREADS, id.z, sums.s10);
    }
    if (BLOCK_N > 4u) {
        write_block(n + 4u * N_THREADS, m, id.z, sums.s01);
        write_block(n + 4u * N_THREADS, m + 4u * M_THREADS, id.z, sums.s11);
    }
}

// The taps of a phase are a stride apart, so the remainders are the first row and column.
fn next_step(step: Step) -> Step {
    if (step.right + STRIDE < KERNEL) {
        return Step(step.channel, step.down, step.right + STRIDE);
    }
    if (step.down + STRIDE < KERNEL) {
        return Step(step.channel, step.down + STRIDE, step.right % STRIDE);
    }
    return Step(step.channel + TILE_K, step.down % STRIDE, step.right % STRIDE);
}

// Past the end, the last channel and the last pixel again.
fn source_of(channel: u32, pixel: u32, phase: u32, thread: u32) -> Source {
    let m = min(channel, M - 1u);
    let n = min(pixel, N - 1u);
    let row = n / PHASE_WIDTH % PHASE_HEIGHT + (phase / STRIDE + PADDING) / STRIDE;
    let column = n % PHASE_WIDTH + (phase % STRIDE + PADDING) / STRIDE;
    let at = n / PHASE_PLANE * (K * OUT_PLANE) + row * OUT_WIDTH + column;
    let m_quad = min(thread / TILE_M, QUADS - 1u);
    let n_quad = min(thread / TILE_N, QUADS - 1u);
    return Source(4u * m_quad, m * W_INPUT, 4u * n_quad, at, row, column);
}

fn load_step(step: Step, source: Source) -> Loaded {
    let up = step.down / STRIDE;
    let left = step.right / STRIDE;
    let inside = source.row - up < OUT_HEIGHT && source.column - left < OUT_WIDTH;
    let n_at = select(0u, source.n_at - up * OUT_WIDTH - left, inside);
    let m_at = source.m_at + (step.down * KERNEL + step.right) * W_TAP;
    let m = step.channel + source.m_channel;
    let n = step.channel + source.n_channel;
    return Loaded(
        mat4x4<f32>(
            load_weights(m_at, m, 0u), load_weights(m_at, m, 1u), load_weights(m_at, m, 2u), load_weights(m_at, m, 3u)
        ),
        mat4x4<f32>(
            load_pixels(n_at, n, 0u), load_pixels(n_at, n, 1u), load_pixels(n_at, n, 2u), load_pixels(n_at, n, 3u)
        ),
        inside,
    );
}

fn load_weights(base: u32, channel: u32, round: u32) -> vec4<f32> {
    if (round * M_QUADS >= QUADS) {
        return vec4<f32>(0.0);
    }
    let at = places(base, channel + round * 4u * M_QUADS, W_OUTPUT);
    return vec4<f32>(weight[at.x], weight[at.y], weight[at.z], weight[at.w]);
}

fn load_pixels(base: u32, channel: u32, round: u32) -> vec4<f32> {
    if (round * N_QUADS >= QUADS) {
        return vec4<f32>(0.0);
    }
    let at = places(base, channel + round * 4u * N_QUADS, OUT_PLANE);
    return vec4<f32>(y[at.x], y[at.y], y[at.z], y[at.w]);
}

// Where four channels from the first lie; past the end, the last one again.
fn places(base: u32, first: u32, distance: u32) -> vec4<u32> {
    if (K % TILE_K == 0u) {
        return (base + first * distance) + vec4<u32>(0u, 1u, 2u, 3u) * distance;
    }
    return base + min(first + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(K - 1u)) * distance;
}

fn store_step(step: Step, loaded: Loaded, thread: u32) {
    store_round(step, loaded.m[0], loaded.n[0], loaded.inside, thread, 0u);
    store_round(step, loaded.m[1], loaded.n[1], loaded.inside, thread, 1u);
    store_round(step, loaded.m[2], loaded.n[2], loaded.inside, thread, 2u);
    store_round(step, loaded.m[3], loaded.n[3], loaded.inside, thread, 3u);
}

fn store_round(step: Step, m: vec4<f32>, n: vec4<f32>, inside: bool, thread: u32, round: u32) {
    let m_quad = thread / TILE_M + round * M_QUADS;
    let n_quad = thread / TILE_N + round * N_QUADS;
    if (round * M_QUADS < QUADS && (M_QUADS <= QUADS || m_quad < QUADS)) {
        let values = select(vec4<f32>(0.0), m, existing(step.channel + 4u * m_quad));
        let at = 2u * TILE_M * m_quad + thread % TILE_M;
        pairs[at] = values.xy;
        pairs[at + TILE_M] = values.zw;
    }
    if (round * N_QUADS < QUADS && (N_QUADS <= QUADS || n_quad < QUADS)) {
        let values = select(vec4<f32>(0.0), n, existing(step.channel + 4u * n_quad) & vec4<bool>(inside));
        let at = N_PAIRS + 2u * TILE_N * n_quad + thread % TILE_N;
        pairs[at] = values.xy;
        pairs[at + TILE_N] = values.zw;
    }
}

fn existing(first: u32) -> vec4<bool> {
    return vec4<bool>(K % TILE_K == 0u) | (first + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(K));
}

fn add_step(start: Sums, thread: u32) -> Sums {
    var sums = start;
    for (var pair = 0u; pair < TILE_K / 2u; pair++) {
        let m_at = pair * TILE_M + thread / N_THREADS;
        let n_at = N_PAIRS + pair * TILE_N + thread % N_THREADS;
        let m0 = four_pairs(m_at, M_THREADS);
        let n0 = four_pairs(n_at, N_THREADS);
        sums.s00 = add_products(sums.s00, m0, n0);
        if (BLOCK_M > 4u) {
            let m1 = four_pairs(m_at + 4u * M_THREADS, M_THREADS);
            sums.s10 = add_products(sums.s10, m1, n0);
            if (BLOCK_N > 4u) {
                let n1 = four_pairs(n_at + 4u * N_THREADS, N_THREADS);
                sums.s11 = add_products(sums.s11, m1, n1);
                sums.s01 = add_products(sums.s01, m0, n1);
            }
        }
    }
    return sums;
}

// Two channels of four rows or pixels, with a column for each channel.
fn four_pairs(at: u32, apart: u32) -> mat2x4<f32> {
    let next = at + 2u * apart;
    return transpose(mat4x2<f32>(pairs[at], pairs[at + apart], pairs[next], pairs[next + apart]));
}

fn add_products(sums: mat4x4<f32>, a: mat2x4<f32>, b: mat2x4<f32>) -> mat4x4<f32> {
    return add_product(add_product(sums, a[0], b[0]), a[1], b[1]);
}

fn write_block(n: u32, m: u32, z: u32, values: mat4x4<f32>) {
    var first = vec4<f32>(0.0);
    if (BIAS == 1u && z < PHASES) {
        let at = min(m + vec4<u32>(0u, 1u, 2u, 3u) * M_THREADS, vec4<u32>(M - 1u));
        first = vec4<f32>(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
    }
    write_rows(n, m, z, values[0] + first);
    write_rows(n + N_THREADS, m, z, values[1] + first);
    write_rows(n + 2u * N_THREADS, m, z, values[2] + first);
    write_rows(n + 3u * N_THREADS, m, z, values[3] + first);
}

fn write_rows(n: u32, m: u32, z: u32, values: vec4<f32>) {
    let phase = z % PHASES;
    let row = n / PHASE_WIDTH % PHASE_HEIGHT * STRIDE + phase / STRIDE;
    let column = n % PHASE_WIDTH * STRIDE + phase % STRIDE;
    if (n < N && row < IN_HEIGHT && column < IN_WIDTH) {
        let image = z / PHASES * BATCH + n / PHASE_PLANE;
        let at = (image * M + m) * IN_PLANE + row * IN_WIDTH + column;
        for (var i = 0u; i < 4u; i++) {
            if (m + i * M_THREADS < M) {
                let place = at + i * M_THREADS * IN_PLANE;
                x[place] = finished(values[i], place);
            }
        }
    }
}
