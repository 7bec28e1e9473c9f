#import strict
#import strict_division
#import nan
#import strict_exponential

// Labels a batch by a teacher's logits [BATCH, LABELS]: writes the label weights [ROWS, LABELS], the gate [BATCH] and
// the confidence [BATCH].
//
// If PRIOR is 1, the log of the prior [LABELS] is subtracted from the logits. For the first REAL images, probabilities
// are over the labels for which marks [ROWS, LABELS] is 1, and for others over all labels. The confidence is the
// highest probability. The label weights of the first PSEUDO images are the probabilities if SOFT is 1; otherwise they
// are one-hot at the first of the highest. Other rows of label weights are those of marks, also where there are no
// logits. The gate is 1 if the confidence is at least tau, or known [KNOWN] is 1, which the first images have.
//
// Each invocation takes one image. It keeps intermediate results, logits and then their exponentials, in the buffer of
// the label weights. Comparisons with NaN may go either way, and its exponential may be a number, so the kernel
// recognises NaN by its bits. The sum of exponentials carries NaN to all probabilities of an image.

const BATCH: u32 = 4u;
const ROWS: u32 = 5u;
const REAL: u32 = 2u;
const PSEUDO: u32 = 2u;
const KNOWN: u32 = 2u;
const LABELS: u32 = 10u;
const PRIOR: u32 = 1u;
const SOFT: u32 = 0u;

const THREADS: u32 = 64u;

// The least probability of the prior.
const SMALLEST_PRIOR: f32 = 1e-3;

// The logit of a label that is not allowed: exp of its difference from any other is 0.
const EXCLUDED: f32 = -1e9;

@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> prior: array<f32>;
@group(0) @binding(2) var<storage, read_write> marks: array<f32>;
@group(0) @binding(3) var<storage, read_write> known: array<f32>;
@group(0) @binding(4) var<storage, read_write> labels: array<f32>;
@group(0) @binding(5) var<storage, read_write> gate: array<f32>;
@group(0) @binding(6) var<storage, read_write> confidence: array<f32>;
// tau.
@group(0) @binding(7) var<uniform> numbers: vec4<f32>;

// The highest probability of an image and the first label that has it.
struct Best {
    probability: f32,
    label: u32,
}

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let image = (id.y * count.x + id.x) * THREADS + thread;
    if (image >= ROWS) {
        return;
    }
    let first = image * LABELS;
    if (image < BATCH) {
        label_image(image, first);
    }
    if (image >= PSEUDO) {
        for (var at = first; at < first + LABELS; at++) {
            labels[at] = marks[at];
        }
    }
}

// Writes the results for an image with logits.
fn label_image(image: u32, first: u32) {
    let highest = write_logits(first, image < REAL);
    let total = write_exponentials(first, highest);
    let best = write_probabilities(first, total);
    if (SOFT == 0u) {
        for (var label = 0u; label < LABELS; label++) {
            labels[first + label] = select(0.0, 1.0, label == best.label);
        }
    }
    var otherwise = 0.0;
    if (image < KNOWN) {
        otherwise = known[image];
    }
    confidence[image] = best.probability;
    gate[image] = select(otherwise, 1.0, reaches(best.probability, numbers.x));
}

// Writes the corrected logits of an image, and returns the highest. One that is not finite is not hidden.
fn write_logits(first: u32, is_real: bool) -> f32 {
    var highest = 0.0;
    for (var label = 0u; label < LABELS; label++) {
        let at = first + label;
        var logit = logits[at];
        if (PRIOR == 1u) {
            let share = prior[label];
            logit -= select(log_of(max(share, SMALLEST_PRIOR)), share, is_nan(share));
        }
        if (is_real) {
            logit = select(logit, EXCLUDED, marks[at] < 0.5 && is_finite(logit));
        }
        labels[at] = logit;
        highest = select(highest, logit, label == 0u || logit > highest);
    }
    return highest;
}

// Writes the exponentials of an image's logits, relative to the highest, and returns their sum.
fn write_exponentials(first: u32, highest: f32) -> f32 {
    var total = 0.0;
    for (var at = first; at < first + LABELS; at++) {
        let difference = labels[at] - highest;
        let value = power(difference);
        labels[at] = value;
        total += value;
    }
    return total;
}

// Writes the probabilities of an image if SOFT is 1, and returns the highest.
fn write_probabilities(first: u32, total: f32) -> Best {
    var best = Best(0.0, 0u);
    for (var label = 0u; label < LABELS; label++) {
        let probability = divided(labels[first + label], total);
        if (SOFT == 1u) {
            labels[first + label] = settled(probability);
        }
        if (label == 0u || probability > best.probability) {
            best = Best(probability, label);
        }
    }
    return best;
}

// Whether a probability is a number and at least tau.
fn reaches(probability: f32, tau: f32) -> bool {
    return probability >= tau && !is_nan(probability);
}
