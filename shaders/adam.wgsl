#import strict
#import strict_division
#import strict_root

// One update of a flat parameter by Adam (Kingma & Ba 2015, algorithm 1), with decoupled weight decay (Loshchilov &
// Hutter 2019) and, if AVERAGE is 1, with the moving average of the parameter. All tensors are [COUNT]. The moments are
// updated in place, and the new parameter replaces the gradient: kernels may bind only seven storage buffers. If
// AVERAGE is 0, the two buffers of the average are neither read nor written.
//
// Each invocation updates ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;
const AVERAGE: u32 = 1u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;
const EPSILON: f32 = 1e-8;

@group(0) @binding(0) var<storage, read_write> value: array<f32>;
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> first_moment: array<f32>;
@group(0) @binding(3) var<storage, read_write> second_moment: array<f32>;
@group(0) @binding(4) var<storage, read_write> average: array<f32>;
@group(0) @binding(5) var<storage, read_write> new_average: array<f32>;

// [8]: the learning rate over the first moment's bias correction, the inverse square root of the second moment's bias
// correction, the fraction of the parameter that weight decay subtracts, the decay of the average, beta 1, 1 - beta 1,
// beta 2 and 1 - beta 2.
@group(0) @binding(6) var<storage, read_write> numbers: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = (id.y * count.x + id.x) * THREADS * ELEMENTS + thread;
    for (var element = 0u; element < ELEMENTS; element++) {
        let at = first + element * THREADS;
        if (at < COUNT) {
            update(at);
        }
    }
}

fn update(at: u32) {
    let slope = settled(gradient[at]);
    let first = moved_first(first_moment[at], slope);
    let square = normal(rounded(numbers[7] * (slope * slope)));
    let second = normal(rounded(numbers[6] * second_moment[at]) + square);
    let root = rounded(root_of(second) * numbers[1]);
    let updated = settled(value[at] - (divided(first * numbers[0], root + EPSILON) + decayed(value[at])));
    first_moment[at] = first;
    second_moment[at] = second;
    gradient[at] = updated;
    if (AVERAGE == 1u) {
        let decay = numbers[3];
        new_average[at] = settled(rounded(decay * average[at]) + rounded((1.0 - decay) * updated));
    }
}

// What weight decay subtracts. Without weight decay that is 0, even for infinity.
fn decayed(old: f32) -> f32 {
    return select(rounded(numbers[2] * old), 0.0, numbers[2] == 0.0);
}

// If beta 1 is 0, the old moment does not matter, even if it is NaN.
fn moved_first(moment: f32, slope: f32) -> f32 {
    let beta = numbers[4];
    return select(normal(rounded(beta * moment) + rounded(numbers[5] * slope)), slope, beta == 0.0);
}

// A moment to keep. If STRICT is 1 and it is below 2^-120, it becomes 0, as some devices would soon round it.
fn normal(value: f32) -> f32 {
    let is_tiny = (bitcast<u32>(value) & 0x7fffffffu) < 0x03800000u;
    return select(value, 0.0, STRICT == 1u && is_tiny);
}
