//! What commands make of a trained model: pictures, labels, and an exported model.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::io::{Cursor, Read};

use serde_json::Value;
use zip::ZipArchive;

use prost::Message;
use slgan::onnx::proto::ModelProto;

use common::files::{grid_size, names, png_size};
use common::{RESUME, TRAIN, Workplace};

/// Type, shape and data of a NumPy array in an archive.
fn array(archive: &[u8], name: &str) -> (String, Vec<usize>, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
    zip.by_name(&format!("{name}.npy")).unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let data = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!((data % 64, bytes[data - 1]), (0, b'\n'));
    let header = std::str::from_utf8(&bytes[10..data]).unwrap();
    let between = |from: &str, to: &str| header.split_once(from).unwrap().1.split_once(to).unwrap().0;
    assert!(header.contains("'fortran_order': False"), "{header}");
    let shape = between("'shape': (", ")").split(',').filter_map(|dim| dim.trim().parse().ok()).collect();
    (between("'descr': '", "'").to_owned(), shape, bytes[data..].to_vec())
}

#[test]
fn generated_images_have_the_requested_shapes() {
    let workplace = Workplace::with_run();
    workplace.run("generate run --device cpu --grid grid.png");
    assert_eq!(png_size(&workplace, "grid.png"), grid_size(10, 2));
    workplace.run("generate run --device cpu --grid row.png --count 3 --label 1 --truncation 0.5");
    assert_eq!(png_size(&workplace, "row.png"), grid_size(3, 1));
    workplace.run("generate run --device cpu --interpolate strips.png --count 5");
    assert_eq!(png_size(&workplace, "strips.png"), grid_size(5, 4));

    workplace.run("generate run --device cpu --images images --count 3");
    assert_eq!(names(&workplace.path("images")), ["00000-label-0.png", "00001-label-1.png", "00002-label-0.png"]);
    assert_eq!(png_size(&workplace, "images/00002-label-0.png"), (32, 32));

    workplace.run("generate run --device cpu --npz samples.npz --count 7");
    let archive = workplace.read("samples.npz");
    let (kind, shape, pixels) = array(&archive, "arr_0");
    assert_eq!((kind.as_str(), &shape[..], pixels.len()), ("|u1", &[7, 32, 32, 3][..], 7 * 32 * 32 * 3));
    let (kind, shape, labels) = array(&archive, "arr_1");
    let labels: Vec<i64> = labels.chunks_exact(8).map(|word| i64::from_le_bytes(word.try_into().unwrap())).collect();
    assert_eq!((kind.as_str(), shape, labels), ("<i8", vec![7], vec![0, 1, 0, 1, 0, 1, 0]));
    let (kind, shape, latents) = array(&archive, "latents");
    assert_eq!((kind.as_str(), shape, latents.len()), ("<f4", vec![7, 64], 7 * 64 * 4));
    // The archive and the folder hold the same images.
    let third = image::load_from_memory(&workplace.read("images/00002-label-0.png")).unwrap().to_rgb8();
    assert_eq!(third.as_raw()[..], pixels[2 * 32 * 32 * 3..][..32 * 32 * 3]);
}

#[test]
fn the_seed_decides_what_is_generated() {
    let workplace = Workplace::with_run();
    for (name, seed) in [("a", 0), ("b", 0), ("c", 1)] {
        workplace.run(&format!("generate run --device cpu --npz {name}.npz --count 3 --seed {seed}"));
    }
    let [a, b, c] = ["a", "b", "c"].map(|name| array(&workplace.read(&format!("{name}.npz")), "arr_0"));
    assert_eq!(a, b);
    assert_ne!(a, c);
}

#[test]
fn labels_are_a_table_with_one_row_per_image() {
    let workplace = Workplace::with_run();
    for (split, rows) in [("", 24), ("--split all", 24), ("--split train", 22), ("--split test", 2)] {
        workplace.run(&format!("label run --device cpu --data folder:pictures {split} --out labels.csv"));
        let mut table = csv::Reader::from_reader(Cursor::new(workplace.read("labels.csv")));
        assert_eq!(table.headers().unwrap(), vec!["image", "label", "class", "confidence", "passes_gate"]);
        let records: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), rows);
        assert!(records.is_sorted_by_key(|record| record[0].to_owned()), "pictures are in the order of their paths");
        for record in &records {
            assert!(workplace.path("pictures").join(&record[0]).is_file(), "{record:?}");
            let class = ["a", "b"][record[1].parse::<usize>().unwrap()];
            let confidence: f64 = record[3].parse().unwrap();
            assert_eq!(&record[2], class);
            assert!((0.5..=1.0).contains(&confidence), "{record:?}");
            assert_eq!(record[4].parse::<bool>().unwrap(), confidence >= 0.9, "{record:?}");
        }
    }
}

#[test]
fn a_model_without_classes_labels_without_classes() {
    let workplace = Workplace::with_run();
    workplace.run(&format!("{TRAIN} --data folder:pictures --labels none --steps 2 --out bare"));
    workplace.run("label bare --device cpu --data folder:pictures --out labels.csv");
    let mut table = csv::Reader::from_reader(Cursor::new(workplace.read("labels.csv")));
    let records: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 24);
    assert!(records.iter().all(|record| record[2].is_empty()));
}

#[test]
fn an_exported_model_is_a_safetensors_file() {
    let workplace = Workplace::with_run();
    workplace.run("export run --out model.slgan");
    let bytes = workplace.read("model.slgan");
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let header: Value = serde_json::from_str(&metadata.metadata().as_ref().unwrap()["slgan"]).unwrap();
    assert_eq!(header["step"], 2);
    assert!(bytes.len() < workplace.read("run/checkpoints/step-00000002/state.safetensors").len() / 4);
}

#[test]
fn networks_are_exported_as_onnx() {
    let workplace = Workplace::with_run();
    let (stdout, _) = workplace.run("export run --onnx generator");
    assert!(stdout.starts_with("run/generator.onnx: "), "{stdout}");
    workplace.run("export run --onnx teacher --out teacher.onnx");
    for (file, network, outputs) in
        [("run/generator.onnx", "generator", ["images"]), ("teacher.onnx", "teacher", ["probabilities"])]
    {
        let model = ModelProto::decode(workplace.read(file).as_slice()).unwrap();
        let entry = |key: &str| model.metadata_props.iter().find(|entry| entry.key == key).unwrap().value.clone();
        assert_eq!((entry("network"), entry("step")), (network.to_owned(), "2".to_owned()));
        assert_eq!(entry("class_names"), r#"["a","b"]"#);
        let graph = model.graph.unwrap();
        assert_eq!(graph.output.iter().map(|info| info.name.as_str()).collect::<Vec<_>>(), outputs);
    }
    // A run folder with an exported network is still one.
    workplace.run(RESUME);
}

#[test]
fn a_run_without_a_teacher_says_so() {
    let workplace = Workplace::with_run();
    let bare = "--labels none --set classifier.generated_weight=0 --steps 2 --out bare";
    workplace.run(&format!("{TRAIN} --data folder:pictures {bare}"));
    workplace.refuses("export bare --onnx teacher", 2, &["bare", "there is no teacher", "classifier.generated_weight"]);
    workplace.run("export bare --onnx generator");
}
