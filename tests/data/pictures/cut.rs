//! Pictures that end early.

use super::*;

/// Bytes of `name` with `more` put in before the first `marker`.
fn with(name: &str, marker: u8, more: &[u8]) -> Vec<u8> {
    let bytes = drawn(name);
    let at = bytes.windows(2).rposition(|pair| pair == [0xff, marker]).unwrap();
    [&bytes[..at], more, &bytes[at..]].concat()
}

#[test]
fn every_cut_is_an_error_unless_the_pixels_are_whole() {
    for (name, bytes) in all() {
        let whole = pixels(&bytes).unwrap();
        for length in 12..bytes.len() {
            match pixels(&bytes[..length]) {
                Ok(found) => assert!(found == whole && !name.ends_with("jpg"), "{name} of {length} bytes"),
                Err(fault) => assert_eq!(fault, PictureFault::CutShort, "{name} of {length} bytes"),
            }
        }
    }
}

#[test]
fn a_jpeg_ends_with_its_own_end_marker() {
    for (name, bytes) in DRAWN.iter().filter(|(name, _)| name.ends_with("jpg")) {
        let whole = pixels(bytes).unwrap();
        let followed = [bytes, b"MotionPhoto_Data \xff\xd8 \xff\xd9".as_slice(), &[0; 99]].concat();
        assert_eq!(pixels(&followed), Ok(whole), "{name}");
        for length in [bytes.len() / 4, bytes.len() / 2, bytes.len() - 2, bytes.len() - 1] {
            let mut reserved = bytes[..length].to_vec();
            reserved.resize(2 * bytes.len(), 0);
            assert_eq!(pixels(&reserved), Err(PictureFault::CutShort), "{name}: zeros after {length} bytes");
        }
    }
    let thumbnail = drawn("thumbnail.jpg");
    let end = thumbnail.windows(2).position(|pair| pair == [0xff, 0xd9]).unwrap() + 2;
    assert!(end < thumbnail.len() - 300);
    assert_eq!(pixels(&thumbnail[..end + 300]), Err(PictureFault::CutShort));
}

#[test]
fn a_jpeg_may_have_bytes_that_other_readers_pass_over() {
    for name in ["baseline.jpg", "restarts.jpg"] {
        let whole = pixels(&drawn(name));
        assert_eq!(pixels(&with(name, 0xd9, &[1, 2, 3, 4, 5, 6, 7, 8, 9])), whole, "{name}: before its end");
        assert_eq!(pixels(&with(name, 0xd9, &[0xff, 0xff, 0xff])), whole, "{name}: filled up before its end");
        assert_eq!(pixels(&with(name, 0xda, &[0; 20])), whole, "{name}: before its scan");
    }
}
