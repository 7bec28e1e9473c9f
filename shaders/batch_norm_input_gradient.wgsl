#import strict
#import strict_vectors
#import strict_division
#import strict_root
#import additions
#import before_cut

// The gradient of x of batch normalisation with ReLU (batch_norm_relu.wgsl), including the path through the statistics:
// (passed * scale - level - normalised x * along) / sqrt(variance + EPSILON). Here `passed` is the gradient of y if y >
// 0 and else 0, and `level` and `along` are the means over the channel of passed * scale, alone and times the
// normalised x. Scale is constant over a plane, so they follow from the gradients of shift and scale per image [2,
// BATCH, CHANNELS]. x and the gradients of y and x are [BATCH, CHANNELS, PLANE], statistics [2, STRIDE], and scale
// and shift [ROWS, CHANNELS] with ROWS 1 or BATCH.
//
// If SUMS is 1, the first workgroup of each channel also adds up the gradients of scale and shift over the images, and
// writes both sums, [2, STRIDE], behind the gradients per image.
//
// A workgroup takes one channel of IMAGES images at a time, STEPS times. First, all its invocations compute the means
// together; then PARTS invocations share a plane, and neighbours read side by side.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const STRIDE: u32 = 3u;
const PLANE: u32 = 4u;
const ROWS: u32 = 1u;
const PARTS: u32 = 4u;
const STEPS: u32 = 1u;
const SUMS: u32 = 1u;

const THREADS: u32 = 64u;
const IMAGES: u32 = THREADS / PARTS;
const CHUNKS: u32 = (BATCH + STEPS * IMAGES - 1u) / (STEPS * IMAGES);
const FOURS: u32 = PLANE / (4u * PARTS);
const SUMMANDS: u32 = 8u;
const ALIGNMENT: u32 = 64u;
const SUMS_AT: u32 = (2u * BATCH * CHANNELS + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;
const EPSILON: f32 = 1e-5;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> statistics: array<f32>;
@group(0) @binding(2) var<storage, read_write> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> shift: array<f32>;
@group(0) @binding(4) var<storage, read_write> image_gradients: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> x_gradient: array<f32>;

// The sums of all invocations, and the partial sums of a few.
var<workgroup> sums: array<vec2<f32>, THREADS>;
var<workgroup> summands: array<vec2<f32>, SUMMANDS>;

// The numbers of a channel.
struct Channel {
    mean: f32,
    inverse_deviation: f32,
    // Means of the gradients of the normalised values, times those values and alone.
    along: f32,
    level: f32,
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let group = id.y * count.x + id.x;
    let index = group / CHUNKS;
    if (index >= CHANNELS) {
        return;
    }
    if (SUMS == 1u && group % CHUNKS == 0u && thread < 2u) {
        image_gradients[SUMS_AT + thread * STRIDE + index] = settled(summed(thread * BATCH * CHANNELS + index));
    }
    let means = channel_means(index, thread);
    let inverse_deviation = divided(1.0, root_of(statistics[STRIDE + index] + EPSILON));
    let channel = Channel(statistics[index], inverse_deviation, means.x, means.y);
    let first = group % CHUNKS * STEPS * IMAGES + thread / PARTS;
    for (var step = 0u; step < STEPS; step++) {
        let image = first + step * IMAGES;
        if (image < BATCH) {
            write_part(channel, image * CHANNELS + index, row_of(image) + index, thread % PARTS);
        }
    }
}

// The sum over the images, in their order, of gradients from a place on.
fn summed(first: u32) -> f32 {
    var sum = 0.0;
    var at = first;
    for (var eight = 0u; eight < BATCH / 8u; eight++) {
        sum = in_order(in_order(sum, images_from(at)), images_from(at + 4u * CHANNELS));
        at += 8u * CHANNELS;
    }
    for (var image = 0u; image < BATCH % 8u; image++) {
        sum += image_gradients[at + image * CHANNELS];
    }
    return sum;
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

// Where the parameters of an image begin.
fn row_of(image: u32) -> u32 {
    return select(image * CHANNELS, 0u, ROWS == 1u);
}

// `along` and `level`, for every invocation of the workgroup.
fn channel_means(channel: u32, thread: u32) -> vec2<f32> {
    var mine = vec2(0.0);
    for (var image = thread; image < BATCH; image += THREADS) {
        let at = image * CHANNELS + channel;
        let weighted = vec2(image_gradients[at], image_gradients[BATCH * CHANNELS + at]);
        mine += rounded2(scale[row_of(image) + channel] * weighted);
    }
    sums[thread] = mine;
    workgroupBarrier();
    if (thread < SUMMANDS) {
        var sum = vec2(0.0);
        for (var index = thread; index < THREADS; index += SUMMANDS) {
            sum += sums[index];
        }
        summands[thread] = sum;
    }
    workgroupBarrier();
    var total = vec2(0.0);
    for (var index = 0u; index < SUMMANDS; index++) {
        total += summands[index];
    }
    let count = f32(BATCH * PLANE);
    return settled2(vec2(divided(total.x, count), divided(total.y, count)));
}

// Writes every PARTS-th pixel of a plane.
fn write_part(channel: Channel, plane: u32, row: u32, part: u32) {
    let factor = scale[row];
    let offset = shift[row];
    let start = plane * PLANE;
    var at = start + part;
    for (var four = 0u; four < FOURS; four++) {
        let values = vec4(x[at], x[at + PARTS], x[at + 2u * PARTS], x[at + 3u * PARTS]);
        let gradients = vec4(gradient[at], gradient[at + PARTS], gradient[at + 2u * PARTS], gradient[at + 3u * PARTS]);
        let result = input_gradient(channel, factor, offset, values, gradients);
        x_gradient[at] = result.x;
        x_gradient[at + PARTS] = result.y;
        x_gradient[at + 2u * PARTS] = result.z;
        x_gradient[at + 3u * PARTS] = result.w;
        at += 4u * PARTS;
    }
    for (; at < start + PLANE; at += PARTS) {
        x_gradient[at] = input_gradient(channel, factor, offset, vec4(x[at]), vec4(gradient[at])).x;
    }
}

fn input_gradient(channel: Channel, factor: f32, offset: f32, x: vec4<f32>, gradient: vec4<f32>) -> vec4<f32> {
    let normalized = settled4((x - channel.mean) * channel.inverse_deviation);
    let passed = select(gradient, vec4(0.0), before_cut(normalized, factor, offset) <= vec4(0.0));
    let direct = rounded4(passed * factor) - channel.level;
    return settled4(channel.inverse_deviation * (direct - rounded4(normalized * channel.along)));
}
