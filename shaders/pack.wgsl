// Up to six tensors in a row, in one buffer [LENGTH]: tensor i has COUNT_i elements and starts at OFFSET_i, the first
// one at 0. Gaps between them become 0. A tensor that does not exist starts at LENGTH; its binding is not read.
//
// Each invocation writes ELEMENTS elements, THREADS apart, so that neighbours read side by side.

const COUNT_0: u32 = 5u;
const COUNT_1: u32 = 64u;
const COUNT_2: u32 = 3u;
const COUNT_3: u32 = 1u;
const COUNT_4: u32 = 1u;
const COUNT_5: u32 = 1u;
const OFFSET_1: u32 = 64u;
const OFFSET_2: u32 = 128u;
const OFFSET_3: u32 = 131u;
const OFFSET_4: u32 = 131u;
const OFFSET_5: u32 = 131u;
const LENGTH: u32 = 131u;

const THREADS: u32 = 64u;
const ELEMENTS: u32 = 4u;

@group(0) @binding(0) var<storage, read_write> tensor_0: array<f32>;
@group(0) @binding(1) var<storage, read_write> tensor_1: array<f32>;
@group(0) @binding(2) var<storage, read_write> tensor_2: array<f32>;
@group(0) @binding(3) var<storage, read_write> tensor_3: array<f32>;
@group(0) @binding(4) var<storage, read_write> tensor_4: array<f32>;
@group(0) @binding(5) var<storage, read_write> tensor_5: array<f32>;
@group(0) @binding(6) var<storage, read_write> packed: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = (id.y * count.x + id.x) * THREADS * ELEMENTS + thread;
    for (var element = 0u; element < ELEMENTS; element++) {
        let at = first + element * THREADS;
        if (at < LENGTH) {
            packed[at] = value_at(at);
        }
    }
}

// The number that belongs at a place. Past a tensor's end, its last element is read and not used.
fn value_at(at: u32) -> f32 {
    if (at < OFFSET_1) {
        return select(0.0, tensor_0[min(at, COUNT_0 - 1u)], at < COUNT_0);
    }
    if (at < OFFSET_2) {
        let place = at - OFFSET_1;
        return select(0.0, tensor_1[min(place, COUNT_1 - 1u)], place < COUNT_1);
    }
    if (at < OFFSET_3) {
        let place = at - OFFSET_2;
        return select(0.0, tensor_2[min(place, COUNT_2 - 1u)], place < COUNT_2);
    }
    if (at < OFFSET_4) {
        let place = at - OFFSET_3;
        return select(0.0, tensor_3[min(place, COUNT_3 - 1u)], place < COUNT_3);
    }
    if (at < OFFSET_5) {
        let place = at - OFFSET_4;
        return select(0.0, tensor_4[min(place, COUNT_4 - 1u)], place < COUNT_4);
    }
    let place = at - OFFSET_5;
    return select(0.0, tensor_5[min(place, COUNT_5 - 1u)], place < COUNT_5);
}
