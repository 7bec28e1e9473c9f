//! Writes event files for TensorBoard, without TensorFlow.
//!
//! A file is a sequence of TFRecords, each with one `Event` message. This module declares the few messages that it
//! needs, so that the build needs no protobuf compiler. Field numbers and types match TensorFlow's `event.proto`
//! and `summary.proto`.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use prost::Message;

/// The format version, in the first event of every file.
const FILE_VERSION: &str = "brain.Event:2";
/// `Image.colorspace` for RGB; viewers take the colours from the PNG itself.
const COLORSPACE_RGB: i32 = 3;

/// An open TensorBoard event file.
///
/// It buffers events: a kill loses those since the last [`flush`](Self::flush).
pub struct TensorBoard {
    path: PathBuf,
    file: BufWriter<File>,
}

impl TensorBoard {
    /// Starts a new event file in `dir`, which must exist. Files of earlier runs stay.
    ///
    /// # Errors
    /// If the file cannot be created or written.
    pub fn create(dir: &Path) -> anyhow::Result<Self> {
        let (path, file) = create_event_file(dir)?;
        let mut board = Self { path, file: BufWriter::new(file) };
        board.write(Event {
            wall_time: wall_time()?,
            file_version: Some(FILE_VERSION.to_owned()),
            ..Event::default()
        })?;
        board.flush()?;
        Ok(board)
    }

    /// Adds one point to the curve `tag`, as f32.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn scalar(&mut self, tag: &str, step: u64, value: f64) -> anyhow::Result<()> {
        self.summary(step, Value { tag: tag.to_owned(), simple_value: Some(value as f32), image: None })
    }

    /// Adds a picture of `width` x `height` pixels, encoded as PNG, under `tag`.
    ///
    /// # Errors
    /// If the file cannot be written or a side does not fit the file format.
    pub fn image(&mut self, tag: &str, step: u64, png: &[u8], width: u32, height: u32) -> anyhow::Result<()> {
        let image = Image {
            height: height.try_into()?,
            width: width.try_into()?,
            colorspace: COLORSPACE_RGB,
            encoded_image_string: png.to_vec(),
        };
        self.summary(step, Value { tag: tag.to_owned(), simple_value: None, image: Some(image) })
    }

    /// Passes all events to the operating system, so that a running TensorBoard sees them.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        self.file.flush().with_context(|| self.path.display().to_string())
    }

    fn summary(&mut self, step: u64, value: Value) -> anyhow::Result<()> {
        let summary = Some(Summary { values: vec![value] });
        self.write(Event { wall_time: wall_time()?, step: step.try_into()?, file_version: None, summary })
    }

    fn write(&mut self, event: Event) -> anyhow::Result<()> {
        write_record(&mut self.file, &event.encode_to_vec()).with_context(|| self.path.display().to_string())
    }
}

/// Seconds since 1970.
fn wall_time() -> anyhow::Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is set before 1970")?.as_secs_f64())
}

/// Creates `events.out.tfevents.<seconds>.slgan`, or the next free second if another run took this one.
///
/// TensorBoard recognises event files by the middle of the name, and reads them in the order of their seconds.
fn create_event_file(dir: &Path) -> anyhow::Result<(PathBuf, File)> {
    let mut seconds = wall_time()? as u64;
    loop {
        let path = dir.join(format!("events.out.tfevents.{seconds}.slgan"));
        match File::create_new(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => seconds += 1,
            outcome => {
                let file = outcome.with_context(|| format!("creating {}", path.display()))?;
                return Ok((path, file));
            }
        }
    }
}

/// Writes one TFRecord: the length, its checksum, the data, its checksum, all little-endian.
fn write_record(file: &mut impl Write, data: &[u8]) -> std::io::Result<()> {
    let length = (data.len() as u64).to_le_bytes();
    file.write_all(&length)?;
    file.write_all(&masked_crc(&length).to_le_bytes())?;
    file.write_all(data)?;
    file.write_all(&masked_crc(data).to_le_bytes())
}

/// The CRC-32C of `data`, masked as TFRecord requires, because a plain CRC of data that contains CRCs is weak.
fn masked_crc(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

// Protobuf encodes a `oneof` like optional fields with one set, so these messages declare optional fields.

#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
    #[prost(message, optional, tag = "4")]
    image: Option<Image>,
}

