//! Checks of every kernel on any device, against float64 in plain loops, written from the definitions.
//!
//! The checks are async, so that tests, browsers and `slgan devices --check` run the same ones. They fill the memory
//! for results with a bad value first, so that an element that a kernel does not write shows. Operations whose kernels
//! depend on the class of the device are checked with those of every class, on any GPU.

pub use super::compare::figures::digest;
pub use super::compare::{Figures, Outcome};
pub use super::host::strict::{log_of as strict_logarithm, power as strict_exponential};

use burn::tensor::Device;

use super::class::DeviceClass;
use super::compare::Target;
use super::launch::Launch;
use super::{
    adam, add_enlarged, batch, batch_norm, bounds, conv2d, diff_augment, dropout, leaky_relu, linear, losses,
    overwrite, pack, projection, self_label, spectral_norm, tanh,
};

/// Checks every operation on a device.
pub async fn run(device: &Device) -> Vec<Outcome> {
    let [outcomes] = run_with(device, [Launch::poisoned()]).await;
    outcomes
}

/// Like [`run`], and once more with grids of many rows, which otherwise only tensors of many millions of elements have.
/// Both must have the same bits. Each operation has both runs before the next one begins: after a thousand kernels,
/// Mesa's software adapter compiled them all again.
pub async fn run_also_on_narrow_grids(device: &Device) -> [Vec<Outcome>; 2] {
    run_with(device, [Launch::poisoned(), Launch::narrow()]).await
}

async fn run_with<const N: usize>(device: &Device, launches: [Launch; N]) -> [Vec<Outcome>; N] {
    let mut outcomes = [const { Vec::new() }; N];
    for operation in Operation::ALL {
        for (launch, outcomes) in launches.iter().zip(&mut outcomes) {
            outcomes.extend(operation.check(&Target { device: device.clone(), launch: *launch }).await);
        }
    }
    outcomes
}

/// The chosen cases of every operation, as in [`suite`], with the kernels of some classes where these differ.
pub async fn run_chosen(device: &Device, classes: &[DeviceClass]) -> Vec<Outcome> {
    let sections = sections(device, classes, async |_, _| {}).await;
    sections.into_iter().flat_map(|section| section.outcomes).collect()
}

/// Like [`run_chosen`], with bounds checks in every kernel, which otherwise only browsers have. The results may differ by
/// rounding, because compilers treat loops with bounds otherwise.
pub async fn run_chosen_with_bounds_checks(device: &Device, classes: &[DeviceClass]) -> Vec<Outcome> {
    bounds::checked(run_chosen(device, classes)).await
}

/// The results of one operation, or of one operation with the kernels of one class.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The class whose kernels computed; none if all classes have the same.
    pub plan: Option<DeviceClass>,
    /// The results.
    pub outcomes: Vec<Outcome>,
}

/// The cases of [`suite`] in strict arithmetic, in which every device computes the same bits. `breathe` is awaited after
/// each operation, with its number and the number of all.
pub async fn run_strictly(device: &Device, mut breathe: impl AsyncFnMut(usize, usize)) -> Vec<Outcome> {
    let target = Target { device: device.clone(), launch: Launch::poisoned().for_class(DeviceClass::Strict) };
    let mut outcomes = Vec::new();
    for (number, operation) in Operation::ALL.into_iter().enumerate() {
        outcomes.extend(operation.outcomes(&target).await);
        breathe(number + 1, Operation::ALL.len()).await;
    }
    outcomes
}

/// Runs the chosen cases of every operation that the reproducibility suite compares between devices. Their list is the
/// same on every device. `breathe` is awaited after each section, with its number and the number of all.
pub async fn suite(device: &Device, breathe: impl AsyncFnMut(usize, usize)) -> Vec<Section> {
    sections(device, &DeviceClass::FOUND, breathe).await
}

