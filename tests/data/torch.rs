//! PyTorch's files of weights, in both formats, whole and damaged.

use slgan::data::torch::{TorchTensor, read_weights};

/// The same state dictionary in both formats: `tests/fixtures/make_torch.py` wrote them.
const FILES: [(&str, &[u8]); 2] =
    [("zip", include_bytes!("../fixtures/torch_zip.pth")), ("older", include_bytes!("../fixtures/torch_older.pth"))];

#[test]
fn tensors_of_float32_are_read_by_name_with_their_strides() {
    for (format, file) in FILES {
        let tensors = read_weights(file).unwrap();
        let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
        let norm = ["norm.bias", "norm.running_mean", "norm.running_var", "norm.weight"];
        assert_eq!(names, [&["first.weight"][..], &norm, &["second.weight"]].concat(), "{format}");
        let tensor = |dims: &[usize], values: &[f32]| TorchTensor { dims: dims.to_vec(), values: values.to_vec() };
        assert_eq!(tensors["norm.weight"], tensor(&[3], &[1.5, -2.0, 0.25]), "{format}");
        assert_eq!(tensors["norm.running_var"], tensor(&[3], &[1.0; 3]), "{format}");
        let last_rows: Vec<f32> = (4..12).map(|number| number as f32 / 4.0).collect();
        assert_eq!(tensors["first.weight"], tensor(&[2, 4], &last_rows), "{format}");
        let swapped: Vec<f32> =
            (0..4).flat_map(|column| (0..3).map(move |row| (row * 4 + column) as f32 / 4.0)).collect();
        assert_eq!(tensors["second.weight"], tensor(&[4, 3], &swapped), "{format}");
    }
}

#[test]
fn files_that_are_cut_short_are_refused() {
    for (format, file) in FILES {
        for length in (0..file.len()).step_by(7) {
            assert!(read_weights(&file[..length]).is_err(), "{format}: {length} of {} bytes", file.len());
        }
    }
}

#[test]
fn no_changed_byte_panics() {
    for (_, file) in FILES {
        for place in 0..file.len() {
            for value in [0, 0x28, 0x52, 0x80, 0xff] {
                let mut changed = file.to_vec();
                changed[place] = value;
                let _ = read_weights(&changed);
            }
        }
    }
}

#[test]
fn other_files_are_refused_in_words() {
    for bytes in [&b""[..], b"text", b"PK\x05\x06", b"\x80\x02}q\x00."] {
        let error = read_weights(bytes).unwrap_err().to_string();
        assert!(error.starts_with("weights: "), "{error}");
    }
}
