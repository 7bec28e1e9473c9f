#import strict
#import strict_vectors
#import strict_division
#import places

// DiffAugment (Zhao et al. 2020, section 3): y [BATCH, CHANNELS, SIZE, SIZE] from images of that shape, up to four
// channels, and the parameters of each image [BATCH, 8]: brightness b, saturation s, contrast c, shift down, shift
// right, and top, left and side of a square that is cut out.
//
// First, b is added to a pixel x. Then the distance to the pixel's grey value, the mean of its channels, is multiplied
// by s, and then the distance to the mean of the image by c. Saturation keeps the mean, so it is the mean of the plain
// image, means [BATCH], plus b. In total, x + b becomes c s (x + b) + c (1 - s) (grey + b) + (1 - c) (mean + b). Then
// the pixel at (row, column) comes from (row + down, column - right), or is 0 if that is outside the image, and is
// multiplied by 0 in the square. If COLOR is 0, colours do not change and the means are not read.
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

@group(0) @binding(0) var<storage, read_write> images: array<f32>;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

struct Change {
    brightness: f32,
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
            let source = place + change.shift;
            var result = vec4(0.0);
            if (is_inside(source)) {
                let x = channels_at(start + u32(source.x) * SIZE + u32(source.y));
                result = coloured(x, mean, change) * kept(place, change);
            }
            store(start + pixel, settled4(result));
        }
    }
}

fn coloured(x: vec4<f32>, mean: f32, change: Change) -> vec4<f32> {
    if (COLOR == 0u) {
        return x;
    }
    let grey = divided(x.x + x.y + x.z + x.w, f32(CHANNELS)) + change.brightness;
    let from_grey = rounded(change.contrast * (1.0 - change.saturation) * grey);
    let from_mean = rounded((1.0 - change.contrast) * (mean + change.brightness));
    return rounded4(change.contrast * change.saturation * (x + change.brightness)) + from_grey + from_mean;
}

// The change of an image, from brightness, saturation, contrast, shift down, shift right, and top, left and side of the
// cut square.
fn change_of(image: u32) -> Change {
    let a = parameters[2u * image];
    let b = parameters[2u * image + 1u];
    return Change(a.x, a.y, a.z, vec2(i32(a.w), -i32(b.x)), vec2(i32(b.y), i32(b.z)), i32(b.w));
}

// The channels of a pixel; 0 for missing ones.
fn channels_at(at: u32) -> vec4<f32> {
    var pixel = vec4(images[at], 0.0, 0.0, 0.0);
    if (CHANNELS > 1u) {
        pixel.y = images[at + PLANE];
    }
    if (CHANNELS > 2u) {
        pixel.z = images[at + 2u * PLANE];
    }
    if (CHANNELS > 3u) {
        pixel.w = images[at + 3u * PLANE];
    }
    return pixel;
}

fn store(at: u32, pixel: vec4<f32>) {
    y[at] = pixel.x;
    if (CHANNELS > 1u) {
        y[at + PLANE] = pixel.y;
    }
    if (CHANNELS > 2u) {
        y[at + 2u * PLANE] = pixel.z;
    }
    if (CHANNELS > 3u) {
        y[at + 3u * PLANE] = pixel.w;
    }
}
