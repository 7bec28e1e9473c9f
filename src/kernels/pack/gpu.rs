//! Shared buffers on the GPU.

use burn::backend::wgpu::CubeBackend;
use burn::tensor::Shape;
use burn_wgpu::{CubeTensor, into_contiguous};

use crate::kernels::launch::Launch;
use crate::kernels::pack::{PackOps, Places, Tensors};
use crate::kernels::shader::{Shader, overlap, shader};
use crate::kernels::view::view;

/// Tensors that one launch packs.
const MOST: usize = 6;

const COUNTS: [&str; MOST] = ["COUNT_0", "COUNT_1", "COUNT_2", "COUNT_3", "COUNT_4", "COUNT_5"];
const OFFSETS: [&str; MOST - 1] = ["OFFSET_1", "OFFSET_2", "OFFSET_3", "OFFSET_4", "OFFSET_5"];

/// Bytes of an element.
const BYTES: u64 = size_of::<f32>() as u64;

impl PackOps for CubeBackend {
    fn pack(Tensors(tensors): Tensors<Self>, places: &Places, launch: Launch) -> CubeTensor {
        let tensors: Vec<CubeTensor> = tensors.into_iter().map(into_contiguous).collect();
        let (mut runs, places) = joined(&tensors, places);
        if runs.len() == 1 { runs.remove(0) } else { copied(&runs, &places, launch) }
    }

    fn unpack(packed: CubeTensor, places: &Places) -> Vec<CubeTensor> {
        let packed = into_contiguous(packed);
        let places = places.offsets().iter().zip(places.counts());
        places.map(|(&offset, &count)| view(&packed, offset, [count])).collect()
    }
}

/// Kernels for one tensor and a gap, ragged ones, and a full launch.
pub fn variants() -> Vec<Shader> {
    let of = |counts: &[usize]| pack_shader(&Places::new(counts), 0);
    vec![of(&[3, 1]), of(&[256, 65, 1, 200]), of(&[4_608, 16, 36_864, 64, 64, 147_456])]
}

/// Contiguous tensors and their places. Those that lie side by side in one buffer already, at the distance of their
/// places, become one, whatever the gaps between them hold.
fn joined(tensors: &[CubeTensor], places: &Places) -> (Vec<CubeTensor>, Places) {
    let mut runs = Vec::new();
    let mut of_runs = Places { offsets: Vec::new(), counts: Vec::new() };
    let mut start = 0;
    while start < tensors.len() {
        let offset = places.offsets[start];
        let goes_on = |&at: &usize| follows(&tensors[at], places.offsets[at] - offset, &tensors[start]);
        let length = 1 + (start + 1..tensors.len()).take_while(goes_on).count();
        let last = start + length - 1;
        let count = places.offsets[last] + places.counts[last] - offset;
        runs.push(extended(&tensors[start], count));
        of_runs.offsets.push(offset);
        of_runs.counts.push(count);
        start += length;
    }
    (runs, of_runs)
}

fn start_of(tensor: &CubeTensor) -> u64 {
    tensor.handle.offset_start.unwrap_or(0)
}

/// Whether a tensor lies so many elements behind the start of another one, in the same buffer.
fn follows(tensor: &CubeTensor, elements: usize, first: &CubeTensor) -> bool {
    let shares = tensor.handle.memory.descriptor().id == first.handle.memory.descriptor().id;
    shares && start_of(tensor) == start_of(first) + elements as u64 * BYTES
}

/// The elements of a buffer from the start of a tensor on.
fn extended(first: &CubeTensor, count: usize) -> CubeTensor {
    let (start, size) = (start_of(first), first.handle.size());
    let mut whole = first.clone();
    whole.handle.offset_start = Some(start);
    whole.handle.offset_end = Some(size - start - count as u64 * BYTES);
    CubeTensor::new_contiguous(whole.client, whole.device, Shape::new([count]), whole.handle, whole.dtype)
}

/// A new buffer with the numbers of contiguous tensors.
fn copied(tensors: &[CubeTensor], places: &Places, launch: Launch) -> CubeTensor {
    let packed = launch.output(&tensors[0], [places.total()]);
    for (group, tensors) in tensors.chunks(MOST).enumerate() {
        let first = group * MOST;
        let [start, end] = span(places, first);
        let piece = view(&packed, start, [end - start]);
        // A kernel must not bind memory twice, so each missing tensor needs its own.
        let missing = (tensors.len()..MOST).map(|_| launch.output(&packed, [1]));
        let tensors: Vec<CubeTensor> = apart(tensors).chain(missing).collect();
        let buffers: Vec<&CubeTensor> = tensors.iter().chain([&piece]).collect();
        pack_shader(places, first).launch(launch.by_fours(end - start), &buffers, &[]);
    }
    packed
}

/// Tensors that share no memory: those that do are copied.
fn apart(tensors: &[CubeTensor]) -> impl Iterator<Item = CubeTensor> {
    tensors.iter().enumerate().map(|(at, tensor)| {
        let shares = tensors[..at].iter().any(|other| overlap(other, tensor));
        if shares { tensor.copy() } else { tensor.clone() }
    })
}

/// The elements of a buffer that a launch from tensor `first` on writes: up to the next launch's, with the gap.
fn span(places: &Places, first: usize) -> [usize; 2] {
    [first, first + MOST].map(|at| places.offsets().get(at).copied().unwrap_or(places.total()))
}

/// The kernel for up to six tensors from `first` on.
fn pack_shader(places: &Places, first: usize) -> Shader {
    let [start, end] = span(places, first);
    let count = |at| places.counts().get(first + at).copied().unwrap_or(1);
    let offset = |at| places.offsets().get(first + at).copied().unwrap_or(end) - start;
    let counts = COUNTS.into_iter().enumerate().map(|(at, name)| (name, count(at)));
    let offsets = OFFSETS.into_iter().enumerate().map(|(at, name)| (name, offset(at + 1)));
    let constants: Vec<_> = counts.chain(offsets).chain([("LENGTH", end - start)]).collect();
    shader!("pack").with(&constants)
}
