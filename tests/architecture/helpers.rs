//! A function that many shaders use is in a file that they import. A few that read a shader's buffers are repeated in
//! two or three: these must be the same in all, or an exception here.

use std::collections::{BTreeMap, BTreeSet};

use crate::wgsl::{functions, own_texts, shared_texts};

/// Shaders that may have a function of the same name, at most.
const MOST: usize = 3;

/// A function that differs from its namesakes.
struct Exception {
    function: &'static str,
    shader: &'static str,
    difference: Difference,
}

/// How a function differs.
enum Difference {
    /// Only in these words: it is the same after replacing the first of each pair by the second.
    Words(&'static [(&'static str, &'static str)]),
    /// It has the same role in its kernel, but computes something else.
    Meaning,
}

const fn words(
    function: &'static str,
    shader: &'static str,
    pairs: &'static [(&'static str, &'static str)],
) -> Exception {
    Exception { function, shader, difference: Difference::Words(pairs) }
}

const fn meaning(function: &'static str, shader: &'static str) -> Exception {
    Exception { function, shader, difference: Difference::Meaning }
}

static EXCEPTIONS: [Exception; 17] = [
    // The backward passes of DiffAugment do not need all parameters, and read and write other tensors.
    words("change_of", "diff_augment_gradient", &[("Change(a.y", "Change(a.x, a.y")]),
    words("change_of", "diff_augment_mean", &[("Change(vec2", "Change(a.x, a.y, a.z, vec2")]),
    words("channels_at", "diff_augment_gradient", &[("gradient[", "images[")]),
    words("store", "diff_augment_gradient", &[("image_gradient[", "y[")]),
    // One tile of sums, in three matrix products: forward, input gradient and weight gradient.
    words("start", "conv2d_input_gradient", &[("let c", "let o"), ("[c.", "[o."), ("INPUTS", "OUTPUTS")]),
    words("weights", "conv2d_input_gradient", &[("columns.", "rows."), ("columns:", "rows:")]),
    words("read", "conv2d_input_gradient", &[("OUT_PLANE", "IN_PLANE"), ("y[", "x[")]),
    words(
        "write",
        "conv2d_input_gradient",
        &[("phase: u32, channel", "output"), ("phase, channel", "output"), ("channel < INPUTS", "output < OUTPUTS")],
    ),
    // Pixels of the input come in phases.
    meaning("see", "conv2d_input_gradient"),
    meaning("write_pixel", "conv2d_input_gradient"),
    // Its columns are taps and channels, not pixels.
    meaning("read", "conv2d_weight_gradient"),
    meaning("write", "conv2d_weight_gradient"),
    // The same in tiles: pixels of the input come in phases, and taps are a stride apart.
    words("load_pixels", "conv2d_tiled_input_gradient", &[("OUT_PLANE", "IN_PLANE"), ("y[", "x[")]),
    meaning("load_step", "conv2d_tiled_input_gradient"),
    meaning("next_step", "conv2d_tiled_input_gradient"),
    meaning("source_of", "conv2d_tiled_input_gradient"),
    meaning("write_rows", "conv2d_tiled_input_gradient"),
];

/// The functions that several shaders have: for each name, the shaders and the texts.
fn repeated() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (shader, text) in own_texts() {
        for (name, body) in functions(&text) {
            found.entry(name).or_default().insert(shader.clone(), body);
        }
    }
    found.retain(|_, texts| texts.len() > 1);
    found
}

fn exception(function: &str, shader: &str) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|exception| exception.function == function && exception.shader == shader)
}

/// The text that all shaders without an exception share.
fn common_text(function: &str, texts: &BTreeMap<String, String>) -> Result<String, String> {
    let plain = texts.iter().filter(|(shader, _)| exception(function, shader).is_none());
    let (names, distinct): (Vec<&str>, BTreeSet<&str>) =
        plain.map(|(shader, text)| (shader.as_str(), text.as_str())).unzip();
    match Vec::from_iter(distinct).as_slice() {
        [text] => Ok((*text).to_owned()),
        others => Err(format!("{function} has {} texts in {}", others.len(), names.join(", "))),
    }
}

/// What is wrong with an exception.
fn fault(exception: &Exception, text: &str, common: &str) -> Option<String> {
    let Exception { function, shader, .. } = exception;
    if text == common {
        return Some(format!("{function} of {shader} needs no exception"));
    }
    let Difference::Words(pairs) = exception.difference else { return None };
    let replaced = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(*from, to));
    (replaced != common).then(|| format!("{function} of {shader} differs in more than words:\n{replaced}\n{common}"))
}

#[test]
fn functions_of_many_shaders_are_shared() {
    let many: Vec<String> =
        repeated().into_iter().filter(|(_, texts)| texts.len() > MOST).map(|(name, _)| name).collect();
    assert!(many.is_empty(), "more than {MOST} shaders have {many:?}: these belong in shaders/shared/");
}

#[test]
fn shaders_do_not_repeat_what_is_shared() {
    let shared: BTreeSet<String> = shared_texts().values().flat_map(|text| functions(text).into_keys()).collect();
    assert!(shared.contains("settled"), "shared functions are found");
    for (shader, text) in own_texts() {
        let again: Vec<String> = functions(&text).into_keys().filter(|name| shared.contains(name)).collect();
        assert!(again.is_empty(), "{shader}.wgsl: {again:?} have names of shared functions: import them, or rename");
    }
}

#[test]
fn repeated_functions_are_the_same() {
    let repeated = repeated();
    assert!(repeated.contains_key("load_four"), "helpers are found");
    let mut failures = Vec::new();
    for (function, texts) in &repeated {
        match common_text(function, texts) {
            Ok(common) => failures
                .extend(texts.iter().filter_map(|(shader, text)| fault(exception(function, shader)?, text, &common))),
            Err(failure) => failures.push(failure),
        }
    }
    let stands = |exception: &&Exception| {
        repeated.get(exception.function).is_some_and(|texts| texts.contains_key(exception.shader))
    };
    let idle = EXCEPTIONS.iter().filter(|exception| !stands(exception));
    failures.extend(idle.map(|exception| format!("there is no {} of {}", exception.function, exception.shader)));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
