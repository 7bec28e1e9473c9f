//! Strict quotients, roots, exponentials and logarithms of a GPU adapter beside those of the CPU, bit by bit.
//!
//! The functions are compiled by themselves, from `shaders/shared`. Square roots are tried for all significands: an
//! exponent only decides, by its last bit, what is extracted, and is halved beside it. `SLGAN_EXHAUSTIVE=1` tries every
//! float32 for exponentials and logarithms too, and far more quotients; that takes minutes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::env;
use std::ops::RangeInclusive;

use pollster::block_on;
use slgan::kernels::checks::{strict_exponential, strict_logarithm};
use wgpu::util::{BufferInitDescriptor, DeviceExt};
use wgpu::{
    BindGroupDescriptor, BindGroupEntry, Buffer, BufferDescriptor, BufferUsages, CommandEncoderDescriptor,
    ComputePipeline, ComputePipelineDescriptor, Device, DeviceDescriptor, MapMode, PollType, Queue,
    ShaderModuleDescriptor, ShaderSource,
};

use common::{Workplace, no_adapter};

/// The shared files, which need each other.
const FUNCTIONS: [&str; 5] = [
    include_str!("../../shaders/shared/nan.wgsl"),
    include_str!("../../shaders/shared/strict.wgsl"),
    include_str!("../../shaders/shared/strict_division.wgsl"),
    include_str!("../../shaders/shared/strict_exponential.wgsl"),
    include_str!("../../shaders/shared/strict_root.wgsl"),
];

/// Calls a function for all pairs of two buffers.
const MAIN: &str = "
@group(0) @binding(0) var<storage, read> first: array<f32>;
@group(0) @binding(1) var<storage, read> second: array<f32>;
@group(0) @binding(2) var<storage, read_write> results: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let a = first[id.x];
    let b = second[id.x];
    results[id.x] = CALL;
}
";

/// Pairs of one dispatch, as many as the smallest grid allows.
const CHUNK: usize = 65_535 * 64;

/// Quotients below this become 0 in every operation: see `settled`.
const SMALLEST: f32 = f32::from_bits(0x2180_0000);

/// A function on the adapter.
struct Function {
    device: Device,
    queue: Queue,
    pipeline: ComputePipeline,
}

impl Function {
    /// A call such as `divided(a, b)`; none without an adapter.
    fn of(call: &str) -> Option<Self> {
        let workplace = Workplace::new();
        if no_adapter(&serde_json::from_str(&workplace.run("devices --json").0).unwrap()) {
            return None;
        }
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default())).unwrap();
        let (device, queue) = block_on(adapter.request_device(&DeviceDescriptor::default())).unwrap();
        let source = FUNCTIONS.concat().replace("const STRICT: u32 = 0u;", "const STRICT: u32 = 1u;");
        let source = ShaderSource::Wgsl((source + &MAIN.replace("CALL", call)).into());
        let module = device.create_shader_module(ShaderModuleDescriptor { label: None, source });
        let pipeline = device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: None,
            layout: None,
            module: &module,
            entry_point: None,
            compilation_options: Default::default(),
            cache: None,
        });
        Some(Self { device, queue, pipeline })
    }

    /// Its results for pairs, at most [`CHUNK`].
    fn results(&self, pairs: &[(f32, f32)]) -> Vec<f32> {
        let input = |contents: &[u8]| {
            let usage = BufferUsages::STORAGE;
            self.device.create_buffer_init(&BufferInitDescriptor { label: None, contents, usage })
        };
        // A whole number of workgroups.
        let padded =
            pairs.iter().copied().chain([(1.0, 1.0)].into_iter().cycle()).take(pairs.len().next_multiple_of(64));
        let first = input(&padded.clone().flat_map(|(a, _)| a.to_le_bytes()).collect::<Vec<u8>>());
        let second = input(&padded.flat_map(|(_, b)| b.to_le_bytes()).collect::<Vec<u8>>());
        let empty = |usage| {
            let size = first.size();
            self.device.create_buffer(&BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        };
        let results = empty(BufferUsages::STORAGE | BufferUsages::COPY_SRC);
        let read = empty(BufferUsages::MAP_READ | BufferUsages::COPY_DST);
        self.compute([&first, &second, &results], &read);
        read.map_async(MapMode::Read, .., |mapped| mapped.unwrap());
        self.device.poll(PollType::wait_indefinitely()).unwrap();
        let bytes = read.get_mapped_range(..).unwrap().to_vec();
        let found: Vec<f32> = bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        found[..pairs.len()].to_vec()
    }

    fn compute(&self, buffers: [&Buffer; 3], read: &Buffer) {
        let entries = [0, 1, 2].map(|binding: usize| BindGroupEntry {
            binding: binding as u32,
            resource: buffers[binding].as_entire_binding(),
        });
        let layout = &self.pipeline.get_bind_group_layout(0);
        let group = self.device.create_bind_group(&BindGroupDescriptor { label: None, layout, entries: &entries });
        let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups((read.size() / 256) as u32, 1, 1);
        drop(pass);
        encoder.copy_buffer_to_buffer(buffers[2], 0, read, 0, read.size());
        self.queue.submit([encoder.finish()]);
    }

    /// Compares it with a function of the CPU. Returns how many pairs were compared.
    fn agrees(&self, pairs: impl Iterator<Item = (f32, f32)>, expected: impl Fn(f32, f32) -> f32) -> usize {
        let mut pairs = pairs.peekable();
        let mut count = 0;
        while pairs.peek().is_some() {
            let chunk: Vec<(f32, f32)> = pairs.by_ref().take(CHUNK).collect();
            for (&(a, b), found) in chunk.iter().zip(self.results(&chunk)) {
                let expected = expected(a, b);
                let is_same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                assert!(is_same, "{a:e} and {b:e}: found {found:e}, expected {expected:e}");
            }
            count += chunk.len();
        }
        count
    }
}

