//! A bundle of an older version still labels as it did, on the CPU backend and on an adapter.

mod adapter;

use burn::tensor::Device;
use slgan::data::glyphs::{self, TEST_COUNT, TRAIN_COUNT};
use slgan::labels::{Labeler, Prediction};
use slgan::train::bundle;

/// Its accuracy after training, on all held-out digits and on the digits that pass the gate. The tolerance is two of
/// 2,000 digits.
const ACCURACY: f64 = 0.932;
const GATED_ACCURACY: f64 = 0.970;
const TOLERANCE: f64 = 1e-3;

fn labels_as_it_did(device: &Device) {
    let bundle = bundle::read(include_bytes!("older/digits.slgan"), device).expect("a bundle of this program");
    let (config, cells) = (&bundle.header.config, bundle.header.subject.cells);
    let labeler = Labeler {
        teacher: &bundle.teacher,
        cells,
        tau: config.gate.tau,
        prior_correction: config.classifier.prior_correction,
    };
    let held_out = TRAIN_COUNT..TRAIN_COUNT + TEST_COUNT;
    let images = glyphs::split(held_out.clone()).images;
    let predictions = pollster::block_on(labeler.label(&images, device, async || {})).expect("the device can be read");
    assert_eq!(predictions.len() as u64, TEST_COUNT);
    let right = |(prediction, index): (&Prediction, u64)| prediction.class == Some(glyphs::label(index).into());
    let share = |gated_alone: bool| {
        let counted = || {
            predictions.iter().zip(held_out.clone()).filter(|(prediction, _)| prediction.passes_gate || !gated_alone)
        };
        counted().filter(|pair| right(*pair)).count() as f64 / counted().count() as f64
    };
    for (found, expected) in [(share(false), ACCURACY), (share(true), GATED_ACCURACY)] {
        assert!((found - expected).abs() < TOLERANCE, "the accuracy is {found}, not {expected}");
    }
}

#[test]
fn it_labels_as_it_did_on_the_cpu() {
    labels_as_it_did(&Device::flex());
}

#[test]
fn it_labels_as_it_did_on_an_adapter() {
    if let Some(device) = adapter::first() {
        labels_as_it_did(&device);
    }
}
