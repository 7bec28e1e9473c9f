//! Devices that fail, on a software adapter: wgpu gives up a device in the middle of a run, and threads of wgpu panic.

use std::error::Error;
use std::future::pending;
use std::panic::panic_any;
use std::thread;
use std::time::{Duration, Instant};

use slgan::config::Config;
use slgan::data::LoadOptions;
use slgan::train::event::Event;
use slgan::train::shell::{Control, Shell};
use slgan::train::state::State;
use slgan::train::task::Task;

use super::*;
use crate::bench::adapter::alone;
use crate::dataset;

/// Far shorter than forever, also on a busy machine.
const SOON: Duration = Duration::from_secs(120);

/// Keeps the steps of checkpoints, and gives the device up after some steps.
struct Vandal {
    device: wgpu::Device,
    after: u64,
    /// When that was.
    lost: Option<Instant>,
    saved: Vec<u64>,
}

impl Shell for Vandal {
    async fn event(&mut self, event: Event) -> Result<(), Box<dyn Error + Send + Sync>> {
        if let Event::Checkpoint(checkpoint) = event {
            self.saved.push(checkpoint.step);
        }
        Ok(())
    }

    async fn turn(&mut self, state: &State) -> Control {
        if state.step == self.after {
            self.device.destroy();
            self.lost = Some(Instant::now());
        }
        Control::Continue
    }
}

fn task() -> Task {
    let mut config = Config { batch: 4, steps: 8, ..Config::default() };
    config.report.checkpoint_every = 2;
    config.report.log_every = 1;
    config.report.sample_every = 0;
    config.report.evaluate_every = 0;
    let glyphs = dataset::load(&dataset::parse("glyphs").unwrap(), &LoadOptions::default()).unwrap();
    Task::new(config, glyphs).unwrap().on(DeviceClass::Software)
}

#[test]
fn a_run_on_a_lost_device_ends_with_an_error_and_saves_nothing_more() {
    let _alone = alone();
    let adapters = adapters();
    let Some(adapter) = adapters.first() else {
        assert!(std::env::var_os("SLGAN_REQUIRE_ADAPTER").is_none(), "an adapter is required and none was found");
        return;
    };
    let setup = setup(adapter).unwrap();
    let mut shell = Vandal { device: setup.device.clone(), after: 3, lost: None, saved: Vec::new() };
    let device = Device::wgpu_options().setup(setup).init().unwrap();
    let task = task();
    let mut state = State::new(&task.config, &task.architecture(), &device);
    let result = block_on(slgan::train::train(&task, &mut state, &device, "a device", None, &mut shell));
    fault::testing::forget();
    let is_of_the_device = match &result {
        Ok(Ok(outcome)) => panic!("{outcome:?} without a device"),
        Ok(Err(error)) => error.of_the_device().is_some(),
        Err(_) => true,
    };
    assert!(is_of_the_device, "{result:?}");
    let time = shell.lost.expect("it is lost").elapsed();
    assert!(time < SOON, "{time:?}");
    assert_eq!(shell.saved, [2]);
    assert!((3..=4).contains(&state.step), "{}", state.step);
}

#[test]
fn nobody_waits_for_a_device_whose_thread_has_died() {
    let _alone = alone();
    let adapters = adapters();
    let Some(adapter) = adapters.first() else { return };
    let device = setup(adapter).unwrap().device;
    let start = Instant::now();
    let result = block_on(async {
        // wgpu panics in whichever thread makes a mistake.
        let mistake = thread::spawn(move || {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: 4,
                usage: wgpu::BufferUsages::empty(),
                mapped_at_creation: false,
            })
        });
        assert!(mistake.join().is_err(), "wgpu accepts a buffer without a use");
        pending::<()>().await;
    });
    let heard = fault();
    fault::testing::forget();
    assert!(result.is_err() && start.elapsed() < SOON, "{result:?}");
    assert_eq!(result.err(), heard);
}

#[test]
fn other_panics_stay_panics() {
    let _alone = alone();
    let panicked = std::panic::catch_unwind(|| block_on(async { panic_any("a mistake of ours") }));
    assert_eq!(*panicked.unwrap_err().downcast::<&str>().unwrap(), "a mistake of ours");
    assert_eq!(fault(), None);
}

#[test]
fn messages_of_burn_become_one_line() {
    let text = "An error happened\nCaused by:\n  An error happened\nCaused by:\n  it is lost\n\
        Backtrace:\nNo backtrace available";
    assert_eq!(plain(text), "An error happened: it is lost");
}
