use burn::tensor::Tensor;
use slgan::kernels::conv2d::{ConvShape, conv2d_with};
use slgan::kernels::launch::Launch;
use slgan::kernels::launches::submitted;

use super::*;
use crate::bench::adapter::alone;

const CARD: Card = Card { name: "card", gflops: 1_000.0, gbps: 100.0, units: 10 };

fn launched(groups: usize) -> Launched {
    let constants = [
        ("BATCH", 2),
        ("INPUTS", 3),
        ("IN_HEIGHT", 8),
        ("IN_WIDTH", 8),
        ("OUTPUTS", 4),
        ("OUT_HEIGHT", 8),
        ("OUT_WIDTH", 8),
        ("KERNEL", 3),
        ("STRIDE", 1),
    ];
    Launched {
        name: "conv2d_forward",
        constants: constants.to_vec(),
        groups: [groups, 1, 1],
        bytes: vec![1_536, 432, 16, 2_048],
    }
}

#[test]
fn a_convolution_costs_what_its_sizes_say() {
    let kernel = Kernel::new(&launched(20), 3, CARD);
    // Two operations for each of 2 * 4 * 64 outputs, 3 inputs and 9 taps.
    assert_eq!(kernel.flops, 27_648);
    assert_eq!(kernel.bytes, 4_032);
    assert!((kernel.microseconds - 0.040_32).abs() < 1e-9, "{kernel:?}");
    assert_eq!(kernel.bound, "bandwidth");
}

#[test]
fn winograds_convolution_takes_four_ninths_of_the_operations() {
    let constants = [("BATCH", 2), ("INPUTS", 3), ("HEIGHT", 8), ("WIDTH", 8), ("OUTPUTS", 4), ("SLICES", 2)];
    let (groups, bytes) = ([1, 1, 1], vec![1_536]);
    let winograd = Launched { name: "conv2d_winograd", constants: constants.to_vec(), groups, bytes };
    assert_eq!(9 * flops(&winograd), 4 * flops(&launched(1)));
    let transform = Launched { name: "conv2d_winograd_weights", ..winograd };
    assert_eq!(flops(&transform), 0);
}

#[test]
fn a_batch_reads_its_own_images_alone() {
    let constants = vec![("BATCH", 2), ("CHANNELS", 3), ("SIZE", 32)];
    let launched = Launched { name: "batch", constants, groups: [24, 1, 1], bytes: vec![24_576, 1 << 30, 8] };
    assert_eq!(Kernel::new(&launched, 1, CARD).bytes, 5 * 6_144);
}

#[test]
fn few_workgroups_leave_units_idle() {
    let kernels = grouped(&[launched(5), launched(20), launched(5)], CARD);
    assert_eq!(kernels.iter().map(|kernel| kernel.launches).collect::<Vec<_>>(), [2, 1]);
    assert!((kernels[0].microseconds - 2.0 * kernels[1].microseconds).abs() < 1e-12);
    assert_eq!(kernels[0].bound, "bandwidth, few workgroups");
}

/// A slow integrated GPU, of 0.4 TFLOP/s and 30 GB/s, that reaches a fifth of its peaks. Windows resets a device
/// that does not answer for two seconds.
const SLOW: Card = Card { name: "slow", gflops: 400.0 / 5.0, gbps: 30.0 / 5.0, units: 1 };

#[test]
fn no_launch_takes_a_slow_device_half_a_second() {
    let _alone = alone();
    for preset in ["tiny", "small", "cifar"] {
        let model = Model::of(preset, SLOW, DeviceClass::Integrated).unwrap();
        let longest = model.kernels.iter().max_by(|one, other| one.microseconds.total_cmp(&other.microseconds));
        assert!(longest.is_some_and(|kernel| kernel.microseconds < 500_000.0), "{preset}: {longest:?}");
    }
}

