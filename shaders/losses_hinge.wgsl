#import strict
#import strict_division
#import nan

// A hinge loss [1] of scores [REAL + GENERATED] with weights [REAL + GENERATED], and its gradient with respect to the
// scores (Miyato et al. 2018, equations 16 and 17).
//
// If GENERATOR is 0, it is the discriminator's: the weighted mean of max(0, 1 - score) over real images plus the
// weighted mean of max(0, 1 + score) over generated ones. If GENERATOR is 1, it is the generator's: the weighted mean
// of -score over all images. A mean is 0 if all its weights are 0.
//
// One workgroup: each invocation adds up every THREADS-th image, and the sums of the invocations are added in two
// steps.

const REAL: u32 = 2u;
const GENERATED: u32 = 2u;
const GENERATOR: u32 = 0u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const COUNT: u32 = REAL + GENERATED;

// The least divisor of a mean.
const SMALLEST_TOTAL: f32 = 1e-6;

@group(0) @binding(0) var<storage, read_write> scores: array<f32>;
@group(0) @binding(1) var<storage, read_write> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

var<workgroup> partial: array<vec4<f32>, THREADS>;
var<workgroup> parts: array<vec4<f32>, PARTS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
    let sums = sum4(thread, share(thread));
    let totals = vec2(divisor(sums.z), divisor(sums.w));
    if (thread == 0u) {
        loss[0] = divided(sums.x, totals.x) + divided(sums.y, totals.y);
    }
    for (var image = thread; image < COUNT; image += THREADS) {
        let slope = select(slope_of(image), 0.0, GENERATOR == 0u && margin(image) <= 0.0);
        gradient[image] = settled(divided(slope * weights[image], select(totals.y, totals.x, image < REAL)));
    }
}

// The weighted losses of an invocation's real and generated images, and the weights of both.
fn share(thread: u32) -> vec4<f32> {
    var sums = vec4<f32>(0.0);
    for (var image = thread; image < COUNT; image += THREADS) {
        let weight = weights[image];
        let weighted = rounded(weight * image_loss(image));
        sums += select(vec4<f32>(0.0, weighted, 0.0, weight), vec4<f32>(weighted, 0.0, weight, 0.0), image < REAL);
    }
    return sums;
}

// The divisor of a mean.
fn divisor(total: f32) -> f32 {
    return select(max(total, SMALLEST_TOTAL), total, is_nan(total));
}

fn image_loss(image: u32) -> f32 {
    if (GENERATOR == 1u) {
        return -scores[image];
    }
    let value = margin(image);
    return select(max(value, 0.0), value, is_nan(value));
}

// How far a score is from its side of the margin.
fn margin(image: u32) -> f32 {
    return fma(slope_of(image), scores[image], 1.0);
}

// The slope of an image's loss if the margin does not cut it.
fn slope_of(image: u32) -> f32 {
    return select(1.0, -1.0, GENERATOR == 1u || image < REAL);
}

// The sums over all invocations, returned to every invocation.
fn sum4(thread: u32, value: vec4<f32>) -> vec4<f32> {
    partial[thread] = value;
    workgroupBarrier();
    if (thread < PARTS) {
        var sum = vec4<f32>(0.0);
        for (var at = thread; at < THREADS; at += PARTS) {
            sum += partial[at];
        }
        parts[thread] = sum;
    }
    workgroupBarrier();
    var total = vec4<f32>(0.0);
    for (var part = 0u; part < PARTS; part++) {
        total += parts[part];
    }
    return total;
}