#[derive(Clone, PartialEq, Message)]
struct Image {
    #[prost(int32, tag = "1")]
    height: i32,
    #[prost(int32, tag = "2")]
    width: i32,
    #[prost(int32, tag = "3")]
    colorspace: i32,
    #[prost(bytes = "vec", tag = "4")]
    encoded_image_string: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The CRC-32C by its definition: bit by bit, polynomial 0x1EDC6F41 reflected.
    fn crc32c_by_bits(data: &[u8]) -> u32 {
        let step = |crc: u32| (crc >> 1) ^ if crc & 1 == 1 { 0x82F6_3B78 } else { 0 };
        !data.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
    }

    /// Splits a file into the data of its records, and checks every length and checksum.
    fn records(mut file: &[u8]) -> Vec<Vec<u8>> {
        let mut records = Vec::new();
        while !file.is_empty() {
            let (length, rest) = file.split_at(8);
            let (length_crc, rest) = rest.split_at(4);
            let (data, rest) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
            let (data_crc, rest) = rest.split_at(4);
            for (bytes, stored) in [(length, length_crc), (data, data_crc)] {
                let crc = crc32c_by_bits(bytes);
                let masked = crc.rotate_left(17).wrapping_add(0xa282_ead8);
                assert_eq!(stored, masked.to_le_bytes());
            }
            records.push(data.to_vec());
            file = rest;
        }
        records
    }

    fn only_file_in(dir: &Path) -> PathBuf {
        let mut files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let file = files.next().unwrap();
        assert_eq!(files.next(), None);
        file
    }

    #[test]
    fn written_events_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut board = TensorBoard::create(dir.path()).unwrap();
        board.scalar("loss/d", 500, 1.25).unwrap();
        board.image("samples", 1_000, b"not really a PNG", 34, 17).unwrap();
        board.scalar("loss/d", 5_000_000_000, f64::NAN).unwrap();
        board.flush().unwrap();

        let path = only_file_in(dir.path());
        assert!(path.file_name().unwrap().to_str().unwrap().starts_with("events.out.tfevents."));
        let records = records(&std::fs::read(path).unwrap());
        let events: Vec<Event> = records.iter().map(|data| Event::decode(&data[..]).unwrap()).collect();
        assert!(events.iter().all(|event| event.wall_time > 1.6e9));
        assert_eq!(events.iter().map(|event| event.step).collect::<Vec<_>>(), [0, 500, 1_000, 5_000_000_000]);
        assert_eq!(events[0].file_version.as_deref(), Some("brain.Event:2"));
        assert_eq!(events[0].summary, None);

        let value = |event: &Event| event.summary.as_ref().unwrap().values[0].clone();
        let scalar = Value { tag: "loss/d".to_owned(), simple_value: Some(1.25), image: None };
        assert_eq!(value(&events[1]), scalar);
        let png = b"not really a PNG".to_vec();
        let image = Image { height: 17, width: 34, colorspace: 3, encoded_image_string: png };
        assert_eq!(value(&events[2]), Value { tag: "samples".to_owned(), simple_value: None, image: Some(image) });
        assert!(value(&events[3]).simple_value.unwrap().is_nan());
    }

    #[test]
    fn field_numbers_are_those_of_tensorflow() {
        let value = Value { tag: "a".to_owned(), simple_value: Some(1.0), image: None };
        let summary = Some(Summary { values: vec![value] });
        let bytes = Event { wall_time: 2.0, step: 3, file_version: None, summary }.encode_to_vec();
        let expected = [9, 0, 0, 0, 0, 0, 0, 0, 64, 16, 3, 42, 10, 10, 8, 10, 1, b'a', 21, 0, 0, 128, 63];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn runs_that_start_in_the_same_second_get_separate_files() {
        let dir = tempfile::tempdir().unwrap();
        let boards: Vec<TensorBoard> = (0..3).map(|_| TensorBoard::create(dir.path()).unwrap()).collect();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), boards.len());
        assert!(TensorBoard::create(&dir.path().join("missing")).is_err());
    }
}
