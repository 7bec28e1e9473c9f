#import strict
#import strict_division
#import nan
#import strict_exponential
#import sum

// A cross-entropy [1] of logits [IMAGES, LABELS] against targets [IMAGES, LABELS], where IMAGES is the sum of the three
// counts below, and its gradient with respect to the logits.
//
// The targets of the first WEIGHED images are label weights, and the surprise of an image is minus the weighted sum of
// the log probabilities, times trusted [WEIGHED]. The targets of the FIRST and then the SECOND next images mark a set of
// labels with 1, and the surprise is minus the log of the probability of the set. The loss is the sum of all surprises,
// each times the factor of its kind. Without WEIGHED images, trusted is not read.
//
// One workgroup: each invocation takes every THREADS-th image, and the sums of the invocations are added in two steps.
// Comparisons with NaN may go either way, and its exponential and logarithm may be numbers, so the kernel recognises
// NaN by its bits. The sum of exponentials carries NaN to all results of an image.

const WEIGHED: u32 = 2u;
const FIRST: u32 = 2u;
const SECOND: u32 = 1u;
const LABELS: u32 = 10u;

const THREADS: u32 = 64u;
const PARTS: u32 = 8u;
const IMAGES: u32 = WEIGHED + FIRST + SECOND;

// The logit of a label that is not marked: exp of its difference from any other is 0.
const EXCLUDED: f32 = -1e9;

@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> targets: array<f32>;
@group(0) @binding(2) var<storage, read_write> trusted: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
// The factors of the three kinds.
@group(0) @binding(5) var<uniform> factors: vec4<f32>;

var<workgroup> partial: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
    var total = 0.0;
    for (var image = thread; image < IMAGES; image += THREADS) {
        if (image < WEIGHED) {
            total += weighted_surprise(image * LABELS, trusted[image], factors.x);
        } else {
            total += surprise_at_set(image * LABELS, select(factors.z, factors.y, image < WEIGHED + FIRST));
        }
    }
    total = sum(thread, total);
    if (thread == 0u) {
        loss[0] = total;
    }
}

// The surprise of an image whose logits start at the given place, times a factor; writes their gradient: the
// probabilities among all labels minus those among the marked ones.
fn surprise_at_set(first: u32, factor: f32) -> f32 {
    var highest = vec2<f32>(0.0);
    for (var at = first; at < first + LABELS; at++) {
        let logit = with_marked(at);
        highest = select(highest, logit, vec2<bool>(at == first) | (logit > highest));
    }
    var totals = vec2<f32>(0.0);
    for (var at = first; at < first + LABELS; at++) {
        totals += powers(with_marked(at) - highest);
    }
    for (var at = first; at < first + LABELS; at++) {
        let shares = powers(with_marked(at) - highest);
        let probabilities = vec2(divided(shares.x, totals.x), divided(shares.y, totals.y));
        gradient[at] = settled((probabilities.x - probabilities.y) * factor);
    }
    let log_totals = vec2(log_of(totals.x), log_of(totals.y)) + highest;
    return rounded((log_totals.x - log_totals.y) * factor);
}

// A logit among all labels, and among the marked ones. One that is not finite is not hidden.
fn with_marked(at: u32) -> vec2<f32> {
    let logit = logits[at];
    return vec2<f32>(logit, select(logit, EXCLUDED, targets[at] < 0.5 && is_finite(logit)));
}

// The surprise of an image with its label weights, times its trust and a factor; writes the gradient of its logits.
fn weighted_surprise(first: u32, trust: f32, factor: f32) -> f32 {
    var highest = logits[first];
    for (var at = first + 1u; at < first + LABELS; at++) {
        highest = select(highest, logits[at], logits[at] > highest);
    }
    var total = 0.0;
    var weight = 0.0;
    for (var at = first; at < first + LABELS; at++) {
        total += power(logits[at] - highest);
        weight += targets[at];
    }
    let log_total = log_of(total);
    var surprise = 0.0;
    for (var at = first; at < first + LABELS; at++) {
        let difference = logits[at] - highest;
        surprise -= rounded((difference - log_total) * targets[at]);
        let likely = rounded(divided(power(difference), total) * weight);
        gradient[at] = settled((likely - targets[at]) * trust * factor);
    }
    return rounded(surprise * trust * factor);
}

fn powers(differences: vec2<f32>) -> vec2<f32> {
    return vec2(power(differences.x), power(differences.y));
}
