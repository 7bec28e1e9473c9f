//! The kernel distance, against its definition and its own invariances.

use slgan::metrics::*;

use crate::inputs::{assert_close, features};

fn set(features: &[f32], dim: usize) -> KernelFeatures {
    KernelFeatures::new(features, dim).expect("finite features")
}

/// The definition, with every pair of different rows.
fn by_definition(first: &[f32], second: &[f32], dim: usize) -> f64 {
    let [first, second] = [first, second].map(|set| set.chunks_exact(dim).collect::<Vec<_>>());
    let kernel = |a: &[f32], b: &[f32]| {
        let product: f64 = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        (product / dim as f64 + 1.0).powi(3)
    };
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let within = |set: &[&[f32]]| {
        let pairs = (0..set.len()).flat_map(|i| (0..set.len()).filter(move |&j| j != i).map(move |j| (i, j)));
        mean(pairs.map(|(i, j)| kernel(set[i], set[j])).collect())
    };
    let across = first.iter().flat_map(|a| second.iter().map(|b| kernel(a, b))).collect();
    within(&first) + within(&second) - 2.0 * mean(across)
}

#[test]
fn it_agrees_with_its_definition_for_sets_of_any_size() {
    for (dim, counts, scales) in [(1, [2, 2], [1, 1]), (3, [31, 17], [2, 1]), (9, [12, 45], [1, 2])] {
        let [first, second] = [0, 1].map(|side| features(60 + side as u32, counts[side], dim, scales[side]));
        let dim = dim as usize;
        let found = kernel_distance(&set(&first, dim), &set(&second, dim)).expect("equal dimensions");
        assert_close(found, by_definition(&first, &second, dim), 1e-11, &format!("{counts:?} of dimension {dim}"));
        let swapped = kernel_distance(&set(&second, dim), &set(&first, dim)).expect("equal dimensions");
        assert_close(swapped, found, 1e-12, "swapped");
    }
}

#[test]
fn it_is_not_biased_for_few_images() {
    // Parts of one set stand for equal distributions; with ten rows each, a biased estimate would be far above 0.
    let rows = |scale| set(&features(4, 800, 16, scale), 16);
    let all = rows(1);
    let subsets: Vec<SubsetPair> =
        (0..40).map(|i| [(20 * i..20 * i + 10).collect(), (20 * i + 10..20 * i + 20).collect()]).collect();
    let Spread { mean, deviation } = kernel_distance_of_subsets(&all, &all, &subsets).expect("equal dimensions");
    assert!(mean.abs() < 3.0 * deviation / 40.0_f64.sqrt(), "{mean} +- {deviation}");
    let far = kernel_distance(&all, &rows(2)).expect("equal dimensions");
    assert!(far > 10.0 * mean.abs(), "{far}");
}

#[test]
fn bad_features_are_refused() {
    let error = |features: &[f32], dim| KernelFeatures::new(features, dim).expect_err("bad features");
    assert_eq!(error(&[1.0; 7], 2), FeaturesError::Ragged { len: 7, dim: 2 });
    assert_eq!(error(&[1.0; 2], 2), FeaturesError::TooFewSamples { least: 2, count: 1 });
    assert_eq!(error(&[1.0, 2.0, f32::NAN, 4.0], 2), FeaturesError::NonFinite { row: 1, column: 0 });
    let error = kernel_distance(&set(&[1.0; 4], 2), &set(&[1.0; 6], 3)).expect_err("dimensions differ");
    assert_eq!(error, FeaturesError::DimensionMismatch { left: 2, right: 3 });
}
