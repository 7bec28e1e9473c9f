// The tiles in which conv2d_tiled_forward.wgsl and conv2d_tiled_input_gradient.wgsl compute a matrix product of weights
// [M, K] with patches [K, N], where K counts channels of each tap. It needs products.wgsl.
//
// A kernel declares M, N and K; W_K, the distance between weights of neighbouring channels; PHASES; and BIAS. It binds
// `weight` and `bias`, has `pairs` in workgroup memory, and writes results with its function `write_rows`.

const TILE_M: u32 = 32u;
const TILE_N: u32 = 32u;
const TILE_K: u32 = 16u;
const BLOCK_M: u32 = 4u;
const BLOCK_N: u32 = 4u;
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

// A step of the sum: its first channel, and the row and column of its tap.
struct Step { channel: u32, down: u32, right: u32 }

// What an invocation loads in every step: a row of weights and a pixel, each from a channel on. The row and column are
// what the first tap sees. Left of or above the image, they wrap around to large numbers.
struct Source { m_channel: u32, m_at: u32, n_channel: u32, n_at: u32, row: u32, column: u32 }

// Up to four times four channels of each, and whether the pixel is inside the image.
struct Loaded { m: mat4x4<f32>, n: mat4x4<f32>, inside: bool }

// The sums of an invocation, in blocks with a column for each of four pixels.
struct Sums { s00: mat4x4<f32>, s10: mat4x4<f32>, s01: mat4x4<f32>, s11: mat4x4<f32> }

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

fn load_weights(base: u32, channel: u32, round: u32) -> vec4<f32> {
    if (round * M_QUADS >= QUADS) {
        return vec4<f32>(0.0);
    }
    let at = places(base, channel + round * 4u * M_QUADS, W_K);
    return vec4<f32>(weight[at.x], weight[at.y], weight[at.z], weight[at.w]);
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
