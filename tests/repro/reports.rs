//! Reports of tests, and a shell to make them in.

use slgan::kernels::class::DeviceClass;
use slgan::repro::report::{Backend, DeviceFacts, Environment, Shell, SystemFacts};
use slgan::repro::{Progress, SuiteShell, libraries, shader_hashes};

/// A shell that remembers progress.
#[derive(Default)]
pub struct Memory(pub Vec<Progress>);

impl SuiteShell for Memory {
    async fn progress(&mut self, progress: Progress) {
        self.0.push(progress);
    }
}

/// The environment of a software device, without what differs between machines.
pub fn environment() -> Environment {
    Environment {
        version: slgan::VERSION.into(),
        shell: Shell::Native,
        libraries: libraries(),
        device: DeviceFacts::new("CPU", Backend::Cpu, DeviceClass::Software),
        system: SystemFacts {
            os: None,
            architecture: std::env::consts::ARCH.into(),
            processor: None,
            instruction_sets: Vec::new(),
            threads: None,
            browser: None,
        },
        shaders: shader_hashes(),
    }
}
