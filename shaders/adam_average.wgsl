#import strict

// The moving average of a tensor of any shape with COUNT elements: decay * average + (1 - decay) * value. The decay is
// the number at PLACE.
//
// Each invocation computes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;
const PLACE: u32 = 0u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;

@group(0) @binding(0) var<storage, read_write> average: array<f32>;
@group(0) @binding(1) var<storage, read_write> value: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
@group(0) @binding(3) var<storage, read_write> numbers: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let decay = numbers[PLACE];
    let first = (id.y * count.x + id.x) * THREADS * ELEMENTS + thread;
    for (var element = 0u; element < ELEMENTS; element++) {
        let at = first + element * THREADS;
        if (at < COUNT) {
            result[at] = settled(rounded(decay * average[at]) + rounded((1.0 - decay) * value[at]));
        }
    }
}
