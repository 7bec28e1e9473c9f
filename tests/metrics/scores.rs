//! What `reference/scores.json` holds: results of pytorch-fid and torch-fidelity.

use serde::Deserialize;
use slgan::metrics::*;

use crate::inputs::{assert_close, features};

#[derive(Deserialize)]
struct Reference {
    frechet: Vec<FrechetCase>,
    kernel: Vec<KernelCase>,
    inception: Vec<InceptionCase>,
}

/// The two sets of features of a case.
#[derive(Deserialize)]
struct Pair {
    dim: u32,
    counts: [u32; 2],
    scales: [u32; 2],
    seeds: [u32; 2],
}

impl Pair {
    fn features(&self) -> [Vec<f32>; 2] {
        [0, 1].map(|side| features(self.seeds[side], self.counts[side], self.dim, self.scales[side]))
    }

    fn name(&self) -> String {
        format!("{:?} samples of dimension {}", self.counts, self.dim)
    }
}

#[derive(Deserialize)]
struct FrechetCase {
    #[serde(flatten)]
    pair: Pair,
    pytorch_fid: f64,
    torch_fidelity: f64,
}

#[derive(Deserialize)]
struct KernelCase {
    #[serde(flatten)]
    pair: Pair,
    subsets: Vec<SubsetPair>,
    mean: f64,
    deviation: f64,
    of_first_rows: f64,
}

#[derive(Deserialize)]
struct InceptionCase {
    seed: u32,
    count: u32,
    classes: u32,
    sharpness: u32,
    splits: usize,
    mean: f64,
    deviation: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/scores.json")).expect("the reference file parses")
}

#[test]
fn frechet_distance_agrees_with_pytorch_fid_and_torch_fidelity() {
    let cases = reference().frechet;
    assert_eq!(cases.len(), 4);
    for FrechetCase { pair, pytorch_fid, torch_fidelity } in cases {
        let fit = |rows: &Vec<f32>| GaussianStats::from_features(rows, pair.dim as usize).expect("finite features");
        let [first, second] = pair.features().each_ref().map(fit);
        let found = frechet_distance(&first, &second).expect("equal dimensions");
        assert_close(found, pytorch_fid, 1e-6, &format!("{}, pytorch-fid", pair.name()));
        assert_close(found, torch_fidelity, 1e-6, &format!("{}, torch-fidelity", pair.name()));
    }
}

#[test]
fn kernel_distance_agrees_with_torch_fidelity() {
    let cases = reference().kernel;
    assert_eq!(cases.len(), 3);
    for KernelCase { pair, subsets, mean, deviation, of_first_rows } in cases {
        let dim = pair.dim as usize;
        let set = |rows: &[f32]| KernelFeatures::new(rows, dim).expect("finite features");
        let [first, second] = pair.features();
        let found = kernel_distance_of_subsets(&set(&first), &set(&second), &subsets).expect("equal dimensions");
        assert_close(found.mean, mean, 1e-10, &pair.name());
        assert_close(found.deviation, deviation, 1e-10, &pair.name());
        let length = first.len().min(second.len());
        let found = kernel_distance(&set(&first[..length]), &set(&second[..length])).expect("equal dimensions");
        assert_close(found, of_first_rows, 1e-10, &format!("{}, the first rows", pair.name()));
    }
}

#[test]
fn inception_score_agrees_with_torch_fidelity() {
    let cases = reference().inception;
    assert_eq!(cases.len(), 5);
    for InceptionCase { seed, count, classes, sharpness, splits, mean, deviation } in cases {
        let logits = crate::inputs::logits(seed, count, classes, sharpness);
        let found = inception_score(&logits, classes as usize, splits).expect("finite logits");
        let name = format!("{count} images in {splits} parts, {classes} classes");
        assert_close(found.mean, mean, 1e-10, &name);
        assert_close(found.deviation, deviation, 1e-10, &name);
    }
}
