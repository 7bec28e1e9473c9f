//! What the compiler of Radeon GPUs makes of the kernels: registers, spills, memory, waves and the inner loop.
//!
//! Mesa's driver for Radeon compiles for a GPU that is not there if `RADV_FORCE_FAMILY` names it. It reads this variable
//! once per process, so a process of its own compiles for each GPU.

mod device;
mod inner_loop;
mod kernels;
mod pipeline;
mod report;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use clap::Parser;

use report::{Gpu, Report};

/// The variable that makes the driver compile for a GPU.
const FAMILY: &str = "RADV_FORCE_FAMILY";

/// Compiles slgan's kernels for Radeon GPUs, and fails if one spills registers or needs scratch memory.
#[derive(Debug, Parser)]
#[command(name = "slgan-radeon")]
struct Arguments {
    /// The folder that `slgan devices --shaders --spirv DIR` wrote.
    kernels: PathBuf,
    /// GPUs to compile for, by the driver's names, with commas between them.
    #[arg(long, default_value = "navi21,navi31", value_delimiter = ',')]
    families: Vec<String>,
    /// Only the kernels whose names contain this.
    #[arg(long, default_value = "")]
    only: String,
    /// Print a row for each set of constants, instead of the worst of a kernel.
    #[arg(long)]
    each: bool,
    /// Also write the results as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write the machine code of each kernel to this folder.
    #[arg(long, value_name = "DIR")]
    assembly: Option<PathBuf>,
    /// Compile for the GPU that the environment names, and print JSON. For the program's own use.
    #[arg(long, hide = true)]
    child: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.child {
        println!("{}", serde_json::to_string(&compile(arguments)?)?);
        return Ok(ExitCode::SUCCESS);
    }
    let gpus = arguments.families.iter().map(|family| compiled_for(family));
    let report = Report { gpus: gpus.collect::<Result<Vec<Gpu>>>()? };
    print!("{}", report.table(arguments.each));
    if let Some(file) = &arguments.json {
        fs::write(file, serde_json::to_vec_pretty(&report)?).with_context(|| file.display().to_string())?;
    }
    let faults = report.faults();
    faults.iter().for_each(|fault| eprintln!("error: {fault}"));
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a process of this program with these arguments finds for a GPU.
fn compiled_for(family: &str) -> Result<Gpu> {
    let mut child = Command::new(env::current_exe()?);
    child.args(env::args_os().skip(1)).arg("--child").env(FAMILY, family);
    let output = child.output().context("cannot start a process")?;
    // The driver also complains there of what does not matter here, such as a missing bus.
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{family}: the driver did not compile for it\n{complaints}");
    serde_json::from_slice(&output.stdout).with_context(|| format!("{family}: not JSON"))
}

/// Compiles every kernel for the GPU that the environment names.
fn compile(arguments: &Arguments) -> Result<Gpu> {
    let family = env::var(FAMILY).with_context(|| format!("{FAMILY} is not set"))?;
    let device = device::Device::open()?;
    let folder = arguments.assembly.as_ref().map(|folder| folder.join(&family));
    if let Some(folder) = &folder {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let kernels = kernels::read(&arguments.kernels)?;
    let kernels = kernels.into_iter().filter(|kernel| kernel.name.contains(&arguments.only));
    let kernels = kernels.map(|kernel| {
        let compiled = pipeline::compile(&device, &kernel).with_context(|| kernel.file.display().to_string())?;
        if let Some(folder) = &folder {
            write_assembly(folder, &kernel, &compiled.assembly)?;
        }
        report::Kernel::new(kernel, &compiled)
    });
    Ok(Gpu { family, driver: device.driver.clone(), kernels: kernels.collect::<Result<Vec<_>>>()? })
}

fn write_assembly(folder: &Path, kernel: &kernels::Kernel, assembly: &str) -> Result<()> {
    let name = kernel.file.file_name().context("a file has a name")?;
    let file = folder.join(name).with_extension("s");
    fs::write(&file, assembly).with_context(|| file.display().to_string())
}
