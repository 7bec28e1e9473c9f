#import strict
#import sum

// The scores [BATCH] of a projection discriminator (Miyato & Koyama 2018, equation 3) on features [BATCH, FEATURES]:
// their product with output [FEATURES], plus bias [1], plus gate [BATCH] times their product with the embedding
// [LABELS, FEATURES] of the label, which is weighted by labels [BATCH, LABELS].
//
// One workgroup per image. Each invocation takes every THREADS-th feature, so that neighbours read side by side, and
// the sums of the invocations are added in two steps.

const BATCH: u32 = 2u;
const FEATURES: u32 = 5u;
const LABELS: u32 = 3u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;

@group(0) @binding(0) var<storage, read_write> features: array<f32>;
@group(0) @binding(1) var<storage, read_write> labels: array<f32>;
@group(0) @binding(2) var<storage, read_write> gate: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@group(0) @binding(4) var<storage, read_write> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> embedding: array<f32>;
@group(0) @binding(6) var<storage, read_write> scores: array<f32>;

var<workgroup> partial: array<f32, THREADS>;
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
    var total = 0.0;
    for (var at = thread; at < FEATURES; at += THREADS) {
        total += rounded(features[image * FEATURES + at] * direction(image, at));
    }
    total = sum(thread, total);
    if (thread == 0u) {
        scores[image] = settled(total + bias[0]);
    }
}

// What an image's feature is multiplied by.
fn direction(image: u32, at: u32) -> f32 {
    var embedded = 0.0;
    for (var label = 0u; label < LABELS; label++) {
        embedded += rounded(labels[image * LABELS + label] * embedding[label * FEATURES + at]);
    }
    return output[at] + rounded(gate[image] * embedded);
}
