#import products
#import epilogue
#import tiles

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
// How far apart the weights of neighbouring outputs lie.
const W_K: u32 = W_OUTPUT;

@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> other: array<f32>;
@group(0) @binding(4) var<storage, read_write> x: array<f32>;

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

fn load_pixels(base: u32, channel: u32, round: u32) -> vec4<f32> {
    if (round * N_QUADS >= QUADS) {
        return vec4<f32>(0.0);
    }
    let at = places(base, channel + round * 4u * N_QUADS, OUT_PLANE);
    return vec4<f32>(y[at.x], y[at.y], y[at.z], y[at.w]);
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
