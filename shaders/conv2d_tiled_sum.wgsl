#import additions

// Adds up the partial sums of conv2d_tiled_forward.wgsl or conv2d_tiled_input_gradient.wgsl, [SLICES, COUNT], in the
// order of the slices, and finishes each sum as EPILOGUE says. The bias is in the first slice. An invocation loads
// sixteen slices at a time, which a GPU can wait for together.

const SLICES: u32 = 2u;
const COUNT: u32 = 200u;
// The size of its images.
const HEIGHT: u32 = 5u;
const WIDTH: u32 = 5u;
const EPILOGUE: u32 = 0u;

const THREADS: u32 = 64u;
const SLOPE: f32 = 0.2;
const NEAR: f32 = 0.75;
const FAR: f32 = 0.25;

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

// A sum as it is written. If EPILOGUE is 1, behind a leaky ReLU. If it is 2, times the slope of the leaky ReLU whose
// value lies at the same place of `other`. From 3 on, plus what `other` adds.
fn finished(sum: f32, at: u32) -> f32 {
    if (EPILOGUE == 1u) {
        return select(SLOPE * sum, sum, sum > 0.0);
    }
    if (EPILOGUE == 2u) {
        return select(SLOPE * sum, sum, other[at] > 0.0);
    }
    if (EPILOGUE > 2u) {
        return sum + addend(at);
    }
    return sum;
}

// What is added at a place of the result. If EPILOGUE is 3, the number there. If it is 4, the mean of a 2x2 square of
// an image that is twice as large. If it is 5, an image that is half as large, enlarged as in
// add_enlarged_bilinear.wgsl: along each axis NEAR times the pixel in whose square the place lies, plus FAR times the
// next one on its side.
fn addend(at: u32) -> f32 {
    if (EPILOGUE == 3u) {
        return other[at];
    }
    // Rows count through all planes.
    let row = at / WIDTH;
    let column = at % WIDTH;
    if (EPILOGUE == 4u) {
        let above = 4u * WIDTH * row + 2u * column;
        let below = above + 2u * WIDTH;
        return 0.25 * ((other[above] + other[above + 1u]) + (other[below] + other[below + 1u]));
    }
    let first = row / HEIGHT * (HEIGHT / 2u);
    let own = (first + row % HEIGHT / 2u) * (WIDTH / 2u);
    let next = (first + beside(row % HEIGHT, HEIGHT)) * (WIDTH / 2u);
    return NEAR * blended(own, column) + FAR * blended(next, column);
}

// A pixel of an enlarged row.
fn blended(start: u32, column: u32) -> f32 {
    return NEAR * other[start + column / 2u] + FAR * other[start + beside(column, WIDTH)];
}

// Which of the small pixels of an axis lies beside that of a large one, on its side; at the border, the same one.
fn beside(place: u32, side: u32) -> u32 {
    return select(min(place / 2u + 1u, side / 2u - 1u), max(place / 2u, 1u) - 1u, place % 2u == 0u);
}
