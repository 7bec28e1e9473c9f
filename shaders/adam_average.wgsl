// The moving average of a tensor of any shape with COUNT elements: decay * average + (1 - decay) * value. The decay is
// the number at PLACE.
//
// Each invocation computes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT: u32 = 6u;
const PLACE: u32 = 0u;
const STRICT: u32 = 0u;

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