async fn sections(
    device: &Device,
    classes: &[DeviceClass],
    mut breathe: impl AsyncFnMut(usize, usize),
) -> Vec<Section> {
    let target = Target { device: device.clone(), launch: Launch::default() };
    let plans: Vec<(Operation, Option<DeviceClass>)> = Operation::ALL
        .into_iter()
        .flat_map(|operation| operation.plans(classes).into_iter().map(move |plan| (operation, plan)))
        .collect();
    let mut sections = Vec::with_capacity(plans.len());
    for (number, &(operation, plan)) in plans.iter().enumerate() {
        let launch = plan.map_or(target.launch, |class| target.launch.for_class(class));
        let outcomes = operation.outcomes(&Target { launch, ..target.clone() }).await;
        sections.push(Section { plan, outcomes });
        breathe(number + 1, plans.len()).await;
    }
    sections
}

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Adam,
    AddEnlarged,
    Batch,
    BatchNorm,
    Conv2d,
    DiffAugment,
    Dropout,
    LeakyRelu,
    Linear,
    Losses,
    Overwrite,
    Pack,
    Projection,
    SelfLabel,
    SpectralNorm,
    Tanh,
}

impl Operation {
    const ALL: [Self; 16] = [
        Self::Adam,
        Self::AddEnlarged,
        Self::Batch,
        Self::BatchNorm,
        Self::Conv2d,
        Self::DiffAugment,
        Self::Dropout,
        Self::LeakyRelu,
        Self::Linear,
        Self::Losses,
        Self::Overwrite,
        Self::Pack,
        Self::Projection,
        Self::SelfLabel,
        Self::SpectralNorm,
        Self::Tanh,
    ];

    /// The classes, of those that are asked for, whose kernels are different. What only puts values back into their
    /// places is not in the suite.
    fn plans(self, classes: &[DeviceClass]) -> Vec<Option<DeviceClass>> {
        let found = || classes.iter().copied().filter(|class| DeviceClass::FOUND.contains(class));
        match self {
            Self::Conv2d => classes.iter().copied().map(Some).collect(),
            Self::Batch | Self::BatchNorm | Self::Linear => found().map(Some).collect(),
            Self::Overwrite => Vec::new(),
            _ => vec![None],
        }
    }

    /// The results of the cases in the suite.
    async fn outcomes(self, target: &Target) -> Vec<Outcome> {
        match self {
            Self::Adam => adam::check::suite(target).await,
            Self::AddEnlarged => add_enlarged::check::suite(target).await,
            Self::Batch => batch::check::suite(target).await,
            Self::BatchNorm => batch_norm::check::suite(target).await,
            Self::Conv2d => conv2d::check::suite(target).await,
            Self::DiffAugment => diff_augment::check::suite(target).await,
            Self::Dropout => dropout::check::suite(target).await,
            Self::LeakyRelu => leaky_relu::check::suite(target).await,
            Self::Linear => linear::check::suite(target).await,
            Self::Losses => losses::check::suite(target).await,
            Self::Overwrite => Vec::new(),
            Self::Pack => pack::check::suite(target).await,
            Self::Projection => projection::check::suite(target).await,
            Self::SelfLabel => self_label::check::suite(target).await,
            Self::SpectralNorm => spectral_norm::check::suite(target).await,
            Self::Tanh => tanh::check::suite(target).await,
        }
    }

    /// The results of all cases, with the kernels of each class where these differ.
    async fn check(self, target: &Target) -> Vec<Outcome> {
        match self {
            Self::Adam => adam::check::check(target).await,
            Self::AddEnlarged => add_enlarged::check::check(target).await,
            Self::Batch => for_software_and_gpus(target, batch::check::check).await,
            Self::BatchNorm => for_software_and_gpus(target, batch_norm::check::check).await,
            Self::Conv2d => [conv2d::check::check(target).await, conv2d::check::check_parts(target).await].concat(),
            Self::DiffAugment => diff_augment::check::check(target).await,
            Self::Dropout => dropout::check::check(target).await,
            Self::LeakyRelu => leaky_relu::check::check(target).await,
            Self::Linear => linear::check::check(target).await,
            Self::Losses => losses::check::check(target).await,
            Self::Overwrite => overwrite::check::check(target).await,
            Self::Pack => pack::check::check(target).await,
            Self::Projection => projection::check::check(target).await,
            Self::SelfLabel => self_label::check::check(target).await,
            Self::SpectralNorm => spectral_norm::check::check(target).await,
            Self::Tanh => tanh::check::check(target).await,
        }
    }
}

/// Batches and statistics have one set of kernels for software, and one for all GPUs.
async fn for_software_and_gpus(target: &Target, check: impl AsyncFn(&Target) -> Vec<Outcome>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for target in target.for_classes(&[DeviceClass::Software, DeviceClass::Discrete]) {
        outcomes.extend(check(&target).await);
    }
    outcomes
}
