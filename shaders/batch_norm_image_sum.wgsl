// Adds up the gradients of scale and shift of the images that share a row of parameters: from [2, BATCH, CHANNELS] to
// [ROWS, CHANNELS] each, with ROWS either 1 (the sum over all images, in their order) or BATCH (a copy).
//
// One invocation per row and channel; neighbours take neighbouring channels.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const ROWS: u32 = 1u;

const THREADS: u32 = 64u;
const IMAGES: u32 = BATCH / ROWS;
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
    for (var image = row * IMAGES; image < (row + 1u) * IMAGES; image++) {
        scale_sum += image_gradients[image * CHANNELS + channel];
        shift_sum += image_gradients[(BATCH + image) * CHANNELS + channel];
    }
    scale_gradient[at] = scale_sum;
    shift_gradient[at] = shift_sum;
}
