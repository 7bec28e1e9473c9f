#import strict

// The gradient of the features [BATCH, FEATURES] of a projection discriminator (projection.wgsl), from the gradient of
// the scores [BATCH]: that gradient times what the feature is multiplied by.
//
// Each invocation takes one feature of one image.

const BATCH: u32 = 2u;
const FEATURES: u32 = 5u;
const LABELS: u32 = 3u;

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
