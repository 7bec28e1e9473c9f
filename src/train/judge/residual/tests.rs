//! A judge of pictures that are easy to tell apart, in memory and in a file.

use burn::tensor::Device;
use pollster::block_on;

use super::*;
use crate::data::{Dataset, ImageShape, Images, Split};
use crate::kernels::class::DeviceClass;
use crate::nn::RESIDUAL_FEATURES;
use crate::rng::{Purpose, stream};
use crate::train::judge::JudgeError;
use crate::train::tensors::{NamedTensors, Precision};

const SHAPE: ImageShape = ImageShape { channels: 1, size: 28 };
const BRIEF: Recipe = Recipe { steps: 40, batch: 16, learning_rate: 3e-3, seed: 0 };

/// Pictures of noise, darker for class 0 and brighter for class 1; every third has no label.
fn split(count: usize, seed: u64) -> Split {
    let mut draws = stream(seed, Purpose::Test, 0);
    let class = |image: usize| image % 2;
    let pixel = |image: usize, draw: u32| (60 + 80 * class(image) as u32 + draw) as u8;
    let pixels = (0..count * SHAPE.bytes()).map(|place| pixel(place / SHAPE.bytes(), draws.below(60))).collect();
    let label = |image: usize| (image % 3 != 2).then_some(class(image) as u16);
    Split::new(Images { shape: SHAPE, pixels }, (0..count).map(label).collect())
}

fn data() -> Dataset {
    let class_names = ["dark", "bright"].map(str::to_owned).to_vec();
    Dataset { name: "folder".into(), class_names, train: split(90, 1), test: split(45, 2), notes: Vec::new() }
}

fn trained(data: &Dataset, recipe: &Recipe) -> Result<ResidualJudge, JudgeError> {
    block_on(train(data, recipe, (&Device::flex(), DeviceClass::Software), |_, _| ()))
}

#[test]
fn it_learns_and_a_file_keeps_what_it_learned() {
    let (data, device) = (data(), Device::flex());
    let mut reports = Vec::new();
    let report = |step: u64, loss: f32| reports.push((step, loss));
    let judge = block_on(train(&data, &BRIEF, (&device, DeviceClass::Software), report)).unwrap();
    assert_eq!(reports.iter().map(|report| report.0).collect::<Vec<_>>(), [40]);
    assert!(reports[0].1 < 0.5, "{reports:?}");
    let JudgeFacts { accuracy, held_out, image, steps, .. } = judge.facts;
    assert!(accuracy > 0.9, "{accuracy}");
    assert_eq!((held_out, image, steps), (30, SHAPE, 40));

    let file = block_on(judge.save()).unwrap();
    let loaded = ResidualJudge::load(&file, &device, DeviceClass::Software).unwrap();
    assert_eq!(loaded.facts, judge.facts);
    let read = |judge: &ResidualJudge| block_on(judge.read(&data.test.images, &device)).unwrap();
    let readings = read(&loaded);
    assert_eq!(readings, read(&judge));
    assert_eq!((readings.features.len(), readings.logits.len()), (45 * RESIDUAL_FEATURES, 45 * 2));
    assert!(readings.features.iter().all(|&feature| feature >= 0.0));
    let classes: Vec<usize> = readings.logits.chunks(2).map(class_of).collect();
    let right = classes.iter().enumerate().filter(|&(image, &class)| image % 3 != 2 && class == image % 2).count();
    assert_eq!(right as f64 / 30.0, accuracy);
}

#[test]
fn equal_calls_give_equal_bytes_and_another_seed_others() {
    let brief = Recipe { steps: 3, ..BRIEF };
    let file = |recipe: &Recipe| block_on(trained(&data(), recipe).unwrap().save()).unwrap();
    assert_eq!(file(&brief), file(&brief));
    assert_ne!(file(&brief), file(&Recipe { seed: 1, ..brief }));
}

#[test]
fn data_without_enough_labels_are_refused() {
    let error = |data: &Dataset| trained(data, &BRIEF).unwrap_err().to_string();
    let unlabelled = |split: &Split| Split::new(split.images.clone(), vec![None; split.len()]);
    let whole = data();
    let one_class = Split::new(whole.train.images.clone(), vec![Some(1); whole.train.len()]);
    for (data, counts) in [
        (Dataset { train: unlabelled(&whole.train), ..whole.clone() }, "found 0 and 30"),
        (Dataset { test: unlabelled(&whole.test), ..whole.clone() }, "found 60 and 0"),
        (Dataset { train: one_class, ..whole.clone() }, "found 90 and 30"),
    ] {
        let error = error(&data);
        assert!(error.contains("labels of at least two classes") && error.contains(counts), "{error}");
    }
}

#[test]
fn a_loss_that_is_not_finite_ends_training() {
    let error = trained(&data(), &Recipe { learning_rate: 1e30, ..BRIEF }).unwrap_err();
    assert!(matches!(error, JudgeError::Diverged { step: 40, .. }), "{error}");
}

#[test]
fn damaged_files_and_files_of_other_things_are_refused() {
    let device = Device::flex();
    let load = |file: &[u8]| ResidualJudge::load(file, &device, DeviceClass::Software).map(|_| ()).unwrap_err();
    let file = block_on(trained(&data(), &Recipe { steps: 1, ..BRIEF }).unwrap().save()).unwrap();
    for place in (0..file.len()).step_by(file.len() / 97) {
        let mut changed = file.clone();
        changed[place] ^= 4;
        load(&changed);
    }
    assert!(matches!(load(&file[..file.len() / 2]), JudgeFileError::Tensors(_)));
    assert!(matches!(load(b"pictures"), JudgeFileError::Tensors(_)));
    let other = block_on(NamedTensors::default().write(Precision::Single, Some(("format", "pt".to_owned()))));
    let error = load(&other.unwrap());
    assert!(matches!(error, JudgeFileError::NotAJudge), "{error}");
}
