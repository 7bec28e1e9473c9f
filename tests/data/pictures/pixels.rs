//! Pixels are those of the first version, which copied the whole picture at every step. Fingerprints depend on them.

use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{ColorType, GrayImage, ImageDecoder, ImageReader, Rgb, RgbImage};

use super::*;

fn first_version(bytes: &[u8], shape: ImageShape) -> Vec<u8> {
    let mut decoder = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap().into_decoder().unwrap();
    let orientation = decoder.orientation().unwrap();
    let mut picture = DynamicImage::from_decoder(decoder).unwrap();
    picture.apply_orientation(orientation);
    let side = picture.width().min(picture.height());
    let (left, top) = ((picture.width() - side) / 2, (picture.height() - side) / 2);
    let rgba = picture.crop_imm(left, top, side, side).to_rgba8();
    let square = RgbImage::from_fn(side, side, |x, y| {
        let [red, green, blue, alpha] = rgba.get_pixel(x, y).0.map(u32::from);
        Rgb([red, green, blue].map(|value| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    });
    let small = imageops::resize(&square, shape.size as u32, shape.size as u32, FilterType::Triangle);
    let luma = |[red, green, blue]: [u32; 3]| ((77 * red + 150 * green + 29 * blue + 128) >> 8) as u8;
    match shape.channels {
        1 => small.pixels().map(|pixel| luma(pixel.0.map(u32::from))).collect(),
        _ => (0..3).flat_map(|channel| small.pixels().map(move |pixel| pixel[channel])).collect(),
    }
}

#[track_caller]
fn check(name: &str, bytes: &[u8]) {
    for (channels, size) in [(3, 1), (1, 7), (3, 16), (3, 32), (1, 65)] {
        let shape = ImageShape { channels, size };
        assert!(decode("x", bytes, shape).unwrap() == first_version(bytes, shape), "{name} to {shape}");
    }
}

/// Noise, in the bytes of a colour type.
fn noise(width: u32, height: u32, color: ColorType) -> DynamicImage {
    let mut state = 7 + width + 1000 * height;
    let mut value = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as u16
    };
    let mut picture = DynamicImage::new(width, height, color);
    match &mut picture {
        DynamicImage::ImageRgb32F(buffer) => {
            buffer.iter_mut().for_each(|sample| *sample = f32::from(value()) / 60_000.0 - 0.05);
        }
        DynamicImage::ImageRgba16(buffer) => buffer.iter_mut().for_each(|sample| *sample = value()),
        DynamicImage::ImageRgb16(buffer) => buffer.iter_mut().for_each(|sample| *sample = value()),
        DynamicImage::ImageLumaA16(buffer) => buffer.iter_mut().for_each(|sample| *sample = value()),
        DynamicImage::ImageLuma16(buffer) => buffer.iter_mut().for_each(|sample| *sample = value()),
        DynamicImage::ImageRgba8(buffer) => buffer.iter_mut().for_each(|sample| *sample = value() as u8),
        DynamicImage::ImageRgb8(buffer) => buffer.iter_mut().for_each(|sample| *sample = value() as u8),
        DynamicImage::ImageLumaA8(buffer) => buffer.iter_mut().for_each(|sample| *sample = value() as u8),
        DynamicImage::ImageLuma8(buffer) => buffer.iter_mut().for_each(|sample| *sample = value() as u8),
        other => panic!("{:?}", other.color()),
    }
    picture
}

#[test]
fn every_drawn_picture_keeps_its_pixels() {
    for (name, bytes) in all() {
        check(&name, &bytes);
    }
}

#[test]
fn every_size_keeps_its_pixels() {
    for (width, height) in [(1, 1), (1, 40), (33, 1), (5, 3), (16, 16), (17, 33), (32, 90), (63, 201), (255, 256)] {
        let bytes = encode(noise(width, height, ColorType::Rgba8), ImageFormat::Png);
        check(&format!("{width} x {height}"), &bytes);
    }
}

#[test]
fn every_depth_and_channel_keeps_its_pixels() {
    use ColorType::{L8, L16, La8, La16, Rgb8, Rgb16, Rgba8, Rgba16};
    for color in [L8, L16, La8, La16, Rgb8, Rgb16, Rgba8, Rgba16] {
        check(&format!("{color:?}"), &encode(noise(50, 37, color), ImageFormat::Png));
    }
    check("floats", &encode(noise(50, 37, ColorType::Rgb32F), ImageFormat::Tiff));
}

#[test]
fn pixels_that_are_not_numbers_are_damage() {
    let mut picture = noise(50, 37, ColorType::Rgb32F);
    picture.as_mut_rgb32f().unwrap().get_pixel_mut(49, 36).0[1] = f32::NAN;
    let error = decode("a.tif", &encode(picture, ImageFormat::Tiff), ImageShape { channels: 3, size: 16 }).unwrap_err();
    assert_eq!(error.to_string(), "a.tif: not a readable picture: it is damaged: a pixel is not a number (NaN)");
}

#[test]
fn every_orientation_keeps_its_pixels() {
    let jpegs =
        [(41, 23), (20, 53)].map(|(width, height)| encode(noise(width, height, ColorType::Rgb8), ImageFormat::Jpeg));
    for (jpeg, value) in jpegs.iter().flat_map(|jpeg| (1..=8).map(move |value| (jpeg, value))) {
        let mut exif = *b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
        exif[29] = value;
        let turned = [&jpeg[..2], &exif, &jpeg[2..]].concat();
        let mut decoder = ImageReader::with_format(Cursor::new(&turned), ImageFormat::Jpeg).into_decoder().unwrap();
        assert_eq!(Some(decoder.orientation().unwrap()), Orientation::from_exif(value));
        check(&format!("orientation {value}"), &turned);
    }
}

#[test]
fn bands_meet_without_a_seam() {
    let ramp = GrayImage::from_fn(3, 100, |_, y| image::Luma([(y * 2) as u8]));
    check("a ramp", &encode(ramp, ImageFormat::Png));
    let square = noise(100, 100, ColorType::La8);
    check("a hundred rows", &encode(square, ImageFormat::Png));
}
