#import strict
#import additions

// Adds up the gradients of scale and shift of the images that share a row of parameters: from [2, BATCH, CHANNELS] to
// [ROWS, CHANNELS] each, with ROWS either 1 (the sum over all images, in their order) or BATCH (a copy).
//
// One invocation per row and channel; neighbours take neighbouring channels. It loads the numbers of eight images at a
// time, which a GPU can wait for together, and adds them one by one.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const ROWS: u32 = 1u;

const THREADS: u32 = 64u;
const IMAGES: u32 = BATCH / ROWS;
const EIGHTS: u32 = IMAGES / 8u;
const COUNT: u32 = ROWS * CHANNELS;

@group(0) @binding(0) var<storage, read_write> image_gradients: array<f32>;
@group(0) @binding(1) var<storage, read_write> scale_gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> shift_gradient: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = (id.y * count.x + id.x) * THREADS + thread;
    if (at >= COUNT) {
        return;
    }
    let row = at / CHANNELS;
    let channel = at % CHANNELS;
    var scale_sum = 0.0;
    var shift_sum = 0.0;
    var image = row * IMAGES;
    for (var eight = 0u; eight < EIGHTS; eight++) {
        let scale_at = image * CHANNELS + channel;
        let shift_at = scale_at + BATCH * CHANNELS;
        let a = images_from(scale_at);
        let b = images_from(scale_at + 4u * CHANNELS);
        let c = images_from(shift_at);
        let d = images_from(shift_at + 4u * CHANNELS);
        scale_sum = in_order(in_order(scale_sum, a), b);
        shift_sum = in_order(in_order(shift_sum, c), d);
        image += 8u;
    }
    for (; image < (row + 1u) * IMAGES; image++) {
        scale_sum += image_gradients[image * CHANNELS + channel];
        shift_sum += image_gradients[(BATCH + image) * CHANNELS + channel];
    }
    scale_gradient[at] = settled(scale_sum);
    shift_gradient[at] = settled(shift_sum);
}

// The numbers of a channel of four images.
fn images_from(at: u32) -> vec4<f32> {
    return vec4(
        image_gradients[at],
        image_gradients[at + CHANNELS],
        image_gradients[at + 2u * CHANNELS],
        image_gradients[at + 3u * CHANNELS],
    );
}
