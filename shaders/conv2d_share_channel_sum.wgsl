#import additions
#import gather

// The sum of each share of each channel of x [BATCH, CHANNELS, PLANE], as [SLICES, CHANNELS], for GPUs with many units.
// conv2d_unfold.wgsl adds them up.
//
// One workgroup per share and channel. Each invocation takes 4 * FOURS elements of the share, a workgroup apart, whose
// loads are all in flight at once. PARTS invocations add up the sums of all, and one adds up those PARTS sums.

const BATCH: u32 = 2u;
const CHANNELS: u32 = 3u;
const PLANE: u32 = 4u;
const SLICES: u32 = 1u;
// At most 4.
const FOURS: u32 = 1u;

const THREADS: u32 = 256u;
const PARTS: u32 = 16u;
const COUNT: u32 = BATCH * PLANE;
const SHARE: u32 = 4u * FOURS * THREADS;

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> sums: array<f32>;

// The sums of all invocations, and the PARTS partial sums.
var<workgroup> values: array<f32, THREADS>;
var<workgroup> parts: array<f32, PARTS>;

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let group = id.y * count.x + id.x;
    if (group >= SLICES * CHANNELS) {
        return;
    }
    let channel = group % CHANNELS;
    let first = group / CHANNELS * SHARE + thread;
    let a = load_four(first, channel, 0u);
    let b = load_four(first, channel, 1u);
    let c = load_four(first, channel, 2u);
    let d = load_four(first, channel, 3u);
    gather(added((a + b) + (c + d)), thread);
    if (thread == 0u) {
        sums[group] = gathered();
    }
}

// Which elements of the channel are the four of a round.
fn four(first: u32, round: u32) -> vec4<u32> {
    return first + (4u * round + vec4<u32>(0u, 1u, 2u, 3u)) * THREADS;
}

// Four elements; 0 past the end.
fn load_four(first: u32, channel: u32, round: u32) -> vec4<f32> {
    if (round >= FOURS) {
        return vec4<f32>(0.0);
    }
    let index = four(first, round);
    let last = min(index, vec4<u32>(COUNT - 1u));
    let at = (last / PLANE * CHANNELS + channel) * PLANE + last % PLANE;
    return select(vec4<f32>(0.0), vec4<f32>(x[at.x], x[at.y], x[at.z], x[at.w]), index < vec4<u32>(COUNT));
}
