//! The Inception network beside that of pytorch-fid, with weights and images from the same formulas.

mod adapter;

use std::collections::{BTreeMap, HashMap};

use burn::tensor::Device;
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;
use slgan::data::{ImageShape, Images};
use slgan::eval::Extractor;
use slgan::eval::inception::{CLASSES, FEATURES, InceptionError, LayerShape, Resize, layers};
use slgan::kernels::class::DeviceClass;

#[derive(Deserialize)]
struct Reference {
    names: usize,
    stride: usize,
    count: usize,
    size: usize,
    pytorch: Outputs,
    tensorflow: Outputs,
}

#[derive(Deserialize)]
struct Outputs {
    features: Vec<f32>,
    logits: Vec<f32>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/inception.json")).expect("the reference file parses")
}

/// Bijective hash of 32-bit integers (lowbias32).
fn scramble(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7FEB_352D);
    x = (x ^ (x >> 15)).wrapping_mul(0x846C_A68B);
    x ^ (x >> 16)
}

/// The shape of every tensor, by name.
fn shapes() -> BTreeMap<String, Vec<usize>> {
    let mut shapes = BTreeMap::new();
    for LayerShape { name, shape } in layers() {
        shapes.insert(format!("{name}.conv.weight"), shape.to_vec());
        for field in ["weight", "bias", "running_mean", "running_var"] {
            shapes.insert(format!("{name}.bn.{field}"), vec![shape[0]]);
        }
    }
    shapes.insert("fc.weight".to_owned(), vec![CLASSES, FEATURES]);
    shapes.insert("fc.bias".to_owned(), vec![CLASSES]);
    shapes
}

/// The numbers of the tensor at a place in the order of names.
fn values(seed: u32, name: &str, shape: &[usize]) -> Vec<f32> {
    let fan_in: usize = shape[1..].iter().product();
    let value = |index: u32| {
        let uniform = f64::from(scramble(seed.wrapping_mul(1_000_003).wrapping_add(index)) % 1024) / 1024.0;
        match () {
            () if name.ends_with("running_var") => 0.5 + uniform,
            () if name.ends_with("bn.weight") => 0.75 + uniform / 2.0,
            () if shape.len() == 1 => (uniform - 0.5) / 2.0,
            () => (uniform - 0.5) * (24.0 / fan_in as f64).sqrt(),
        }
    };
    (0..shape.iter().product::<usize>() as u32).map(|index| value(index) as f32).collect()
}

/// A safetensors file with these weights, changed by `change`.
fn file(change: impl Fn(&str, &mut Vec<usize>, &mut Vec<f32>)) -> Vec<u8> {
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = shapes()
        .into_iter()
        .enumerate()
        .map(|(seed, (name, mut shape))| {
            let mut numbers = values(seed as u32, &name, &shape);
            change(&name, &mut shape, &mut numbers);
            let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).expect("as many bytes as the shape says"))
    });
    safetensors::serialize(views, None::<HashMap<String, String>>).expect("a safetensors file")
}

fn load(bytes: &[u8], resize: Resize) -> Result<Extractor, InceptionError> {
    Extractor::inception(bytes, resize, &Device::flex(), DeviceClass::Software)
}

/// Images with the pixels of the formula.
fn images(reference: &Reference) -> Images {
    let shape = ImageShape { channels: 3, size: reference.size };
    let pixels = (0..(reference.count * shape.bytes()) as u32).map(|index| (scramble(index) % 256) as u8).collect();
    Images { shape, pixels }
}

/// Compares features and logits on a device; errors count as shares of the largest expected value.
fn compare(file: &[u8], resize: Resize, reference: &Reference, expected: &Outputs, device: &Device, most: f32) {
    let Reference { stride, count, .. } = *reference;
    let extractor = Extractor::inception(file, resize, device, DeviceClass::Software).expect("the weights fit");
    assert!(extractor.note().is_some_and(|note| note.contains("not the published file")), "weights of a formula");
    let found = pollster::block_on(extractor.read(&images(reference), device)).expect("the device can be read");
    assert_eq!((found.features.len(), found.logits.len()), (count * FEATURES, count * CLASSES));
    for (found, expected) in [(found.features, &expected.features), (found.logits, &expected.logits)] {
        let found: Vec<f32> = found.into_iter().step_by(stride).collect();
        assert_eq!(found.len(), expected.len());
        let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
            let error = (found - expected).abs();
            assert!(error < most * largest, "{resize}, place {place}: found {found}, expected {expected}");
        }
    }
}

#[test]
fn features_and_logits_agree_with_pytorch_fid_for_both_resizes() {
    let reference = reference();
    assert_eq!(reference.names, shapes().len());
    let file = file(|_, _, _| ());
    for (resize, expected) in [(Resize::PyTorch, &reference.pytorch), (Resize::TensorFlow, &reference.tensorflow)] {
        compare(&file, resize, &reference, expected, &Device::flex(), 1e-4);
    }
}

/// Compiling the shapes of 94 layers takes a software adapter a minute and a half, and their kernels are tested by
/// themselves. So this runs only with `SLGAN_EXHAUSTIVE=1`.
#[test]
fn an_adapter_agrees_too() {
    if std::env::var_os("SLGAN_EXHAUSTIVE").is_none() {
        eprintln!("not run without SLGAN_EXHAUSTIVE=1");
        return;
    }
    let Some(device) = adapter::first() else { return };
    let reference = reference();
    compare(&file(|_, _, _| ()), Resize::PyTorch, &reference, &reference.pytorch, &device, 1e-3);
}

#[test]
fn files_of_other_networks_are_refused_by_the_name_of_a_tensor() {
    let error = |bytes: &[u8]| load(bytes, Resize::PyTorch).map(|_| ()).expect_err("another network").to_string();
    // torchvision's own network has 1,000 classes.
    let classes = file(|name, shape, numbers| {
        if name.starts_with("fc.") {
            numbers.truncate(numbers.len() / CLASSES * 1_000);
            shape[0] = 1_000;
        }
    });
    let classes = error(&classes);
    assert!(classes.contains("`fc.weight`: expected [1008, 2048], found [1000, 2048]"), "{classes}");
    let damaged = error(&file(|name, _, numbers| {
        if name == "Mixed_6c.branch_pool.bn.bias" {
            numbers[7] = f32::NAN;
        }
    }));
    assert!(damaged.contains("`Mixed_6c.branch_pool.bn.bias`: expected finite numbers, found NaN"), "{damaged}");
    let other = error(include_bytes!("fixtures/torch_zip.pth"));
    assert!(other.contains("no such tensor; this is a file of another network"), "{other}");
    assert!(error(b"text").contains("torch.save"));
}
