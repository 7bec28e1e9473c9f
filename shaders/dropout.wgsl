// Factors of dropout: 0 for a feature that is dropped, and the same number above 1 for all others, as random bits decide.
//
// The bits are those of the streams of src/rng.rs: ChaCha with 8 rounds (Bernstein 2008, "ChaCha, a variant of Salsa20"),
// a counter of 64 bits from 0 on, and a stream's number of 64 bits. Up to three streams follow each other, with COUNT_0,
// COUNT_1 and COUNT_2 factors. `streams` has for each the 8 words of its key and the 2 of its number. The upper 24 bits
// of a word are a uniform number; a factor is 0 if it is below DROPPED, and otherwise has the bits KEPT.
//
// An invocation computes a block of 16 words.

const COUNT_0: u32 = 20u;
const COUNT_1: u32 = 3u;
const COUNT_2: u32 = 0u;
const DROPPED: u32 = 8388608u;
const KEPT: u32 = 1073741824u;

const THREADS: u32 = 64u;
const WORDS: u32 = 16u;
const BLOCKS_0: u32 = (COUNT_0 + WORDS - 1u) / WORDS;
const BLOCKS_1: u32 = (COUNT_1 + WORDS - 1u) / WORDS;
const BLOCKS_2: u32 = (COUNT_2 + WORDS - 1u) / WORDS;
// "expand 32-byte k"
const START: vec4<u32> = vec4<u32>(0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u);

@group(0) @binding(0) var<storage, read_write> streams: array<u32>;
@group(0) @binding(1) var<storage, read_write> factors: array<f32>;

// A stream's place among the others: its first factor, their number, and its first block.
struct Part { stream: u32, first: u32, count: u32, block: u32 }

// The state of ChaCha, a row of it in each vector.
struct State { a: vec4<u32>, b: vec4<u32>, c: vec4<u32>, d: vec4<u32> }

@compute @workgroup_size(THREADS)
fn main(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) count: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = (id.y * count.x + id.x) * THREADS + thread;
    if (number >= BLOCKS_0 + BLOCKS_1 + BLOCKS_2) {
        return;
    }
    let part = place_of(number);
    let block = number - part.block;
    let words = random_words(part.stream, block);
    write_row(part, WORDS * block, words.a);
    write_row(part, WORDS * block + 4u, words.b);
    write_row(part, WORDS * block + 8u, words.c);
    write_row(part, WORDS * block + 12u, words.d);
}

fn place_of(number: u32) -> Part {
    if (number < BLOCKS_0) {
        return Part(0u, 0u, COUNT_0, 0u);
    }
    if (number < BLOCKS_0 + BLOCKS_1) {
        return Part(1u, COUNT_0, COUNT_1, BLOCKS_0);
    }
    return Part(2u, COUNT_0 + COUNT_1, COUNT_2, BLOCKS_0 + BLOCKS_1);
}

fn random_words(stream: u32, block: u32) -> State {
    let at = 10u * stream;
    let key_0 = vec4<u32>(streams[at], streams[at + 1u], streams[at + 2u], streams[at + 3u]);
    let key_1 = vec4<u32>(streams[at + 4u], streams[at + 5u], streams[at + 6u], streams[at + 7u]);
    let start = State(START, key_0, key_1, vec4<u32>(block, 0u, streams[at + 8u], streams[at + 9u]));
    var state = start;
    for (var twice = 0u; twice < 4u; twice++) {
        state = mixed(state);
        state = mixed(State(state.a, state.b.yzwx, state.c.zwxy, state.d.wxyz));
        state = State(state.a, state.b.wxyz, state.c.zwxy, state.d.yzwx);
    }
    return State(state.a + start.a, state.b + start.b, state.c + start.c, state.d + start.d);
}

// A quarter round of every column.
fn mixed(start: State) -> State {
    var s = start;
    s.a += s.b;
    s.d = rotated(s.d ^ s.a, 16u);
    s.c += s.d;
    s.b = rotated(s.b ^ s.c, 12u);
    s.a += s.b;
    s.d = rotated(s.d ^ s.a, 8u);
    s.c += s.d;
    s.b = rotated(s.b ^ s.c, 7u);
    return s;
}

fn rotated(words: vec4<u32>, bits: u32) -> vec4<u32> {
    return (words << vec4<u32>(bits)) | (words >> vec4<u32>(32u - bits));
}

// The factors of four words from one of the stream on.
fn write_row(part: Part, first: u32, words: vec4<u32>) {
    let values = select(vec4<f32>(bitcast<f32>(KEPT)), vec4<f32>(0.0), words >> vec4<u32>(8u) < vec4<u32>(DROPPED));
    for (var i = 0u; i < 4u; i++) {
        if (first + i < part.count) {
            factors[part.first + first + i] = values[i];
        }
    }
}
