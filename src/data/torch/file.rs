//! The two formats of a file of weights.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::pickle::{self, Value};
use crate::data::DataError;

/// The name of such a file in errors.
const NAME: &str = "weights";

/// The lowest 64 bits of the number with which the older format begins.
const OLDER_FORMAT: i64 = 0xa86a_20f9_469c_fc6c_u64.cast_signed();

/// The pickles of the older format before the weights: that number, a version, and facts about the machine.
const PICKLES_BEFORE: usize = 3;

/// Numbers of a tensor, the last index fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct TorchTensor {
    /// The lengths of the axes.
    pub dims: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f32>,
}

/// Numbers by the key of their storage.
type Storages<'a> = BTreeMap<String, Cow<'a, [u8]>>;

/// The float32 tensors of a state dictionary, by name. Tensors of other types, such as counters, are left out.
///
/// # Errors
/// If the bytes are no file of `torch.save`, are damaged, or hold no dictionary of tensors.
pub fn read_weights(bytes: &[u8]) -> Result<BTreeMap<String, TorchTensor>, DataError> {
    let (root, storages) = if bytes.starts_with(b"PK") { read_zip(bytes)? } else { read_older(bytes)? };
    let Value::Dictionary(entries) = root else { return Err(bad("something else than a state dictionary")) };
    let mut tensors = BTreeMap::new();
    for (name, value) in entries {
        let (Value::Text(name), Value::Tensor(arguments)) = (name, value) else { continue };
        if is_single(&arguments) {
            let tensor = tensor(&arguments, &storages);
            let tensor = tensor.ok_or_else(|| bad(&format!("the tensor {name} without its numbers")))?;
            tensors.insert(name, tensor);
        }
    }
    if tensors.is_empty() { Err(bad("a dictionary without tensors of float32")) } else { Ok(tensors) }
}

fn bad(found: &str) -> DataError {
    DataError::content(NAME, "a state dictionary in a file of torch.save", found)
}

fn read_zip(bytes: &[u8]) -> Result<(Value, Storages<'_>), DataError> {
    let damaged = |error: &dyn Display| DataError::Read { file: NAME.to_owned(), message: error.to_string() };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    let folder =
        names.iter().find_map(|name| name.strip_suffix("data.pkl")).ok_or_else(|| bad("a zip without data.pkl"))?;
    let mut read = |name: &str| -> Result<Vec<u8>, DataError> {
        let mut content = Vec::new();
        let mut member = archive.by_name(name).map_err(|error| damaged(&error))?;
        member.read_to_end(&mut content).map_err(|error| damaged(&error))?;
        Ok(content)
    };
    let pickled = read(&format!("{folder}data.pkl"))?;
    let (root, _) = pickle::read(&pickled).ok_or_else(|| bad("a pickle that cannot be read"))?;
    let mut storages = Storages::new();
    let prefix = format!("{folder}data/");
    for name in &names {
        if let Some(key) = name.strip_prefix(&prefix) {
            storages.insert(key.to_owned(), read(name)?.into());
        }
    }
    Ok((root, storages))
}

fn read_older(bytes: &[u8]) -> Result<(Value, Storages<'_>), DataError> {
    let mut rest = bytes;
    let mut next = || {
        let (value, length) = pickle::read(rest)?;
        rest = &rest[length..];
        Some(value)
    };
    let before: Option<Vec<Value>> = (0..PICKLES_BEFORE).map(|_| next()).collect();
    if before.is_none_or(|before| before[0] != Value::Int(OLDER_FORMAT)) {
        return Err(bad("other first bytes"));
    }
    let (root, keys) = (next(), next());
    let (Some(root), Some(Value::Sequence(keys))) = (root, keys) else { return Err(bad("a file that is cut short")) };
    let mut widths = BTreeMap::new();
    storage_widths(&root, &mut widths);
    let mut storages = Storages::new();
    for key in keys {
        let Value::Text(key) = key else { return Err(bad("a storage without a name")) };
        let taken = widths.get(&key).and_then(|&width| take_storage(&mut rest, width));
        let numbers = taken.ok_or_else(|| bad("a file that is cut short"))?;
        storages.insert(key, numbers.into());
    }
    Ok((root, storages))
}

/// A storage of the older format: the count of its numbers, then their bytes.
fn take_storage<'a>(rest: &mut &'a [u8], width: usize) -> Option<&'a [u8]> {
    let (count, after) = rest.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(width)?;
    let (numbers, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(numbers)
}

/// Bytes of a number of each storage that tensors name.
fn storage_widths(root: &Value, widths: &mut BTreeMap<String, usize>) {
    let Value::Dictionary(entries) = root else { return };
    for (_, value) in entries {
        let Value::Tensor(arguments) = value else { continue };
        if let Some((kind, key)) = storage(arguments) {
            let width = match kind {
                "torch.DoubleStorage" | "torch.LongStorage" => 8,
                "torch.HalfStorage" | "torch.BFloat16Storage" | "torch.ShortStorage" => 2,
                "torch.CharStorage" | "torch.ByteStorage" | "torch.BoolStorage" => 1,
                _ => 4,
            };
            widths.insert(key.to_owned(), width);
        }
    }
}

/// Type and key of a tensor's storage: its description is `("storage", type, key, place, count)`, and in the older format
/// more.
fn storage(arguments: &[Value]) -> Option<(&str, &str)> {
    let Some(Value::Stored(description)) = arguments.first() else { return None };
    let Value::Sequence(parts) = &**description else { return None };
    match &parts[..] {
        [_, Value::Global(kind), Value::Text(key), ..] => Some((kind, key)),
        _ => None,
    }
}

fn is_single(arguments: &[Value]) -> bool {
    storage(arguments).is_some_and(|(kind, _)| kind == "torch.FloatStorage")
}

/// A tensor from storage, offset, lengths of axes, and strides; none if the storage does not hold it.
fn tensor(arguments: &[Value], storages: &Storages) -> Option<TorchTensor> {
    let (_, key) = storage(arguments)?;
    let [_, Value::Int(offset), dims, strides, ..] = arguments else { return None };
    let (dims, strides) = (lengths(dims)?, lengths(strides)?);
    let numbers = storages.get(key)?.as_chunks::<4>().0;
    let count = dims.iter().try_fold(1_usize, |count, &dim| count.checked_mul(dim))?;
    if dims.len() != strides.len() || count > numbers.len() {
        return None;
    }
    let offset = usize::try_from(*offset).ok()?;
    let value = |index: usize| {
        let (mut left, mut place) = (index, offset);
        for (&dim, &stride) in dims.iter().zip(&strides).rev() {
            place = place.checked_add((left % dim).checked_mul(stride)?)?;
            left /= dim;
        }
        Some(f32::from_le_bytes(*numbers.get(place)?))
    };
    let values: Option<Vec<f32>> = (0..count).map(value).collect();
    Some(TorchTensor { values: values?, dims })
}

fn lengths(value: &Value) -> Option<Vec<usize>> {
    let Value::Sequence(items) = value else { return None };
    let length = |item: &Value| match item {
        Value::Int(length) => usize::try_from(*length).ok(),
        _ => None,
    };
    items.iter().map(length).collect()
}
