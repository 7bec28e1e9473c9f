// Adds up the partial sums of conv2d_weight_gradient.wgsl, in the order of the slices: the gradient of the weights
// [outputs, columns - 1], and the gradient of the bias [outputs] from the last column. An invocation loads sixteen
// slices at a time, which a GPU can wait for together.

const SLICES: u32 = 2u;
const OUTPUTS: u32 = 4u;
const COLUMNS: u32 = 28u;

const THREADS: u32 = 64u;
const COUNT: u32 = OUTPUTS * COLUMNS;

@group(0) @binding(0) var<storage, read_write> sums: array<f32>;
@group(0) @binding(1) var<storage, read_write> weight_gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias_gradient: array<f32>;

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
    let output = at / COLUMNS;
    let column = at % COLUMNS;
    if (column == COLUMNS - 1u) {
        bias_gradient[output] = total;
    } else {
        weight_gradient[output * (COLUMNS - 1u) + column] = total;
    }
}

// The sums of four slices.
fn slices_from(at: u32) -> vec4<f32> {
    return vec4(sums[at], sums[at + COUNT], sums[at + 2u * COUNT], sums[at + 3u * COUNT]);
}

// Adds four numbers in their order.
fn in_order(sum: f32, values: vec4<f32>) -> f32 {
    return sum + values.x + values.y + values.z + values.w;
}
