//! `slgan bench model`: a step on paper. What its kernels compute and move, and the least time that a card needs.
//!
//! The roofline (Williams, Waterman and Patterson, 2009): a kernel takes at least as long as its operations at the peak
//! rate of the card, and at least as long as its bytes at the peak bandwidth. If it has fewer workgroups than the card
//! has units, only so many units help. Launches themselves take time too, which `slgan bench host` measures.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Serialize;
use slgan::config::{Config, Layer};
use slgan::kernels::class::DeviceClass;
use slgan::kernels::launches::{Launched, listed};
use slgan::train::task::Task;

use super::cards::{CARDS, Card};
use super::implementation::Implementation;
use super::step::{Runner, glyphs};
use super::{calls, noop, table};
use crate::cli::ModelCostArgs;

/// Launches of one kernel at one shape.
#[derive(Debug, Clone, Serialize)]
struct Kernel {
    name: &'static str,
    constants: BTreeMap<&'static str, u32>,
    /// How often a step launches it.
    launches: u64,
    /// Floating-point operations of a launch that matter: those of matrix products.
    flops: u64,
    /// Bytes of a launch: each buffer once, or what it reads of a buffer that holds more.
    bytes: u64,
    /// Workgroups of a launch.
    workgroups: u64,
    /// Least microseconds of a launch on the card.
    microseconds: f64,
    /// What decides them: `compute`, `bandwidth`, or either with `few workgroups`.
    bound: String,
}

/// A step on paper.
#[derive(Debug, Serialize)]
struct Model {
    preset: String,
    card: &'static str,
    kernels: Vec<Kernel>,
    /// Launches of kernels that burn makes. The sums below leave them out.
    other_launches: u64,
    gflop: f64,
    megabytes: f64,
    /// Least milliseconds of a step on the card.
    milliseconds: f64,
}

/// Prints the model.
///
/// # Errors
/// If the device that does nothing cannot be opened.
pub fn run(args: &ModelCostArgs) -> Result<()> {
    let card =
        CARDS.into_iter().find(|card| card.name == args.card).context("the command line allows no other card")?;
    let model = Model::of(&args.preset, card, args.device_class)?;
    if args.json {
        result!("{}", serde_json::to_string(&model)?);
        return Ok(());
    }
    let head = ["kernel", "launches", "MFLOP", "MB", "workgroups", "us", "bound"];
    table::print(head, &model.kernels.iter().map(Kernel::cells).collect::<Vec<_>>());
    let Model { gflop, megabytes, milliseconds, other_launches, .. } = &model;
    result!(
        "a step: {gflop:.2} GFLOP, {megabytes:.0} MB, at least {milliseconds:.2} ms on {}; {other_launches} launches of \
         burn's kernels are not in these sums",
        card.name
    );
    Ok(())
}

impl Model {
    fn of(preset: &str, card: Card, class: DeviceClass) -> Result<Self> {
        let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", preset)])?;
        let task = Task::new(config, glyphs()?)?.on(class);
        let device = noop::open()?;
        let mut runner = Runner::new(&task, &device, Implementation::Ours);
        runner.step()?;
        // A step ends when its loss can be read, which is before its last launches reach the device.
        device.sync()?;
        let ((step, launches), calls) = calls::count(|| listed(|| runner.step().and_then(|_| Ok(device.sync()?))));
        step?;
        let kernels = grouped(&launches, card);
        let total = |value: fn(&Kernel) -> f64| kernels.iter().map(|k| k.launches as f64 * value(k)).sum::<f64>();
        Ok(Self {
            preset: preset.to_owned(),
            card: card.name,
            other_launches: calls.dispatches - launches.len() as u64,
            gflop: total(|kernel| kernel.flops as f64) / 1e9,
            megabytes: total(|kernel| kernel.bytes as f64) / 1e6,
            milliseconds: total(|kernel| kernel.microseconds) / 1e3,
            kernels,
        })
    }
}

