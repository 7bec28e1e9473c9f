#import additions
#import epilogue

// Adds up the partial sums of conv2d_tiled_forward.wgsl or conv2d_tiled_input_gradient.wgsl, [SLICES, COUNT], in the
// order of the slices, and finishes each sum as EPILOGUE says. The bias is in the first slice. An invocation loads
// sixteen slices at a time, which a GPU can wait for together.

const SLICES: u32 = 2u;
const COUNT: u32 = 200u;
// The size of its images.
const HEIGHT: u32 = 5u;
const WIDTH: u32 = 5u;

const THREADS: u32 = 64u;

@group(0) @binding(0) var<storage, read_write> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> other: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let at = (id.y * count.x + id.x) * THREADS + thread;
    if (at >= COUNT) {
        return;
    }
    var total = 0.0;
    var place = at;
    for (var round = 0u; round < SLICES / 16u; round++) {
        let a = slices_from(place);
        let b = slices_from(place + 4u * COUNT);
        let c = slices_from(place + 8u * COUNT);
        let d = slices_from(place + 12u * COUNT);
        total = in_order(in_order(in_order(in_order(total, a), b), c), d);
        place += 16u * COUNT;
    }
    for (var slice = 0u; slice < SLICES % 16u; slice++) {
        total += sums[place + slice * COUNT];
    }
    result[at] = finished(total, at);
}

// The sums of four slices.
fn slices_from(at: u32) -> vec4<f32> {
    return vec4(sums[at], sums[at + COUNT], sums[at + 2u * COUNT], sums[at + 3u * COUNT]);
}
