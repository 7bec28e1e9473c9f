//! The kernels of an operation have its name, and no other operation launches them.

use std::collections::BTreeSet;

use crate::files::{files, folders, text};
use crate::wgsl;

const KERNELS: &str = "src/kernels";
/// The program's bench has kernels that are not operations. It includes their files itself.
const BENCH: &str = "native/src/bench/ceilings";
const OF_BENCH: &str = "ceilings_";

/// The folder below `src/kernels` that a file is in.
pub fn room(file: &str) -> &str {
    let inside = file.trim_start_matches(KERNELS).trim_start_matches('/');
    inside.split_once('/').map_or("", |(folder, _)| folder)
}

/// The folders of `src/kernels`.
pub fn rooms() -> BTreeSet<String> {
    folders(KERNELS, &[]).iter().map(|folder| room(&format!("{folder}/")).to_owned()).collect()
}

/// The shaders that each file of `src/kernels` launches.
fn launches() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in files(KERNELS, ".rs") {
        let text = text(&file);
        let names = text.split("shader!(\"").skip(1).filter_map(|rest| rest.split_once('"'));
        found.extend(names.map(|(name, _)| (file.clone(), name.to_owned())));
    }
    found
}

/// The operation with the longest name that a shader's name equals or begins with.
pub fn operation<'a>(rooms: &'a BTreeSet<String>, shader: &str) -> Option<&'a str> {
    let has_name = |room: &&String| shader == room.as_str() || shader.starts_with(&format!("{room}_"));
    rooms.iter().filter(has_name).max_by_key(|room| room.len()).map(String::as_str)
}

#[test]
fn every_shader_is_launched_in_the_folder_of_its_name() {
    let rooms = rooms();
    let launches = launches();
    let astray: Vec<String> = launches
        .iter()
        .filter(|(file, shader)| operation(&rooms, shader) != Some(room(file)))
        .map(|(file, shader)| format!("{file}: {shader} does not have the name of the folder"))
        .collect();
    assert!(astray.is_empty(), "{}", astray.join("\n"));

    let launched: BTreeSet<&str> = launches.iter().map(|(_, shader)| shader.as_str()).collect();
    let shaders = wgsl::shaders();
    let kernels: BTreeSet<&str> =
        shaders.keys().map(String::as_str).filter(|name| !name.starts_with(OF_BENCH)).collect();
    assert_eq!(launched, kernels, "launched shaders, and existing shaders");
}

#[test]
fn the_bench_includes_its_own_shaders() {
    let texts: Vec<String> = files(BENCH, ".rs").iter().map(|file| text(file)).collect();
    let shaders = wgsl::shaders();
    let own: Vec<&String> = shaders.keys().filter(|name| name.starts_with(OF_BENCH)).collect();
    assert!(!own.is_empty(), "no shader of the bench begins with {OF_BENCH}");
    for name in own {
        let include = format!("shaders/{name}.wgsl\")");
        assert!(texts.iter().any(|text| text.contains(&include)), "{BENCH} does not include {name}.wgsl");
    }
}

#[test]
fn the_longest_name_decides() {
    let rooms = BTreeSet::from(["batch".to_owned(), "batch_norm".to_owned()]);
    assert_eq!(operation(&rooms, "batch"), Some("batch"));
    assert_eq!(operation(&rooms, "batch_norm_relu"), Some("batch_norm"));
    assert_eq!(operation(&rooms, "batches"), None);
    assert_eq!(room("src/kernels/conv2d/cpu/window.rs"), "conv2d");
    assert_eq!(room("src/kernels/launch.rs"), "");
}
