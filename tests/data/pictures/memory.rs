//! The bound of memory.

use std::io::Write;

use flate2::{Compression, Crc, write::ZlibEncoder};
use slgan::data::picture::{LIMIT, decode_within};

use super::*;

const MIB: u64 = 1 << 20;

/// A PNG of black and white stripes; `rows` are in the file.
fn stripes(width: u32, height: u32, rows: u32) -> Vec<u8> {
    let mut data = ZlibEncoder::new(Vec::new(), Compression::fast());
    let row: Vec<u8> = [0].into_iter().chain((0..width.div_ceil(8)).map(|_| 0xaa)).collect();
    (0..rows).for_each(|_| data.write_all(&row).unwrap());
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &data.finish().unwrap()), chunk(b"IEND", &[])];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let (mut sum, body) = (Crc::new(), [kind, data].concat());
    sum.update(&body);
    [&(data.len() as u32).to_be_bytes()[..], &body, &sum.sum().to_be_bytes()].concat()
}

#[test]
fn a_scan_is_reduced_within_the_bound_or_refused() {
    let scan = stripes(4000, 5000, 5000);
    let small = decode_within("x", &scan, SHAPE, 40 * MIB).unwrap();
    assert!(small.iter().all(|&value| (120..=135).contains(&value)), "{small:?}");
    let refused = fault(decode_within("x", &scan, SHAPE, 30 * MIB).unwrap_err());
    let PictureFault::TooLarge { width: 4000, height: 5000, memory, limit } = refused else { panic!("{refused}") };
    assert!((30 * MIB..40 * MIB).contains(&memory) && limit == 30 * MIB, "{memory}");
    let parts = ["4000 x 5000 pixels", "at least 36 MiB", "at most 30 MiB"];
    super::super::assert_reports(&refused.to_string(), &parts);
}

#[test]
fn a_panorama_is_read() {
    assert!(pixels(&stripes(40_000, 1_000, 1_000)).is_ok());
}

#[test]
fn huge_claims_are_refused_in_every_format() {
    let sides = |bytes: &[u8], at: usize, side: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + 2 * side.len()].copy_from_slice(&[side, side].concat());
        bytes
    };
    let clear = |format: &str| all().into_iter().find(|(name, _)| name == format).unwrap().1;
    let jpeg = drawn("progressive.jpg");
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc2]).unwrap();
    let gif = drawn("moving.gif");
    let claims = [
        ("PNG", stripes(60_000, 60_000, 1)),
        ("JPEG", sides(&jpeg, frame + 5, &[0xfd, 0xe8])),
        ("GIF", sides(&gif, 6, &[0xff, 0xff])),
        ("WebP", sides(&drawn("clear.webp"), 24, &[0xff, 0x7f, 0])),
        ("BMP", sides(&clear("clear Bmp"), 18, &[0, 0xf0, 0, 0])),
    ];
    for (name, bytes) in claims {
        let fault = pixels(&bytes).unwrap_err();
        let PictureFault::TooLarge { memory, limit, .. } = fault else { panic!("{name}: {fault}") };
        assert!(memory > limit && limit == LIMIT && fault.reason() == "too large", "{name}");
    }
}

#[test]
fn a_file_counts_too() {
    let followed = [drawn("baseline.jpg"), vec![0; 12 << 20]].concat();
    assert!(decode_within("x", &followed, SHAPE, 64 * MIB).is_ok());
    let refused = fault(decode_within("x", &followed, SHAPE, 32 * MIB).unwrap_err());
    assert!(matches!(refused, PictureFault::LargeFile { .. }) && refused.reason() == "too large", "{refused}");
}

#[test]
fn a_colour_profile_that_inflates_is_not_kept() {
    let mut profile = ZlibEncoder::new(b"x\0\0".to_vec(), Compression::best());
    (0..64).for_each(|_| profile.write_all(&[0; 1 << 20]).unwrap());
    let png = stripes(8, 8, 8);
    let bomb = [&png[..33], &chunk(b"iCCP", &profile.finish().unwrap()), &png[33..]].concat();
    assert_eq!(pixels(&bomb), pixels(&png));
}