fn is_exhaustive() -> bool {
    env::var_os("SLGAN_EXHAUSTIVE").is_some()
}

/// Every float between two bit patterns, or one in `stride`.
fn floats(bits: RangeInclusive<u32>, stride: usize) -> impl Iterator<Item = (f32, f32)> {
    bits.step_by(if is_exhaustive() { 1 } else { stride }).map(|bits| (f32::from_bits(bits), 0.0))
}

/// Numbers without a pattern, from Marsaglia's xorshift (2003).
fn scrambled(seed: u64) -> impl Iterator<Item = u32> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    })
}

/// Zero, the ends of the normal numbers, and what is not finite.
const ENDS: [f32; 9] =
    [0.0, -0.0, f32::MIN_POSITIVE, f32::MAX, -f32::MAX, 1.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];

#[test]
fn square_roots_are_rounded_to_nearest() {
    let Some(function) = Function::of("root_of(a)") else { return };
    let significands = (0x3f00_0000..0x4000_0000_u32).map(|bits| (f32::from_bits(bits), 0.0));
    let exponents = (1..255_u32).flat_map(|exponent| {
        scrambled(u64::from(exponent)).take(4_096).map(move |word| exponent << 23 | word & 0x7f_ffff)
    });
    let exponents = exponents.map(|bits| (f32::from_bits(bits), 0.0));
    let ends = ENDS.into_iter().filter(|end| end.is_nan() || *end >= 0.0).map(|end| (end, 0.0));
    let count = function.agrees(significands.chain(exponents).chain(ends), |a, _| a.sqrt());
    assert!(count > 17_000_000, "{count}");
}

#[test]
fn quotients_are_rounded_to_nearest() {
    let Some(function) = Function::of("settled(divided(a, b))") else { return };
    let settled = |quotient: f32| if quotient.abs() < SMALLEST { 0.0 } else { quotient };
    // All significands over some divisors: the nearest to 1 and to 2, and some between.
    let divisors = [0x3f80_0001, 0x3fff_ffff, 0x3fb5_04f3, 0x3f80_0000_u32].map(f32::from_bits);
    let of_divisor = |divisor| (0x3f80_0000..0x4000_0000_u32).map(move |bits| (f32::from_bits(bits), divisor));
    let significands = divisors.into_iter().flat_map(of_divisor).step_by(if is_exhaustive() { 1 } else { 4 });
    let mut words = scrambled(88_172_645_463_325_252);
    // Subnormal numbers never reach a division: they are settled before.
    let is_used = |number: &f32| !number.is_subnormal();
    let mut any = move || words.by_ref().map(f32::from_bits).find(is_used).unwrap();
    let pairs = std::iter::repeat_with(move || (any(), any())).take(if is_exhaustive() { 1 << 28 } else { 1 << 22 });
    let ends = ENDS.into_iter().flat_map(|a| ENDS.into_iter().map(move |b| (a, b)));
    let count = function.agrees(significands.chain(pairs).chain(ends), |a, b| settled(a / b));
    assert!(count > 8_000_000, "{count}");
}

#[test]
fn exponentials_have_the_bits_of_the_cpu() {
    let Some(function) = Function::of("power(a)") else { return };
    let negative = floats(0x8000_0000..=0xc300_0000, 97);
    let ends = ENDS.into_iter().filter(|end| end.is_nan() || *end <= 0.0).map(|end| (end, 0.0));
    let count = function.agrees(negative.chain(ends), |a, _| strict_exponential(a));
    assert!(count > 11_000_000, "{count}");
}

#[test]
fn logarithms_have_the_bits_of_the_cpu() {
    let Some(function) = Function::of("log_of(a)") else { return };
    let positive = floats(0x0080_0000..=0x7f80_0000, 97);
    let count = function.agrees(positive.chain([(f32::NAN, 0.0)]), |a, _| strict_logarithm(a));
    assert!(count > 21_000_000, "{count}");
}
