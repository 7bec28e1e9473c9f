// A batch of images from bytes, with the elements of batch.wgsl, for GPUs: y [BATCH, CHANNELS, SIZE, SIZE] in -1 to 1,
// with b / 127.5 - 1 for a byte b. Neighbouring invocations write neighbouring vectors of four elements, which a GPU
// does with one access. Each vector comes from one word, so SIZE has to be a multiple of 4. The images, their indices
// and what is left unwritten are as in batch.wgsl.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 1u;
const SIZE: u32 = 4u;
const FIRST: u32 = 0u;
const COUNT: u32 = 3u;

const THREADS: u32 = 64u;
const BYTES: u32 = CHANNELS * SIZE * SIZE;
const FOURS: u32 = BYTES / 4u;
const MIRRORED: u32 = 0x80000000u;

@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@group(0) @binding(1) var<storage, read_write> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let invocation = (id.y * count.x + id.x) * THREADS + thread;
    let row = invocation / FOURS;
    if (row >= BATCH) {
        return;
    }
    let index = indices[row];
    let mirrored = (index & MIRRORED) != 0u;
    // An index before FIRST wraps around to a large number.
    let image = (index & ~MIRRORED) - FIRST;
    if (image >= COUNT) {
        return;
    }
    let element = invocation % FOURS * 4u;
    let word = words[(image * BYTES + source(element, mirrored)) / 4u];
    let ahead = vec4(word, word >> 8u, word >> 16u, word >> 24u) & vec4(0xffu);
    let bytes = select(ahead, ahead.wzyx, mirrored);
    y[invocation] = vec4(scaled(bytes.x), scaled(bytes.y), scaled(bytes.z), scaled(bytes.w));
}

// The element of an image that becomes element `at`.
fn source(at: u32, mirrored: bool) -> u32 {
    let column = at % SIZE;
    return select(at, at - column + SIZE - 1u - column, mirrored);
}

// b / 127.5 - 1, rounded after the division and after the subtraction, and so to a multiple of 2^-24. A GPU's division
// may round differently, so this uses integers: in units of 2^-24, the quotient is 131586 b + b / 127.5, and the second
// term rounds to 0, 1 or 2. In the upper half, which is rounded to multiples of 2^-23, it rounds to 2.
fn scaled(byte: u32) -> f32 {
    let quotient = 131586u * byte + select(0u, 1u, byte >= 64u) + select(0u, 1u, byte >= 128u);
    return f32(i32(quotient) - 16777216) * 5.9604644775390625e-8;
}
