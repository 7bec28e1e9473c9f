//! Tensors survive a round trip, and errors name tensors that do not fit.

use super::*;

const NAME: &str = "part.weight";

/// A file with one tensor `[2, 2]`.
fn file(precision: Precision) -> Vec<u8> {
    written(precision, [1.0, -2.5, 0.125, 6.0e4]).unwrap()
}

fn written(precision: Precision, values: [f32; 4]) -> Result<Vec<u8>, TensorsError> {
    let values = Tensor::from_data(values, &Device::flex());
    let mut tensors = NamedTensors::default();
    let shapes = BTreeMap::from([("weight".to_owned(), vec![2, 2])]);
    tensors.add("part.", &shapes, Named::from([("weight".to_owned(), values)]));
    pollster::block_on(tensors.write(precision, Some(("about", "a test".to_owned()))))
}

fn take(bytes: &[u8], precision: Precision, shape: [usize; 2]) -> Result<Vec<f32>, String> {
    let device = Device::flex();
    let mut stored = StoredTensors::open(bytes, precision, &device).map_err(|error| error.to_string())?;
    let shapes = BTreeMap::from([("weight".to_owned(), shape.to_vec()), ("absent".to_owned(), vec![1])]);
    let found = stored.take_present("part.", &shapes).map_err(|error| error.to_string())?;
    stored.finish().map_err(|error| error.to_string())?;
    assert_eq!(found.len(), 1);
    Ok(found["weight"].clone().into_data().iter::<f32>().collect())
}

#[test]
fn values_have_the_precision_of_the_file() {
    let single = take(&file(Precision::Single), Precision::Single, [2, 2]);
    assert_eq!(single, Ok(vec![1.0, -2.5, 0.125, 6.0e4]));
    let half = take(&file(Precision::Half), Precision::Half, [2, 2]);
    assert_eq!(half, Ok(vec![1.0, -2.5, 0.125, 6.0e4]));
}

#[test]
fn metadata_is_read_by_its_key() {
    let bytes = file(Precision::Single);
    let (text, about) = read_metadata(&bytes, "about").unwrap();
    assert_eq!((bytes.len() - text, about.as_deref()), (16, Some("a test")));
    assert_eq!(read_metadata(&bytes, "else").unwrap(), (text, None));
}

#[test]
fn numbers_that_are_not_finite_are_neither_written_nor_read() {
    for (bad, name) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let message = format!("tensor `{NAME}`: expected finite numbers, found {name} (F32)");
        let error = written(Precision::Single, [0.0, 0.0, bad, 0.0]).unwrap_err();
        assert_eq!(error.to_string(), message);
        let mut bytes = file(Precision::Single);
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&bad.to_le_bytes());
        assert_eq!(take(&bytes, Precision::Single, [2, 2]), Err(message.clone()));
        assert_eq!(check_finite(&bytes).unwrap_err().to_string(), message);
    }
    let large = written(Precision::Half, [0.0, 3.0e5, 0.0, 0.0]).unwrap_err();
    assert_eq!(large.to_string(), format!("tensor `{NAME}`: expected finite numbers, found inf (F16)"));
    assert!(check_finite(&file(Precision::Single)).is_ok() && check_finite(b"no file").is_err());
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let bytes = file(Precision::Single);
    let shape = take(&bytes, Precision::Single, [4, 1]).unwrap_err();
    assert_eq!(shape, format!("tensor `{NAME}`: expected F32 [4, 1], found F32 [2, 2]"));
    let precision = take(&bytes, Precision::Half, [2, 2]).unwrap_err();
    assert_eq!(precision, format!("tensor `{NAME}`: expected F16 [2, 2], found F32 [2, 2]"));
    let device = Device::flex();
    let untouched = StoredTensors::open(&bytes, Precision::Single, &device).unwrap().finish().unwrap_err();
    assert_eq!(untouched.to_string(), format!("tensor `{NAME}`: expected no such tensor, found F32 [2, 2]"));
    let cut = take(&bytes[..bytes.len() - 1], Precision::Single, [2, 2]).unwrap_err();
    assert!(cut.starts_with("not a safetensors file: "), "{cut}");
}
