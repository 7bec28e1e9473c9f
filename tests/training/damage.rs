//! Every change of what training has saved is found: none is accepted, none panics.

use burn::tensor::Device;
use serde_json::Value;
use slgan::config::{Config, LabelBudget};
use slgan::data::{Dataset, glyphs};
use slgan::train::bundle;
use slgan::train::checkpoint::{self, CheckpointFiles};
use slgan::train::judge::Judge;
use slgan::train::state::State;
use slgan::train::task::Task;

fn task() -> Task {
    let data = Dataset {
        name: "glyphs".into(),
        class_names: (0..10).map(|class| format!("class {class}")).collect(),
        train: glyphs::split(0..200),
        test: glyphs::split(20_000..20_020),
        notes: Vec::new(),
    };
    Task::new(Config { label_budget: LabelBudget::Fraction(0.1), ..Config::default() }, data).unwrap()
}

fn state(task: &Task) -> State {
    State::new(&task.config, &task.architecture(), &Device::flex())
}

fn saved(task: &Task) -> CheckpointFiles {
    pollster::block_on(checkpoint::write(&state(task), &task.config, &task.subject)).unwrap()
}

/// The pointers of all values that are not containers.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, item)| leaves(item, &format!("{pointer}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, &format!("{pointer}/{index}"), found));
        }
        _ => found.push(pointer.to_owned()),
    }
}

/// Another value of the same kind.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(on) => (!on).into(),
        Value::Number(number) => match number.as_u64() {
            Some(whole) => (whole + 1).into(),
            None => (number.as_f64().unwrap() * 1.5 + 0.001).into(),
        },
        Value::String(text) => format!("{text}x").into(),
        _ => 1.into(),
    }
}

#[test]
fn every_changed_value_of_a_header_is_found() {
    let files = saved(&task());
    let header: Value = serde_json::from_slice(&files.header).unwrap();
    let mut pointers = Vec::new();
    leaves(&header, "", &mut pointers);
    assert!(pointers.len() > 60 && pointers.contains(&"/config/latent/radius".to_owned()), "{pointers:?}");
    for pointer in pointers {
        let mut changed = header.clone();
        let value = changed.pointer_mut(&pointer).unwrap();
        *value = other(value);
        for text in [serde_json::to_vec(&changed).unwrap(), serde_json::to_vec_pretty(&changed).unwrap()] {
            let error = checkpoint::read_header(&text).expect_err(&pointer).to_string();
            assert!(error.starts_with("state.json: "), "{error}");
        }
    }
}

#[test]
fn every_changed_byte_of_a_header_is_found() {
    let files = saved(&task());
    assert!(checkpoint::read_header(&files.header).is_ok());
    for place in 0..files.header.len() {
        for new in [files.header[place] ^ 1, files.header[place].wrapping_add(1), b' ', b'0', 0, 0xff] {
            let mut changed = files.header.clone();
            changed[place] = new;
            let is_same = changed == files.header;
            assert_eq!(checkpoint::read_header(&changed).is_ok(), is_same, "byte {place} as {new}");
        }
        assert!(checkpoint::read_header(&files.header[..place]).is_err(), "cut at {place}");
    }
}

#[test]
fn a_header_cannot_pass_for_one_without_a_seal() {
    let files = saved(&task());
    let mut header: Value = serde_json::from_slice(&files.header).unwrap();
    let message =
        |header: &Value| checkpoint::read_header(&serde_json::to_vec(header).unwrap()).unwrap_err().to_string();
    header["format"] = 1.into();
    assert!(message(&header).contains("damaged"), "{}", message(&header));
    header["format"] = 2.into();
    let seal = header.as_object_mut().unwrap().remove("seal").unwrap();
    assert!(message(&header).contains("damaged"), "{}", message(&header));
    for odd in [Value::Null, "".into(), "0".repeat(64).into(), format!("{}00", seal.as_str().unwrap()).into()] {
        header["seal"] = odd;
        assert!(message(&header).contains("damaged"), "{}", message(&header));
    }
    // Older versions wrote no seal.
    header["format"] = 1.into();
    header.as_object_mut().unwrap().remove("seal");
    assert_eq!(checkpoint::read_header(&serde_json::to_vec(&header).unwrap()).unwrap().subject, task().subject);
}

#[test]
fn damaged_tensors_are_found() {
    let task = task();
    let files = saved(&task);
    let header = checkpoint::read_header(&files.header).unwrap();
    checkpoint::verify(&header, &files.tensors).unwrap();
    let len = files.tensors.len();
    for part in 0..40 {
        let (place, bit) = (part * (len - 1) / 39, part % 8);
        let mut changed = files.tensors.clone();
        changed[place] ^= 1 << bit;
        let error = checkpoint::restore(state(&task), &header, &changed, &Device::flex()).unwrap_err().to_string();
        assert!(error.starts_with("state.safetensors: damaged"), "{error}");
        assert!(checkpoint::verify(&header, &files.tensors[..place]).is_err(), "cut at {place}");
    }
    assert!(checkpoint::verify(&header, &[files.tensors.as_slice(), b"x"].concat()).is_err());
}

#[test]
fn damaged_bundles_are_found() {
    let task = task();
    let header = checkpoint::read_header(&saved(&task).header).unwrap();
    let device = Device::flex();
    let bytes = pollster::block_on(bundle::write(&state(&task), &header)).unwrap();
    assert_eq!(bundle::read(&bytes, &device).unwrap().header, header);
    assert!(bytes == pollster::block_on(bundle::write(&state(&task), &header)).unwrap(), "equal states, equal bytes");
    let text = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let places = (0..text).step_by(7).chain((text..bytes.len()).step_by(2_003));
    for (number, place) in places.enumerate() {
        let mut changed = bytes.clone();
        changed[place] ^= 1 << (number % 8);
        assert!(bundle::read(&changed, &device).is_err(), "byte {place}");
        if number % 20 == 0 {
            assert!(bundle::read(&bytes[..place], &device).is_err(), "cut at {place}");
        }
    }
}

#[test]
fn a_bundle_of_an_older_checkpoint_is_sealed() {
    let task = task();
    let mut header = checkpoint::read_header(&saved(&task).header).unwrap();
    let newer = pollster::block_on(bundle::write(&state(&task), &header)).unwrap();
    header.format = 1;
    assert!(newer == pollster::block_on(bundle::write(&state(&task), &header)).unwrap());
}

#[test]
fn weights_that_are_not_finite_are_not_saved() {
    use slgan::nn::parameters::{values, with_values};
    let task = task();
    let mut state = state(&task);
    let mut values = values(&state.average);
    let weight = values.get_mut("input.weight").unwrap();
    *weight = weight.clone() * f32::NAN;
    state.average = with_values(state.average, &mut values);
    let error = pollster::block_on(checkpoint::write(&state, &task.config, &task.subject)).unwrap_err().to_string();
    assert_eq!(error, "state.safetensors: tensor `average.input.weight`: expected finite numbers, found NaN (F32)");
}

#[test]
fn a_saved_judge_without_a_seal_is_not_used() {
    let task = task();
    let error = pollster::block_on(Judge::load(&saved(&task).tensors, &task, &Device::flex())).unwrap_err().to_string();
    assert!(error.contains("older version"), "{error}");
    let error = pollster::block_on(Judge::load(b"nonsense", &task, &Device::flex())).unwrap_err().to_string();
    assert!(error.contains("not a safetensors file"), "{error}");
}
