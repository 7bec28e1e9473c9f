//! The content decides what a file is.

use slgan::data::picture::{Format, Kind, sniff};

use slgan::data::FileSet;

use super::*;

#[test]
fn the_format_is_told_by_the_content() {
    for (name, bytes) in all() {
        let end = name.rsplit(['.', ' ']).next().unwrap().to_lowercase();
        let format = match end.as_str() {
            "jpg" => Format::Jpeg,
            "png" => Format::Png,
            "gif" => Format::Gif,
            "bmp" => Format::Bmp,
            "tif" | "tiff" => Format::Tiff,
            "webp" => Format::WebP,
            other => panic!("{other}"),
        };
        assert_eq!(sniff(&bytes[..64]), Kind::Picture(format), "{name}");
        assert!(pixels(&bytes).is_ok(), "{name}");
    }
}

#[test]
fn formats_that_are_not_read_are_named() {
    let boxes = |brands: &[u8]| [&[0, 0, 0, 8 + brands.len() as u8], &b"ftyp"[..], brands, &[0, 0, 0, 8]].concat();
    let heads: [(&[u8], &str); 12] = [
        (&boxes(b"avif\0\0\0\0mif1miaf"), "AVIF"),
        (&boxes(b"mif1\0\0\0\0mif1avif"), "AVIF"),
        (&boxes(b"heic\0\0\0\0mif1heic"), "HEIC"),
        (&boxes(b"mif1\0\0\0\0mif1heic"), "HEIC"),
        (&boxes(b"mif1\0\0\0\0mif1"), "HEIF"),
        (b"\xff\x0a\xfa\x7f\x01\x90\x08\x06", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"II*\0\x10\0\0\0CR\x02\0", "Canon"),
        (b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<svg>", "SVG"),
        (b"\0\0\x01\0\x01\0", "icon"),
    ];
    for (head, name) in heads {
        let fault = pixels(head).unwrap_err();
        assert_eq!(fault.reason(), "of a format that cannot be read", "{name}");
        assert!(fault.to_string().contains(name), "{fault}");
    }
}

#[test]
fn what_stands_in_the_place_of_a_picture_is_named() {
    let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n";
    let kinds: [(&[u8], Kind, &str); 8] = [
        (lfs, Kind::LfsPointer, "Git LFS pointers"),
        (b"/annex/objects/MD5E-s7--0.jpg\n", Kind::AnnexPointer, "git-annex pointers"),
        (b"../.git/annex/objects/aa/bb/MD5E-s7--0.jpg", Kind::AnnexPointer, "git-annex pointers"),
        (b"\r\n<!DOCTYPE html><title>404", Kind::Other("an HTML page"), "not pictures"),
        (b"PK\x03\x04\x14\0", Kind::Other("a zip archive"), "not pictures"),
        (b"", Kind::Empty, "not pictures"),
        (b"BMW builds cars, so this is text.", Kind::Unknown, "not pictures"),
        (b"convert WEBP to PNG", Kind::Unknown, "not pictures"),
    ];
    for (head, kind, reason) in kinds {
        assert_eq!(sniff(head), kind);
        let fault = pixels(head).unwrap_err();
        assert_eq!(fault.reason(), reason);
        assert!(fault.to_string().contains(&kind.to_string()), "{fault}");
    }
}

#[test]
fn a_picture_has_any_name_of_its_format_and_a_fault_names_the_file() {
    let names = ["a/1.JPE", "a/2.jfif", "a/3.pjpeg", "a/4.apng", "a/5.dib", "a/6.png"];
    let files: Vec<(&str, Vec<u8>)> = names.iter().map(|&name| (name, drawn("progressive.jpg"))).collect();
    let set = super::super::read(FileSet::Folder, &files).unwrap();
    assert_eq!(set.train.len() + set.test.len(), names.len());
    let pointer = decode("a/x.png", b"version https://git-lfs.github.com/spec/v1\n", SHAPE).unwrap_err().to_string();
    assert!(pointer.starts_with("a/x.png: not a readable picture: it is a Git LFS pointer"), "{pointer}");
}
