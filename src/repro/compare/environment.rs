//! What differs between two environments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernels::class::DeviceClass;
use crate::repro::report::{Backend, Environment, Shell};

/// Something that differs between two environments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field of [`Environment`], such as `device.driver_version`.
    pub field: String,
    /// What it is, for people: `driver version`.
    pub what: String,
    /// Its value in the reference.
    pub reference: String,
    /// Its value in the other report.
    pub other: String,
    /// Whether it can change bits of results on these devices.
    pub bears: bool,
}

/// An environment in a line.
pub fn described(environment: &Environment) -> String {
    let Environment { version, shell, device, system, .. } = environment;
    let interface = device.interface.as_ref().filter(|interface| !device.name.contains(*interface));
    let driver = [&device.driver, &device.driver_version].into_iter().flatten().map(String::as_str);
    let driver = driver.collect::<Vec<_>>().join(" ");
    // It computes what software devices compute.
    let processor = system.processor.as_ref().filter(|_| device.class == DeviceClass::Software);
    let program = match shell {
        Shell::Native => format!("slgan {version}"),
        Shell::Web => format!("the page of slgan {version}"),
    };
    let mut parts = vec![device.name.clone()];
    parts.extend(interface.cloned());
    parts.extend(Some(driver).filter(|driver| !driver.is_empty()));
    parts.extend(processor.cloned());
    parts.extend(system.browser.clone());
    parts.extend([system.architecture.clone(), program]);
    parts.join(", ")
}

/// All differences, in the order of the report's fields.
pub fn differences(one: &Environment, two: &Environment) -> Vec<Difference> {
    let (on_gpu, on_cpu) = (is_on(one, two, Computes::Kernels), is_on(one, two, Computes::Host));
    let [device_one, device_two] = [&one.device, &two.device];
    let [system_one, system_two] = [&one.system, &two.system];
    let mut found = Differences::default();
    found.add("version", "version of slgan", &one.version, &two.version, true);
    found.add("shell", "program", shell(one), shell(two), false);
    found.add_maps("libraries", "version of", &one.libraries, &two.libraries, true);
    found.add("device.name", "device", &device_one.name, &device_two.name, on_gpu);
    found.add("device.backend", "kind of device", backend(one), backend(two), true);
    found.add("device.class", "plan of kernels", device_one.class.name(), device_two.class.name(), on_gpu);
    let by_interface = [
        ("device.interface", "graphics interface", &device_one.interface, &device_two.interface),
        ("device.vendor", "vendor", &device_one.vendor, &device_two.vendor),
        ("device.architecture", "model", &device_one.architecture, &device_two.architecture),
        ("device.driver", "driver", &device_one.driver, &device_two.driver),
        ("device.driver_version", "driver version", &device_one.driver_version, &device_two.driver_version),
    ];
    for (field, what, one, two) in by_interface {
        found.add(field, what, known(one), known(two), on_gpu);
    }
    let limits = |environment: &Environment| numbers(&environment.device.limits);
    found.add_maps("device.limits", "limit", &limits(one), &limits(two), false);
    found.add("device.features", "features", &device_one.features.join(", "), &device_two.features.join(", "), false);
    found.add("system.os", "operating system", known(&system_one.os), known(&system_two.os), false);
    found.add("system.architecture", "architecture", &system_one.architecture, &system_two.architecture, on_cpu);
    found.add("system.processor", "processor", known(&system_one.processor), known(&system_two.processor), on_cpu);
    let sets = |environment: &Environment| environment.system.instruction_sets.join(", ");
    found.add("system.instruction_sets", "instruction sets", &sets(one), &sets(two), on_cpu);
    let threads = |environment: &Environment| environment.system.threads.map(|count| count.to_string());
    found.add("system.threads", "threads", known(&threads(one)), known(&threads(two)), false);
    found.add("system.browser", "browser", known(&system_one.browser), known(&system_two.browser), true);
    found.add_maps("shaders", "shader", &shaders(one), &shaders(two), on_gpu);
    found.0
}

/// What executes the operations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Computes {
    /// The processor, with its instruction sets: the CPU backend, and adapters that are software.
    Host,
    /// Kernels in WGSL.
    Kernels,
}

fn is_on(one: &Environment, two: &Environment, what: Computes) -> bool {
    [one, two].into_iter().any(|environment| match what {
        Computes::Host => environment.device.class == DeviceClass::Software,
        Computes::Kernels => environment.device.backend == Backend::Wgpu,
    })
}

#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, field: &str, what: &str, one: &str, two: &str, bears: bool) {
        if one != two {
            let [field, what, reference, other] = [field, what, one, two].map(str::to_owned);
            self.0.push(Difference { field, what, reference, other, bears });
        }
    }

    fn add_maps(
        &mut self,
        field: &str,
        what: &str,
        one: &BTreeMap<String, String>,
        two: &BTreeMap<String, String>,
        bears: bool,
    ) {
        let of = |map: &BTreeMap<String, String>, name: &str| map.get(name).map_or("none", String::as_str).to_owned();
        let only_two = two.keys().filter(|name| !one.contains_key(*name));
        for name in one.keys().chain(only_two) {
            let (field, what) = (format!("{field}.{name}"), format!("{what} {name}"));
            self.add(&field, &what, &of(one, name), &of(two, name), bears);
        }
    }
}

fn known(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("unknown")
}

fn shell(environment: &Environment) -> &'static str {
    match environment.shell {
        Shell::Native => "slgan",
        Shell::Web => "the page",
    }
}

fn backend(environment: &Environment) -> &'static str {
    match environment.device.backend {
        Backend::Cpu => "CPU",
        Backend::Wgpu => "GPU kernels",
    }
}

fn numbers(map: &BTreeMap<String, u64>) -> BTreeMap<String, String> {
    map.iter().map(|(name, number)| (name.clone(), number.to_string())).collect()
}

/// Hashes of shaders, as short as people can compare them.
fn shaders(environment: &Environment) -> BTreeMap<String, String> {
    let short = |hash: &String| hash.chars().take(12).collect();
    environment.shaders.iter().map(|(name, hash)| (name.clone(), short(hash))).collect()
}
