#import strict

// The gradients of the parameters of a projection discriminator (projection.wgsl): output [FEATURES], bias [1] and
// embedding [LABELS, FEATURES], from the features [BATCH, FEATURES] and the gradient of the scores [BATCH].
//
// Each invocation takes one element of the embedding or of output, as the row after the last label, and adds up its
// share of all images; neighbours read neighbouring features. The invocation after them takes the bias.

const BATCH: u32 = 2u;
const FEATURES: u32 = 5u;
const LABELS: u32 = 3u;

const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> features: array<f32>;
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> labels: array<f32>;
@group(0) @binding(3) var<storage, read_write> gate: array<f32>;
@group(0) @binding(4) var<storage, read_write> output_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> bias_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> embedding_gradient: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let element = (id.y * count.x + id.x) * THREADS + thread;
    let row = element / FEATURES;
    let at = element % FEATURES;
    if (row < LABELS) {
        embedding_gradient[element] = settled(along_label(row, at));
    } else if (row == LABELS) {
        output_gradient[at] = settled(along_all(at));
    } else if (element == (LABELS + 1u) * FEATURES) {
        var total = 0.0;
        for (var image = 0u; image < BATCH; image++) {
            total += gradient[image];
        }
        bias_gradient[0] = settled(total);
    }
}

// The sum over images of a feature, weighted by the gradient and by a label behind its gate.
fn along_label(label: u32, at: u32) -> f32 {
    var total = 0.0;
    for (var image = 0u; image < BATCH; image++) {
        let weight = gradient[image] * (gate[image] * labels[image * LABELS + label]);
        total += rounded(weight * features[image * FEATURES + at]);
    }
    return total;
}

// The sum over images of a feature, weighted by the gradient.
fn along_all(at: u32) -> f32 {
    var total = 0.0;
    for (var image = 0u; image < BATCH; image++) {
        total += rounded(gradient[image] * features[image * FEATURES + at]);
    }
    return total;
}
