#import bytes

// A batch of images from bytes: y [BATCH, CHANNELS, SIZE, SIZE] in -1 to 1, with b / 127.5 - 1 for a byte b. The images
// [CHANNELS, SIZE, SIZE] lie one after another, four bytes per word, the lowest bits first. The buffer holds COUNT
// images of a larger set, from index FIRST on. An element of indices [BATCH] is the index of an image in the whole set;
// its highest bit mirrors the image from left to right. The kernel does not write images that the buffer does not hold.
//
// Each invocation writes four neighbouring elements of one image. If SIZE is a multiple of 4, they come from one word.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 1u;
const SIZE: u32 = 4u;
const FIRST: u32 = 0u;
const COUNT: u32 = 3u;

const THREADS: u32 = 64u;
const BYTES: u32 = CHANNELS * SIZE * SIZE;
const FOURS: u32 = (BYTES + 3u) / 4u;
const MIRRORED: u32 = 0x80000000u;

@group(0) @binding(0) var<storage, read_write> words: array<u32>;
@group(0) @binding(1) var<storage, read_write> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

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
    if (SIZE % 4u == 0u) {
        store_word(row, image, element, mirrored);
    } else {
        for (var next = element; next < min(element + 4u, BYTES); next++) {
            y[row * BYTES + next] = scaled(byte(image * BYTES + source(next, mirrored)));
        }
    }
}

// Four elements of a row of pixels, from a word.
fn store_word(row: u32, image: u32, element: u32, mirrored: bool) {
    let word = words[(image * BYTES + source(element, mirrored)) / 4u];
    let ahead = vec4(word, word >> 8u, word >> 16u, word >> 24u) & vec4(0xffu);
    let bytes = select(ahead, ahead.wzyx, mirrored);
    let at = row * BYTES + element;
    y[at] = scaled(bytes.x);
    y[at + 1u] = scaled(bytes.y);
    y[at + 2u] = scaled(bytes.z);
    y[at + 3u] = scaled(bytes.w);
}

fn byte(at: u32) -> u32 {
    return (words[at / 4u] >> (at % 4u * 8u)) & 0xffu;
}
