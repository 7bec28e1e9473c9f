#import bytes

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