/// A device that answers only between submissions, too, has to answer in time.
#[test]
fn no_submission_takes_a_slow_device_two_seconds() {
    let _alone = alone();
    let config = Config::from_layers(&[Layer::from_flag("--preset", "preset", "cifar")]).unwrap();
    let task = Task::new(config, glyphs().unwrap()).unwrap().on(DeviceClass::Integrated);
    let mut runner = Runner::new(&task, &noop::open().unwrap(), Implementation::Ours);
    let ((step, submissions), calls) = calls::count(|| submitted(|| runner.step()));
    step.unwrap();
    let milliseconds = |launches: &Vec<Launched>| {
        launches.iter().map(|launched| Kernel::new(launched, 1, SLOW).microseconds).sum::<f64>() / 1e3
    };
    let times: Vec<f64> = submissions.iter().map(milliseconds).collect();
    assert!(times.iter().sum::<f64>() > 30_000.0, "the whole step takes longer: {times:?}");
    assert!(times.iter().all(|&time| time < 2_000.0), "{times:?}");
    assert!(calls.submissions >= submissions.len() as u64, "{} of {}", calls.submissions, submissions.len());
}

/// What the convolutions submit reaches the device: it does not only end a list.
#[test]
fn convolutions_submit_what_is_queued() {
    let _alone = alone();
    let device = noop::open().unwrap();
    let submissions = |class| {
        let x = Tensor::<4>::ones([8, 64, 8, 8], &device);
        let weight = Tensor::<4>::ones([64, 64, 3, 3], &device);
        let bias = Tensor::<1>::ones([64], &device);
        let launch = Launch::of(class).in_parts();
        let (_, calls) = calls::count(|| {
            let y = conv2d_with(x, weight, bias, ConvShape { stride: 1, enlarge: false }, launch);
            device.sync().map(|()| y).unwrap()
        });
        calls.submissions
    };
    let [at_once, in_pieces] = [DeviceClass::Software, DeviceClass::Integrated].map(submissions);
    // With these low bounds, each of the eight images is too much for one submission.
    assert!(in_pieces >= at_once + 7, "{at_once} and {in_pieces}");
}

/// Each launch takes time on the host, and ends in a barrier on the device.
#[test]
fn a_step_has_few_launches() {
    let _alone = alone();
    for (preset, most) in [("tiny", 180), ("small", 220)] {
        let model = Model::of(preset, CARDS[0], noop::CLASS).unwrap();
        let ours: u64 = model.kernels.iter().map(|kernel| kernel.launches).sum();
        let count = ours + model.other_launches;
        assert!((100..=most).contains(&count), "{preset}: {ours} and {}", model.other_launches);
    }
}

/// What has too few workgroups for a large GPU is small: its sums are too short for more shares.
#[test]
fn large_convolutions_have_enough_workgroups() {
    let _alone = alone();
    for preset in ["small", "cifar"] {
        let Model { kernels, gflop, .. } = Model::of(preset, CARDS[0], noop::CLASS).unwrap();
        let is_tiled = |kernel: &&Kernel| kernel.name.starts_with("conv2d_tiled") && kernel.flops > 0;
        let (few, enough): (Vec<&Kernel>, Vec<&Kernel>) =
            kernels.iter().filter(is_tiled).partition(|kernel| kernel.workgroups < 512);
        assert!(few.len() < enough.len() / 3, "{preset}: {} and {}", few.len(), enough.len());
        let flops: u64 = few.iter().map(|kernel| kernel.launches * kernel.flops).sum();
        assert!((flops as f64) < 0.02 * 1e9 * gflop, "{preset}: {flops} of {gflop} GFLOP");
    }
}

#[test]
fn a_step_lists_every_launch() {
    let _alone = alone();
    let model = Model::of("tiny", CARDS[0], noop::CLASS).unwrap();
    let ours: u64 = model.kernels.iter().map(|kernel| kernel.launches).sum();
    assert!(ours > 100 && model.other_launches < ours, "{ours} and {}", model.other_launches);
    // Counted by hand from the shapes of the networks: between one and three billion operations.
    assert!((1.0..4.0).contains(&model.gflop), "{}", model.gflop);
}
