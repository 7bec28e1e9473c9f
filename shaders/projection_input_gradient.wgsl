// The gradient of the features [BATCH, FEATURES] of a projection discriminator (projection.wgsl), from the gradient of
// the scores [BATCH]: that gradient times what the feature is multiplied by.
//
// Each invocation takes one feature of one image.

const BATCH: u32 = 2u;
const FEATURES: u32 = 5u;
const LABELS: u32 = 3u;
const STRICT: u32 = 0u;

const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(1) var<storage, read_write> labels: array<f32>;
@group(0) @binding(2) var<storage, read_write> gate: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@group(0) @binding(4) var<storage, read_write> embedding: array<f32>;
@group(0) @binding(5) var<storage, read_write> features_gradient: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let element = (id.y * count.x + id.x) * THREADS + thread;
    if (element >= BATCH * FEATURES) {
        return;
    }
    let image = element / FEATURES;
    features_gradient[element] = settled(gradient[image] * direction(image, element % FEATURES));
}

// What an image's feature is multiplied by.
fn direction(image: u32, at: u32) -> f32 {
    var embedded = 0.0;
    for (var label = 0u; label < LABELS; label++) {
        embedded += rounded(labels[image * LABELS + label] * embedding[label * FEATURES + at]);
    }
    return output[at] + rounded(gate[image] * embedded);
}

// A product. If STRICT is 1, it is rounded before anything is added to it: it passes through an integer operation,
// which leaves every number as it is, and through which no compiler fuses.
fn rounded(product: f32) -> f32 {
    if (STRICT == 1u) {
        return bitcast<f32>(min(bitcast<u32>(product), 0xfffffffeu));
    }
    return product;
}

// A number to keep. If STRICT is 1 and it is below 2^-60, it becomes 0: then no product of two kept numbers is so small
// that only some devices round it to 0.
fn settled(value: f32) -> f32 {
    let is_tiny = (bitcast<u32>(value) & 0x7fffffffu) < 0x21800000u;
    return select(value, 0.0, STRICT == 1u && is_tiny);
}