/// The launches by kernel and shape; the slowest first.
fn grouped(launches: &[Launched], card: Card) -> Vec<Kernel> {
    let mut counts: Vec<(&Launched, u64)> = Vec::new();
    for launched in launches {
        match counts.iter_mut().find(|(other, _)| *other == launched) {
            Some((_, count)) => *count += 1,
            None => counts.push((launched, 1)),
        }
    }
    let mut kernels: Vec<Kernel> =
        counts.into_iter().map(|(launched, count)| Kernel::new(launched, count, card)).collect();
    let total = |kernel: &Kernel| kernel.launches as f64 * kernel.microseconds;
    kernels.sort_by(|one, other| total(other).total_cmp(&total(one)));
    kernels
}

impl Kernel {
    fn new(launched: &Launched, launches: u64, card: Card) -> Self {
        let (flops, bytes) = (flops(launched), bytes(launched));
        let workgroups = launched.groups.iter().product::<usize>() as u64;
        let compute = flops as f64 / card.gflops / 1e3;
        let bandwidth = bytes as f64 / card.gbps / 1e3;
        let share_of_card = (workgroups as f64 / card.units as f64).min(1.0);
        let bound = if compute > bandwidth { "compute" } else { "bandwidth" };
        let starved = if share_of_card < 1.0 { ", few workgroups" } else { "" };
        Self {
            name: launched.name,
            constants: launched.constants.iter().copied().collect(),
            launches,
            flops,
            bytes,
            workgroups,
            microseconds: compute.max(bandwidth) / share_of_card,
            bound: format!("{bound}{starved}"),
        }
    }

    fn cells(&self) -> [String; 7] {
        [
            format!("{} {}", self.name, shape(&self.constants)),
            self.launches.to_string(),
            format!("{:.1}", self.flops as f64 / 1e6),
            format!("{:.2}", self.bytes as f64 / 1e6),
            self.workgroups.to_string(),
            format!("{:.2}", self.microseconds),
            self.bound.clone(),
        ]
    }
}

/// The constants of a convolution in short, or those of any other kernel.
fn shape(constants: &BTreeMap<&str, u32>) -> String {
    let sizes =
        ["BATCH", "INPUTS", "IN_HEIGHT", "IN_WIDTH", "OUTPUTS", "KERNEL", "STRIDE"].map(|name| constants.get(name));
    if let [Some(batch), Some(inputs), Some(height), Some(width), Some(outputs), Some(kernel), Some(stride)] = sizes {
        return format!("{batch}x{inputs}x{height}x{width} to {outputs}, {kernel}x{kernel}/{stride}");
    }
    constants.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// Bytes that a launch reads and writes. The kernel of batches reads a byte for each number that it writes, out of all
/// images.
fn bytes(launched: &Launched) -> u64 {
    if launched.name != "batch" {
        return launched.bytes.iter().sum();
    }
    let sizes = ["BATCH", "CHANNELS", "SIZE", "SIZE"];
    5 * sizes.iter().filter_map(|name| launched.constant(name)).product::<u64>()
}

/// Operations of the matrix products of a launch. All other kernels move more than they compute.
fn flops(launched: &Launched) -> u64 {
    let product = |sizes: &[&str]| 2 * sizes.iter().filter_map(|name| launched.constant(name)).product::<u64>();
    if launched.name == "conv2d_winograd" {
        // Four products for each pixel and pair of channels.
        return 4 * product(&["BATCH", "OUTPUTS", "HEIGHT", "WIDTH", "INPUTS"]);
    }
    let multiplies = ["forward", "input_gradient", "weight_gradient"].iter().any(|half| {
        let halves = launched.name.strip_prefix("conv2d_").map(|name| name.strip_prefix("tiled_").unwrap_or(name));
        halves == Some(*half)
    });
    if !multiplies {
        return 0;
    }
    product(&["BATCH", "OUTPUTS", "OUT_HEIGHT", "OUT_WIDTH", "INPUTS", "KERNEL", "KERNEL"])
}

#[cfg(test)]
mod tests;
