#import strict
#import strict_vectors
#import strict_division
#import places

// The gradient of the images that diff_augment changed, from the gradient of the result, both [BATCH, CHANNELS, SIZE,
// SIZE] with up to four channels, and the parameters of each image [BATCH, 8]: brightness, saturation s, contrast c,
// shift down, shift right, and top, left and side of a square that is cut out.
//
// The pixel at (row, column) went to (row - down, column + right). Its gradient g comes from there, times 0 in the
// square, or is 0 if that place is outside the image. The colour is linear in the pixel, its grey value and the mean of
// the image, so the gradient of the plain pixel is c s g + c (1 - s) times the mean of g over the channels + (1 - c)
// times the mean of g over the image. That mean over the image is means [BATCH] (diff_augment_mean with MASKED). If
// COLOR is 0, the gradient is g, and the means are not read.
//
// GROUPS workgroups share an image. Each invocation computes PIXELS pixels with all their channels, THREADS apart, so
// that neighbours read side by side.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const SIZE: u32 = 4u;
const COLOR: u32 = 1u;

const THREADS: u32 = 64u;
const PIXELS: u32 = 4u;
const PLANE: u32 = SIZE * SIZE;
const GROUPS: u32 = (PLANE + THREADS * PIXELS - 1u) / (THREADS * PIXELS);

@group(0) @binding(0) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> image_gradient: array<f32>;

struct Change {
    saturation: f32,
    contrast: f32,
    // Rows and columns between a pixel and its source.
    shift: vec2<i32>,
    // Row and column where the cut square starts, which may be outside the image, and its side.
    corner: vec2<i32>,
    side: i32,
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let group = id.y * count.x + id.x;
    let image = group / GROUPS;
    if (image >= BATCH) {
        return;
    }
    let change = change_of(image);
    let start = image * CHANNELS * PLANE;
    var mean = 0.0;
    if (COLOR == 1u) {
        mean = means[image];
    }
    for (var index = 0u; index < PIXELS; index++) {
        let pixel = (group % GROUPS * PIXELS + index) * THREADS + thread;
        if (pixel < PLANE) {
            let place = vec2(i32(pixel / SIZE), i32(pixel % SIZE));
            let went_to = place - change.shift;
            var g = vec4(0.0);
            if (is_inside(went_to)) {
                g = channels_at(start + u32(went_to.x) * SIZE + u32(went_to.y)) * kept(went_to, change);
            }
            store(start + pixel, settled4(uncoloured(g, mean, change)));
        }
    }
}

fn uncoloured(g: vec4<f32>, mean: f32, change: Change) -> vec4<f32> {
    if (COLOR == 0u) {
        return g;
    }
    let grey = divided(g.x + g.y + g.z + g.w, f32(CHANNELS));
    let from_grey = rounded(change.contrast * (1.0 - change.saturation) * grey);
    let own = rounded4(change.contrast * change.saturation * g);
    return own + from_grey + rounded((1.0 - change.contrast) * mean);
}

// The change of an image, from brightness, saturation, contrast, shift down, shift right, and top, left and side of the
// cut square.
fn change_of(image: u32) -> Change {
    let a = parameters[2u * image];
    let b = parameters[2u * image + 1u];
    return Change(a.y, a.z, vec2(i32(a.w), -i32(b.x)), vec2(i32(b.y), i32(b.z)), i32(b.w));
}

// The channels of a pixel; 0 for missing ones.
fn channels_at(at: u32) -> vec4<f32> {
    var pixel = vec4(gradient[at], 0.0, 0.0, 0.0);
    if (CHANNELS > 1u) {
        pixel.y = gradient[at + PLANE];
    }
    if (CHANNELS > 2u) {
        pixel.z = gradient[at + 2u * PLANE];
    }
    if (CHANNELS > 3u) {
        pixel.w = gradient[at + 3u * PLANE];
    }
    return pixel;
}

fn store(at: u32, pixel: vec4<f32>) {
    image_gradient[at] = pixel.x;
    if (CHANNELS > 1u) {
        image_gradient[at + PLANE] = pixel.y;
    }
    if (CHANNELS > 2u) {
        image_gradient[at + 2u * PLANE] = pixel.z;
    }
    if (CHANNELS > 3u) {
        image_gradient[at + 3u * PLANE] = pixel.w;
    }
}
