#import products
#import epilogue
#import tiles

// Convolution for GPUs with fast workgroup memory: y[n, o, i, j] = bias[o] + sum over c, ky, kx of weight[o, c, ky, kx]
// x[n, c, STRIDE i + ky - PADDING, ..]. The bias is added if BIAS is 1; if it is 0, its binding is not read. EPILOGUE
// says how a sum is written; if it is 0 or 1, the binding of `other` is not read.
//
// A matrix product of weights [M, K] with patches [K, N]: M outputs, N pixels, K input channels for each tap. A
// workgroup computes TILE_M by TILE_N, an invocation BLOCK_M by BLOCK_N: 4 by 4, 8 by 4 or 8 by 8. THREADS has to be a
// multiple of TILE_M and TILE_N. A step of the sum is TILE_K channels through one tap: 4, 8 or 16. Its numbers pass
// through workgroup memory, in pairs of channels; they are loaded while the step before is computed. All taps of some
// channels follow each other, since they see nearly the same pixels.
//
// If SLICES is above 1, z counts shares of the channels, and y is [SLICES, ..]: partial sums for conv2d_tiled_sum.wgsl.
// A share has at least TILE_K channels. The W constants say how far apart the weights of neighbouring outputs, inputs
// and taps lie.

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

// The size of the result.
const HEIGHT: u32 = OUT_HEIGHT;
const WIDTH: u32 = OUT_WIDTH;
const IN_PLANE: u32 = IN_HEIGHT * IN_WIDTH;
const OUT_PLANE: u32 = OUT_HEIGHT * OUT_WIDTH;
const M: u32 = OUTPUTS;
const N: u32 = BATCH * OUT_PLANE;
const K: u32 = INPUTS;
// How far apart the weights of neighbouring channels of the sum lie.
const W_K: u32 = W_INPUT;
const PHASES: u32 = 1u;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> other: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

// Pairs of channels by row of weights, then pairs by pixel.
var<workgroup> pairs: array<vec2<f32>, TILE_K / 2u * (TILE_M + TILE_N)>;

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
    var sums: Sums;
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
    write_block(n, m, id.z, sums.s00);
    if (BLOCK_M > 4u) {
        write_block(n, m + 4u * M_THREADS, id.z, sums.s10);
    }
    if (BLOCK_N > 4u) {
        write_block(n + 4u * N_THREADS, m, id.z, sums.s01);
        write_block(n + 4u * N_THREADS, m + 4u * M_THREADS, id.z, sums.s11);
    }
}

fn next_step(step: Step) -> Step {
    if (step.right + 1u < KERNEL) {
        return Step(step.channel, step.down, step.right + 1u);
    }
    let rolls = step.down + 1u == KERNEL;
    return Step(step.channel + select(0u, TILE_K, rolls), select(step.down + 1u, 0u, rolls), 0u);
}

// Past the end, the last output and the last pixel again.
fn source_of(output: u32, pixel: u32, thread: u32) -> Source {
    let m = min(output, M - 1u);
    let n = min(pixel, N - 1u);
    let row = n / OUT_WIDTH % OUT_HEIGHT * STRIDE - PADDING;
    let column = n % OUT_WIDTH * STRIDE - PADDING;
    let at = n / OUT_PLANE * (K * IN_PLANE) + row * IN_WIDTH + column;
    let m_quad = min(thread / TILE_M, QUADS - 1u);
    let n_quad = min(thread / TILE_N, QUADS - 1u);
    return Source(4u * m_quad, m * W_OUTPUT, 4u * n_quad, at, row, column);
}

fn load_step(step: Step, source: Source) -> Loaded {
    let row = source.row + step.down;
    let column = source.column + step.right;
    let inside = row < IN_HEIGHT && column < IN_WIDTH;
    let n_at = select(0u, source.n_at + step.down * IN_WIDTH + step.right, inside);
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

fn load_pixels(base: u32, channel: u32, round: u32) -> vec4<f32> {
    if (round * N_QUADS >= QUADS) {
        return vec4<f32>(0.0);
    }
    let at = places(base, channel + round * 4u * N_QUADS, IN_PLANE);
    return vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]);
}

fn write_rows(n: u32, m: u32, z: u32, values: vec4<f32>) {
    if (n < N) {
        let at = ((z * BATCH + n / OUT_PLANE) * M + m) * OUT_PLANE + n % OUT_PLANE;
        for (var i = 0u; i < 4u; i++) {
            if (m + i * M_THREADS < M) {
                let place = at + i * M_THREADS * OUT_PLANE;
                y[place] = finished(values[i], place);
            }
        }
    }
}
