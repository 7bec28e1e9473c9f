//! What is printed and written.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::inner_loop::InnerLoop;
use crate::kernels;
use crate::pipeline::Compiled;

/// Everything that was found.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// The GPUs in the order asked for.
    pub gpus: Vec<Gpu>,
}

/// The kernels on one GPU.
#[derive(Debug, Serialize, Deserialize)]
pub struct Gpu {
    /// The GPU, by the driver's name.
    pub family: String,
    /// The driver's name and version.
    pub driver: String,
    /// The kernels in the order of the folder.
    pub kernels: Vec<Kernel>,
}

/// A kernel on one GPU.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kernel {
    /// Its name.
    pub name: String,
    /// The values of its constants.
    pub constants: BTreeMap<String, u32>,
    /// Vector registers of an invocation.
    pub vgprs: u64,
    /// Vector registers that the compiler had to keep in memory.
    pub spilled_vgprs: u64,
    /// Memory of an invocation in bytes, for spills and for arrays that registers cannot hold.
    pub scratch_bytes: u64,
    /// Workgroup memory in bytes.
    pub lds_bytes: u64,
    /// Waves that fit on a SIMD unit at once.
    pub waves: u64,
    /// The share of multiply-adds among vector arithmetic of the inner loop, 0 to 1; none if the driver cannot write the
    /// machine code as text.
    pub multiply_add_share: Option<f64>,
    /// Multiply-adds per vector load from buffers in the inner loop; none if it has no loads.
    pub multiply_adds_per_load: Option<f64>,
    /// Multiply-adds of the inner loop.
    pub multiply_adds: usize,
    /// Loads from workgroup memory in the inner loop.
    pub lds_loads: usize,
}

impl Kernel {
    /// What a kernel became.
    ///
    /// # Errors
    /// If the driver does not report a figure.
    pub fn new(kernel: kernels::Kernel, compiled: &Compiled) -> Result<Self> {
        let inner = InnerLoop::of(&compiled.assembly)?;
        Ok(Self {
            name: kernel.name,
            constants: kernel.constants,
            vgprs: compiled.figure("VGPRs")?,
            spilled_vgprs: compiled.figure("Spilled VGPRs")?,
            scratch_bytes: compiled.figure("Scratch size")?,
            lds_bytes: compiled.figure("LDS size")?,
            waves: compiled.figure("Subgroups per SIMD")?,
            multiply_add_share: inner.multiply_add_share(),
            multiply_adds_per_load: inner.multiply_adds_per_load(),
            multiply_adds: inner.multiply_adds,
            lds_loads: inner.workgroup_loads,
        })
    }

    fn label(&self) -> String {
        let constants: Vec<String> = self.constants.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{} {}", self.name, constants.join(" "))
    }
}

impl Report {
    /// Every spill and all scratch memory, in words.
    pub fn faults(&self) -> Vec<String> {
        let all = self.gpus.iter().flat_map(|gpu| gpu.kernels.iter().map(move |kernel| (gpu, kernel)));
        let bad = all.filter(|(_, kernel)| kernel.spilled_vgprs > 0 || kernel.scratch_bytes > 0);
        let line = |(gpu, kernel): (&Gpu, &Kernel)| {
            let Kernel { spilled_vgprs, scratch_bytes, .. } = kernel;
            format!(
                "{}: {}: {spilled_vgprs} registers spilled, {scratch_bytes} B of scratch",
                gpu.family,
                kernel.label()
            )
        };
        bad.map(line).collect()
    }

    /// A table for each GPU, in Markdown: the worst of each kernel's variants, or each variant.
    pub fn table(&self, each: bool) -> String {
        self.gpus.iter().map(|gpu| gpu.table(each)).collect()
    }
}

const HEAD: &str = "| kernel | variants | VGPRs | spilled | scratch B | LDS B | waves | multiply-adds | per load |\n\
    |---|---|---|---|---|---|---|---|---|\n";

impl Gpu {
    fn table(&self, each: bool) -> String {
        let mut groups: BTreeMap<String, Vec<&Kernel>> = BTreeMap::new();
        for kernel in &self.kernels {
            let name = if each { kernel.label() } else { kernel.name.clone() };
            groups.entry(name).or_default().push(kernel);
        }
        let rows: String = groups.iter().map(|(name, group)| row(name, group)).collect();
        format!("{}, {}\n\n{HEAD}{rows}\n", self.family, self.driver)
    }
}

/// The worst figures of some variants.
fn row(name: &str, group: &[&Kernel]) -> String {
    let most = |value: fn(&Kernel) -> u64| group.iter().map(|kernel| value(kernel)).max().unwrap_or(0);
    let waves = group.iter().map(|kernel| kernel.waves).min().unwrap_or(0);
    let computing = || group.iter().filter(|kernel| kernel.multiply_adds > 0);
    let share = least(computing().filter_map(|kernel| kernel.multiply_add_share));
    let per_load = least(computing().filter_map(|kernel| kernel.multiply_adds_per_load));
    let cells = [
        format!("`{name}`"),
        group.len().to_string(),
        most(|kernel| kernel.vgprs).to_string(),
        most(|kernel| kernel.spilled_vgprs).to_string(),
        most(|kernel| kernel.scratch_bytes).to_string(),
        most(|kernel| kernel.lds_bytes).to_string(),
        waves.to_string(),
        share.map_or("-".into(), |share| format!("{:.0} %", 100.0 * share)),
        per_load.map_or("-".into(), |number| format!("{number:.1}")),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn least(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(scratch_bytes: u64) -> Kernel {
        Kernel {
            name: "product".into(),
            constants: BTreeMap::from([("SIZE".into(), 3)]),
            vgprs: 40,
            spilled_vgprs: 0,
            scratch_bytes,
            lds_bytes: 0,
            waves: 16,
            multiply_add_share: Some(0.5),
            multiply_adds_per_load: None,
            multiply_adds: 8,
            lds_loads: 2,
        }
    }

    #[test]
    fn scratch_memory_is_a_fault_with_the_kernels_name_and_constants() {
        let gpu = Gpu { family: "navi31".into(), driver: "radv".into(), kernels: vec![kernel(0), kernel(64)] };
        let report = Report { gpus: vec![gpu] };
        assert_eq!(report.faults(), ["navi31: product SIZE=3: 0 registers spilled, 64 B of scratch"]);
        let worst = report.table(false);
        assert!(worst.contains("| `product` | 2 | 40 | 0 | 64 | 0 | 16 | 50 % | - |"), "{worst}");
        let each = report.table(true);
        assert!(each.contains("| `product SIZE=3` |"), "{each}");
    }
}
