// The gradient of a matrix W [ROWS, COLUMNS] from the gradient g of W / sigma, where sigma = u^T W v with constant u
// [ROWS] and v [COLUMNS]: g / sigma - sum(g * W) / sigma^2 * u v^T.
//
// Every workgroup computes all of sum(g * W), in the same order and so with the same bits, and writes its share of the
// elements. Neighbouring invocations take neighbouring elements.

const ROWS: u32 = 4u;
const COLUMNS: u32 = 27u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;
const SIZE: u32 = ROWS * COLUMNS;

@group(0) @binding(0) var<storage, read_write> matrix: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<f32>;
@group(0) @binding(2) var<storage, read_write> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> sigma: array<f32>;
@group(0) @binding(4) var<storage, read_write> scaled_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;

var<workgroup> partial: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let group = id.x;
    let product = sum(thread, share_of_product(thread));
    let value = sigma[0];
    let slope = product / value / value;
    for (var at = group * THREADS + thread; at < SIZE; at += count.x * THREADS) {
        gradient[at] = scaled_gradient[at] / value - slope * u[at / COLUMNS] * v[at % COLUMNS];
    }
}

// Four elements at a time, a workgroup apart.
fn share_of_product(thread: u32) -> f32 {
    var sums = vec4<f32>(0.0);
    for (var first = thread; first < SIZE; first += 4u * THREADS) {
        let places = first + vec4<u32>(0u, 1u, 2u, 3u) * THREADS;
        let at = min(places, vec4<u32>(SIZE - 1u));
        let g = vec4<f32>(
            scaled_gradient[at.x],
            scaled_gradient[at.y],
            scaled_gradient[at.z],
            scaled_gradient[at.w],
        );
        let w = vec4<f32>(matrix[at.x], matrix[at.y], matrix[at.z], matrix[at.w]);
        sums = select(sums, fma(g, w, sums), places < vec4<u32>(SIZE));
    }
    return (sums.x + sums.y) + (sums.z + sums.w);
}

// The sum over all invocations, returned to every invocation.
fn sum(thread: u32, value: f32) -> f32 {
    partial[thread] = value;
    workgroupBarrier();
    if (thread < PARTS) {
        var sum = 0.0;
        for (var at = thread; at < THREADS; at += PARTS) {
            sum += partial[at];
        }
        parts[thread] = sum;
    }
    workgroupBarrier();
    var total = 0.0;
    for (var part = 0u; part < PARTS; part++) {
        total += parts[part];
    }
    return total;
}
