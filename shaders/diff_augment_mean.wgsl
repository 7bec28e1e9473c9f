#import strict
#import strict_division
#import places

// The mean of each image of images [BATCH, CHANNELS, SIZE, SIZE], over channels and pixels: means [BATCH].
//
// If MASKED is 1, the images are gradients of results of diff_augment with parameters [BATCH, 8]: elements in the cut
// square are multiplied by 0, and elements that were shifted in from outside count as 0. Otherwise, the parameters are
// not read.
//
// One workgroup per image. Each invocation adds up every THREADS-th element, or every THREADS-th pixel if MASKED is 1,
// so that neighbours read side by side. PARTS invocations add up those sums, and one adds up theirs.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const SIZE: u32 = 4u;
const MASKED: u32 = 1u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const PLANE: u32 = SIZE * SIZE;

@group(0) @binding(0) var<storage, read_write> images: array<f32>;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> means: array<f32>;

var<workgroup> shares: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let image = id.y * count.x + id.x;
    if (image >= BATCH) {
        return;
    }
    shares[thread] = sum_of_pixels(image, thread);
    workgroupBarrier();
    if (thread < PARTS) {
        parts[thread] = sum_of_part(thread);
    }
    workgroupBarrier();
    if (thread == 0u) {
        var sum = 0.0;
        for (var part = 0u; part < PARTS; part++) {
            sum += parts[part];
        }
        means[image] = settled(divided(sum, f32(CHANNELS * PLANE)));
    }
}

fn sum_of_part(part: u32) -> f32 {
    var sum = 0.0;
    for (var at = part; at < THREADS; at += PARTS) {
        sum += shares[at];
    }
    return sum;
}

fn sum_of_pixels(image: u32, thread: u32) -> f32 {
    let start = image * CHANNELS * PLANE;
    var sum = 0.0;
    if (MASKED == 0u) {
        for (var at = thread; at < CHANNELS * PLANE; at += THREADS) {
            sum += images[start + at];
        }
        return sum;
    }
    let change = change_of(image);
    for (var pixel = thread; pixel < PLANE; pixel += THREADS) {
        let place = vec2(i32(pixel / SIZE), i32(pixel % SIZE));
        if (is_inside(place + change.shift)) {
            sum += sum_of_channels(start + pixel) * kept(place, change);
        }
    }
    return sum;
}

fn sum_of_channels(at: u32) -> f32 {
    var sum = 0.0;
    for (var channel = 0u; channel < CHANNELS; channel++) {
        sum += images[at + channel * PLANE];
    }
    return sum;
}

struct Change {
    // Rows and columns between a pixel and its source.
    shift: vec2<i32>,
    // Row and column where the cut square starts, which may be outside the image, and its side.
    corner: vec2<i32>,
    side: i32,
}

// The change of an image, from brightness, saturation, contrast, shift down, shift right, and top, left and side of the
// cut square.
fn change_of(image: u32) -> Change {
    let a = parameters[2u * image];
    let b = parameters[2u * image + 1u];
    return Change(vec2(i32(a.w), -i32(b.x)), vec2(i32(b.y), i32(b.z)), i32(b.w));
}
