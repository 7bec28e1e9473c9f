#import strict

// The gradients of an enlarging convolution's bias [OUTPUTS] and weights [OUTPUTS, INPUTS, KERNEL, KERNEL], in one
// buffer: the weights start at the next multiple of ALIGNMENT, where a view may start.
//
// The gradient of the bias is the sum of SHARES sums of the output's channels, [SHARES, OUTPUTS]. That of the weights
// comes from the gradient of the kernel that conv2d_fold.wgsl makes from them, [INPUTS, OUTPUTS, KERNEL + 1, KERNEL +
// 1]: each tap k went into the taps KERNEL - 1 - k and KERNEL - k. It is SLICES partial sums, each behind that of
// another bias, which is not read. Sums are in the order of the shares and slices; an invocation loads four at a time.

const INPUTS: u32 = 3u;
const OUTPUTS: u32 = 4u;
const KERNEL: u32 = 3u;
const SLICES: u32 = 2u;
const SHARES: u32 = 1u;

const THREADS: u32 = 64u;
const ALIGNMENT: u32 = 64u;
const FOLDED: u32 = KERNEL + 1u;
const COUNT: u32 = INPUTS * OUTPUTS * KERNEL * KERNEL;
const WEIGHTS_AT: u32 = (OUTPUTS + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;
const FOLDED_AT: u32 = (INPUTS + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;
const FOLDED_COUNT: u32 = INPUTS * OUTPUTS * FOLDED * FOLDED;
const SLICE: u32 = FOLDED_AT + (FOLDED_COUNT + ALIGNMENT - 1u) / ALIGNMENT * ALIGNMENT;

@group(0) @binding(0) var<storage, read_write> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> shares: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradients: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = (id.y * count.x + id.x) * THREADS + thread;
    if (at < OUTPUTS) {
        gradients[at] = settled(bias_gradient(at));
    }
    if (at < COUNT) {
        gradients[WEIGHTS_AT + at] = settled(weight_gradient(at));
    }
}

fn bias_gradient(output: u32) -> f32 {
    var sum = 0.0;
    for (var share = 0u; share < SHARES; share++) {
        sum += shares[share * OUTPUTS + output];
    }
    return sum;
}

fn weight_gradient(at: u32) -> f32 {
    let row = KERNEL - 1u - at / KERNEL % KERNEL;
    let column = KERNEL - 1u - at % KERNEL;
    let input = at / (KERNEL * KERNEL) % INPUTS;
    let output = at / (KERNEL * KERNEL * INPUTS);
    var place = FOLDED_AT + ((input * OUTPUTS + output) * FOLDED + row) * FOLDED + column;
    var taps = vec4<f32>(0.0);
    for (var round = 0u; round < SLICES / 4u; round++) {
        let a = taps_from(place);
        let b = taps_from(place + SLICE);
        let c = taps_from(place + 2u * SLICE);
        let d = taps_from(place + 3u * SLICE);
        taps = taps + a + b + c + d;
        place += 4u * SLICE;
    }
    for (var slice = 0u; slice < SLICES % 4u; slice++) {
        taps += taps_from(place + slice * SLICE);
    }
    return taps.x + taps.y + taps.z + taps.w;
}

// The taps that a tap went into.
fn taps_from(first: u32) -> vec4<f32> {
    return vec4(sums[first], sums[first + 1u], sums[first + FOLDED], sums[first + FOLDED + 1u]);
}
