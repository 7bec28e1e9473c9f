// The sum of each channel of x [batch, channels, plane] over images and pixels: [channels]. One workgroup per channel
// adds up in a fixed order: each invocation adds up every THREADS-th element, PARTS invocations add up those sums, and
// one adds up theirs.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const PLANE: u32 = 25u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

var<workgroup> shares: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let channel = id.y * count.x + id.x;
    if (channel >= CHANNELS) {
        return;
    }
    var sum = 0.0;
    for (var at = thread; at < BATCH * PLANE; at += THREADS) {
        sum += x[(at / PLANE * CHANNELS + channel) * PLANE + at % PLANE];
    }
    shares[thread] = sum;
    workgroupBarrier();
    if (thread < PARTS) {
        parts[thread] = sum_of_part(thread);
    }
    workgroupBarrier();
    if (thread == 0u) {
        var total = 0.0;
        for (var part = 0u; part < PARTS; part++) {
            total += parts[part];
        }
        sums[channel] = total;
    }
}

fn sum_of_part(part: u32) -> f32 {
    var sum = 0.0;
    for (var at = part; at < THREADS; at += PARTS) {
        sum += shares[at];
    }
    return sum;
}
