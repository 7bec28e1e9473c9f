//! Reports that are compressed with gzip, which leaves about a third of their size.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};

use flate2::read::MultiGzDecoder;

use super::error::ReportError;

/// How every gzip file begins.
const MAGIC: &[u8] = b"\x1f\x8b";

/// Most bytes of the JSON. A report has less than two mebibytes; a small file can claim any size.
const MOST_BYTES: u64 = 64 << 20;

/// The JSON of a file, which may be compressed. The content decides, not the name: some servers unpack what they send.
///
/// # Errors
/// If the file is gzip, but cut short or damaged, or has more than any report.
pub fn unpacked(file: &[u8]) -> Result<Cow<'_, [u8]>, ReportError> {
    if !file.starts_with(MAGIC) {
        return Ok(Cow::Borrowed(file));
    }
    let mut json = Vec::new();
    let read = MultiGzDecoder::new(file).take(MOST_BYTES + 1).read_to_end(&mut json);
    match read {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(ReportError::CutPacked { bytes: file.len() }),
        Err(error) => Err(ReportError::Packed(error)),
        Ok(_) if json.len() as u64 > MOST_BYTES => Err(ReportError::TooLarge { most: MOST_BYTES >> 20 }),
        Ok(_) => Ok(Cow::Owned(json)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn message(file: &[u8]) -> String {
        unpacked(file).expect_err("it should not be readable").to_string()
    }

    #[test]
    fn what_was_packed_is_unpacked_and_all_else_stays() {
        let text = b"{\"schema\":\"slgan-repro-1\"}".repeat(50);
        assert!(packed(&text).len() < text.len() / 10);
        assert_eq!(*unpacked(&packed(&text)).unwrap(), text[..]);
        assert_eq!(*unpacked(&text).unwrap(), text[..]);
        assert_eq!(*unpacked(b"").unwrap(), b""[..]);
    }

    #[test]
    fn a_packed_file_that_was_cut_or_changed_is_told_so() {
        let text: Vec<u8> = (0..200_u8).collect();
        let file = packed(&text);
        for length in 2..file.len() {
            assert_eq!(message(&file[..length]), format!("cut short: the gzip file ends after {length} bytes"));
        }
        // The first ten bytes have flags, a time and a system, some of which nobody reads; all others are checked.
        for place in 10..file.len() {
            let mut changed = file.clone();
            changed[place] ^= 1;
            assert!(unpacked(&changed).is_err(), "byte {place}");
        }
        let mut changed = file.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(message(&changed).starts_with("damaged gzip file: "), "{}", message(&changed));
    }

    #[test]
    fn a_small_file_that_unpacks_to_very_much_is_refused() {
        let file = packed(&vec![b' '; MOST_BYTES as usize + 1]);
        assert!(file.len() < 200_000);
        assert_eq!(message(&file), "too large: it unpacks to more than 64 MiB, which no report has");
    }
}
